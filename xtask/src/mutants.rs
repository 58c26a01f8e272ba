//! `cargo xtask mutants`: mutants of the manifests by themselves, in shards, and built from nothing.
//!
//! A rehearsal runs the same deltas. The one fact to know: `--full` renders each mutated definition anew,
//! applies it from nothing and demands the verdict of its delta [ruling B17]; shards are merged by
//! `--merge`, which refuses two that overlap and a set with a gap.

mod report;

use crate::cli::{Format, MutantsArgs};
use crate::exit::{Code, CommandError};
use crate::progress::Spinner;
use crate::rehearse::{interruptible, root, runtime};
use crate::sources::{REFERENCE_CAPTURE, fix7, live_facts, load_capture};
use authoring::row_mutants;
use rehearsal::{Committed, ManifestMutant, Progress as _, Started};
use report::{Entry, Report};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

pub(crate) fn run(args: &MutantsArgs, out: &mut dyn Write) -> Result<Code, CommandError> {
    let committed = rehearsal::load(&root())?;
    let ids: Vec<&str> = committed
        .mutants
        .iter()
        .map(|mutant| mutant.id.as_str())
        .collect();
    demand_known(&args.only, &ids)?;
    let report = if args.merge.is_empty() {
        let mut spinner = Spinner::new();
        let report = runtime()?.block_on(interruptible(measure(args, &committed, &mut spinner)));
        spinner.finish();
        report??
    } else {
        report::merge(&args.merge, &ids)?
    };
    match args.format {
        Format::Human => out.write_all(report.summary().as_bytes())?,
        Format::Json => writeln!(out, "{}", report.json()?)?,
    }
    Ok(if report.is_green() {
        Code::Pass
    } else {
        Code::Finding
    })
}

/// Every id that was asked for is a mutant's.
fn demand_known(only: &[String], ids: &[&str]) -> Result<(), CommandError> {
    match only.iter().find(|id| !ids.contains(&id.as_str())) {
        None => Ok(()),
        Some(id) => Err(CommandError::Usage(format!(
            "expected the id of a mutant, as `cargo xtask mutants --format json` prints them, found `{}`",
            evidence::escaped(id)
        ))),
    }
}

/// The mutants that were asked for, else those of this shard: every Nth, so that each shard has some of every table.
fn wanted<'a>(args: &MutantsArgs, committed: &'a Committed) -> Vec<&'a ManifestMutant> {
    if !args.only.is_empty() {
        let all = committed.mutants.iter();
        return all.filter(|mutant| args.only.contains(&mutant.id)).collect();
    }
    let (number, of) = args.shard;
    let mine = |at: usize| at % of == number - 1;
    let mutants = committed.mutants.iter().enumerate();
    mutants
        .filter(|(at, _)| mine(*at))
        .map(|(_, mutant)| mutant)
        .collect()
}

async fn measure(
    args: &MutantsArgs,
    committed: &Committed,
    spinner: &mut Spinner,
) -> Result<Report, CommandError> {
    let started = rehearsal::start(&args.server.options(), committed, spinner).await?;
    let committed =
        &crate::majors::committed_for(started.server(), &root(), rehearsal::load(&root())?).await?;
    let wanted = wanted(args, committed);
    let ids: BTreeSet<String> = wanted.iter().map(|mutant| mutant.id.clone()).collect();
    spinner.step("mutants, as deltas");
    let deltas = started.mutants(committed, &ids).await?;
    let mut ends: BTreeMap<String, Entry> = deltas
        .into_iter()
        .map(|outcome| (outcome.id.clone(), Entry::of(outcome)))
        .collect();
    if args.full {
        from_nothing(committed, &wanted, &started, &mut ends, spinner).await?;
    }
    started.stop().await?;
    Ok(Report::new(args.shard, args.full, committed.mutants.len(), ends))
}

async fn from_nothing(
    committed: &Committed,
    wanted: &[&ManifestMutant],
    started: &Started,
    ends: &mut BTreeMap<String, Entry>,
    spinner: &mut Spinner,
) -> Result<(), CommandError> {
    let plane = &fix7_manifest::FIX7;
    let unreadable = |error: &dyn std::fmt::Display| CommandError::Environment(error.to_string());
    let capture = load_capture(&root(), REFERENCE_CAPTURE).map_err(|error| unreadable(&error))?;
    let live = capture.ok_or_else(|| unreadable(&"there is no capture `reference`"))?;
    let live = live_facts(&root(), &live).map_err(|error| unreadable(&error))?;
    let sources = fix7(Some(&live));
    let versions =
        authoring::approved_versions(&sources, &live, &root()).map_err(|error| unreadable(&error))?;
    let rows = row_mutants::all(plane, &versions);
    let all = mutants::all(plane);
    let definitions: BTreeMap<&str, &mutants::Mutant> =
        all.iter().map(|mutant| (mutant.id.as_str(), mutant)).collect();
    let sound = started.sound_state(committed).await?;
    for (mutant, number) in wanted.iter().zip(1..) {
        spinner.step(&format!("mutants from nothing: {number} of {}", wanted.len()));
        let files = if let Some(definition) = definitions.get(mutant.id.as_str()) {
            authoring::mutants::rebuilt(plane, definition)
        } else if let Some(row) = rows.iter().find(|row| row.id == mutant.id) {
            row_mutants::rebuilt(&sources, &versions, row).map_err(|error| unreadable(&error))?
        } else {
            return Err(CommandError::Environment(format!(
                "the manifests have no mutant `{}`; run `cargo xtask author` first",
                mutant.id
            )));
        };
        let outcome = started.rebuilt(committed, mutant, &files, &sound).await?;
        if let Some(entry) = ends.get_mut(&mutant.id) {
            entry.from_nothing = Some(outcome.end);
        }
    }
    Ok(())
}
