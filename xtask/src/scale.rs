//! `cargo xtask bench --scale`: a rehearsal of ten and a hundred times the surfaces, in both shapes.
//!
//! One rolled-back transaction, or everything committed to a database that is dropped; the same verdicts
//! either way. The one fact to know: the cost of a test is that of its server process, in CPU time, where
//! this machine shows it, for others may be busy here too.

pub(crate) mod copies;

use crate::cli::BenchArgs;
use crate::exit::{Code, CommandError};
use crate::{rehearse, sources};
use committed_clone::CommittedClone;
use fix7_manifest::FIX7;
use rehearsal::{Committed, OneTransaction, Spent, Suite, in_one_transaction, server_options, suite_beside};
use std::io::Write;
use std::time::Instant;
use throwaway_postgres::Options;

/// One transaction with more objects than these is not waited for: its end alone takes minutes.
const ONE_TRANSACTION_TO: usize = 4_000;
/// A test may cost this much more beside more planes, and still count as flat.
const FLAT: f64 = 1.5;

/// One size, measured.
struct Size {
    surfaces: usize,
    objects: usize,
    one: Option<OneTransaction>,
    kept: Kept,
}

/// Everything committed.
struct Kept {
    apply_ms: f64,
    suites: Vec<Suite>,
    drop_ms: f64,
}

pub(crate) fn run(args: &BenchArgs, sizes: &[usize], out: &mut dyn Write) -> Result<Code, CommandError> {
    let per_plane = FIX7.surfaces.len();
    if let Some(odd) = sizes.iter().find(|size| **size == 0 || **size % per_plane != 0) {
        return Err(CommandError::Usage(format!(
            "can't measure {odd} surfaces: a control plane has {per_plane}, so a size is a multiple of it"
        )));
    }
    let root = rehearse::root();
    let capture = sources::load_capture(&root, sources::REFERENCE_CAPTURE).map_err(environment)?;
    let capture = capture.ok_or_else(|| CommandError::Usage("there is no committed capture".to_owned()))?;
    let live = sources::live_facts(&root, &capture).map_err(environment)?;
    let most = sizes.iter().max().map_or(1, |size| size / per_plane);
    let begun = Instant::now();
    let all_tried = sizes.iter().map(|size| size / per_plane - 1).collect();
    let planes = copies::planes(&root, &live, most, &all_tried).map_err(environment)?;
    writeln!(out, "{most} control planes authored in {:.0} ms\n", millis(begun))?;
    heading(out)?;
    let runtime = rehearse::runtime()?;
    let mut measured: Vec<Size> = Vec::new();
    for size in sizes {
        let planes = &planes[..size / per_plane];
        let work = measure(args, capture.server_major(), planes);
        let found = runtime.block_on(rehearse::interruptible(work))??;
        print(&found, measured.first(), out)?;
        measured.push(found);
    }
    conclude(&measured, out)
}

async fn measure(args: &BenchArgs, major: u32, planes: &[Committed]) -> Result<Size, CommandError> {
    // One suite shows what a test costs beside all the others: the last one's.
    let tried = [planes.len() - 1];
    let options = Options {
        // A transaction that makes everything holds a lock on everything.
        max_locks_per_transaction: 1024 * u32::try_from(planes.len().min(16)).unwrap_or(16),
        ..server_options(&args.server.options(), &planes[0])
    };
    let objects: usize = planes.iter().map(rehearsal::objects).sum();
    let database = &planes[0].plan.database;
    let server = throwaway_postgres::start(&options).await.map_err(environment)?;
    if server.version_num() / 10_000 != major {
        return Err(CommandError::Usage(format!(
            "the planes are authored for PostgreSQL {major}, the captured major, and this is {}; name another by `--pg-bin DIR`",
            server.version()
        )));
    }
    let one = if objects > ONE_TRANSACTION_TO {
        None
    } else {
        Some(in_one_transaction(&server.connect_options(database), planes, &tried).await?)
    };
    let kept = commit(&server, planes, &tried).await;
    server.stop().await.map_err(environment)?;
    Ok(Size {
        surfaces: planes.len() * FIX7.surfaces.len(),
        objects,
        one,
        kept: kept?,
    })
}

async fn commit(
    server: &throwaway_postgres::Server,
    planes: &[Committed],
    tried: &[usize],
) -> Result<Kept, CommandError> {
    let cluster = server.disposable().ok_or_else(|| {
        CommandError::Usage("nothing is committed on a server of others; use a throwaway one".to_owned())
    })?;
    let begun = Instant::now();
    let mut last = None;
    for (at, plane) in planes.iter().enumerate() {
        let mut clone = CommittedClone::open(cluster, plane).await?;
        let applied = if at == 0 {
            clone.apply().await?
        } else {
            clone.apply_files().await?
        };
        if !applied {
            return Err(CommandError::Environment(format!("{:?}", clone.findings())));
        }
        last = Some(clone);
    }
    if let Some(clone) = &mut last {
        clone.analyze().await?;
    }
    let apply_ms = millis(begun);
    let mut suites = Vec::new();
    let options = server.connect_options(&planes[0].plan.database);
    for at in tried {
        suites.push(suite_beside(&options, &planes[*at]).await?);
    }
    let begun = Instant::now();
    if let Some(clone) = last {
        clone.drop_database().await?;
    }
    Ok(Kept {
        apply_ms,
        suites,
        drop_ms: millis(begun),
    })
}

/// Milliseconds that a test costs, over the suites that were run.
fn per_test(suites: &[Suite]) -> f64 {
    let cost = |spent: &Spent| spent.cpu_ms.unwrap_or(spent.wall_ms);
    let total: f64 = suites.iter().map(|one| cost(&one.suite)).sum();
    let tests: usize = suites.iter().map(|one| one.negatives.tests).sum();
    total / f64::from(u32::try_from(tests).unwrap_or(u32::MAX))
}

fn heading(out: &mut dyn Write) -> Result<(), CommandError> {
    writeln!(
        out,
        "{:<9}{:>9}  {:<22}{:>10}{:>14}{:>13}{:>10}  verdicts",
        "surfaces", "objects", "shape", "apply ms", "tests run", "a test ms", "end ms"
    )?;
    Ok(())
}

fn print(size: &Size, first: Option<&Size>, out: &mut dyn Write) -> Result<(), CommandError> {
    match &size.one {
        Some(one) => line(
            size,
            out,
            "one transaction",
            one.apply.wall_ms,
            &one.suites,
            one.rollback.wall_ms,
            &format!("{}, {} locks", verdict(&one.suites), one.locks),
        )?,
        None => writeln!(
            out,
            "{:<9}{:>9}  one transaction       not measured: it is not waited for beyond {ONE_TRANSACTION_TO} objects",
            size.surfaces, size.objects
        )?,
    }
    let same = match &size.one {
        Some(one) if same_verdicts(one, &size.kept) => ", the same",
        Some(_) => ", NOT the same",
        None => "",
    };
    let kept = &size.kept;
    let words = format!("{}{same}", verdict(&kept.suites));
    line(
        size,
        out,
        "committed and dropped",
        kept.apply_ms,
        &kept.suites,
        kept.drop_ms,
        &words,
    )?;
    if let Some(first) = first {
        let growth = |now: f64, then: f64| now / then;
        let committed = growth(per_test(&kept.suites), per_test(&first.kept.suites));
        let one = size.one.as_ref().zip(first.one.as_ref());
        let one = one.map(|(now, then)| growth(per_test(&now.suites), per_test(&then.suites)));
        let words = one.map_or(String::new(), |one| format!(", {one:.2} in one transaction"));
        writeln!(
            out,
            "{:<9}{:>9}  a test costs {committed:.2} times what it does beside {} surfaces{words}",
            "", "", first.surfaces
        )?;
    }
    Ok(())
}

fn line(
    size: &Size,
    out: &mut dyn Write,
    shape: &str,
    apply: f64,
    suites: &[Suite],
    end: f64,
    verdicts: &str,
) -> std::io::Result<()> {
    let tests: usize = suites.iter().map(|one| one.negatives.tests).sum();
    writeln!(
        out,
        "{:<9}{:>9}  {shape:<22}{apply:>10.0}{tests:>14}{:>13.2}{end:>10.0}  {verdicts}",
        size.surfaces,
        size.objects,
        per_test(suites)
    )
}

/// Green or red, over the suites that were run.
fn verdict(suites: &[Suite]) -> String {
    let red: usize = suites.iter().map(|one| one.findings.len()).sum();
    let tests: usize = suites.iter().map(|one| one.negatives.tests).sum();
    let proven: usize = suites.iter().map(|one| one.negatives.sole_cause).sum();
    format!("{proven} of {tests} by their sole cause, {red} findings")
}

/// Every test of every suite ended alike in both shapes.
fn same_verdicts(one: &OneTransaction, kept: &Kept) -> bool {
    !one.suites.is_empty()
        && one.suites.len() == kept.suites.len()
        && one
            .suites
            .iter()
            .zip(&kept.suites)
            .all(|(one, kept)| one.verdicts == kept.verdicts && one.findings == kept.findings)
}

/// Red if a verdict is, if the shapes disagree, or if a committed test does not stay flat.
fn conclude(sizes: &[Size], out: &mut dyn Write) -> Result<Code, CommandError> {
    let mut red = Vec::new();
    for size in sizes {
        let suites = size
            .one
            .iter()
            .flat_map(|one| &one.suites)
            .chain(&size.kept.suites);
        if suites.clone().any(|suite| !suite.findings.is_empty()) {
            red.push(format!("{} surfaces: a suite is not green", size.surfaces));
        }
        if size
            .one
            .as_ref()
            .is_some_and(|one| !same_verdicts(one, &size.kept))
        {
            red.push(format!("{} surfaces: the two shapes disagree", size.surfaces));
        }
    }
    if let (Some(first), Some(last)) = (sizes.first(), sizes.last()) {
        let growth = per_test(&last.kept.suites) / per_test(&first.kept.suites);
        writeln!(
            out,
            "\na committed test costs {growth:.2} times as much beside {} surfaces as beside {}: {} (within {FLAT})",
            last.surfaces,
            first.surfaces,
            if growth <= FLAT { "flat" } else { "NOT flat" }
        )?;
    }
    writeln!(
        out,
        "a rehearsal of {} declared objects or more is committed and dropped",
        rehearsal::COMMITTED_FROM
    )?;
    for line in &red {
        writeln!(out, "{line}")?;
    }
    Ok(if red.is_empty() { Code::Pass } else { Code::Finding })
}

fn environment(error: impl std::fmt::Display) -> CommandError {
    CommandError::Environment(error.to_string())
}

fn millis(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1000.0
}
