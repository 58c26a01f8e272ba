//! `cargo xtask probes`: everything that must be refused, sent through the doors that users have.
//!
//! Not for: which requests (`catalog`) and what is an answer (`crates/lane`). The one fact to know: each door first
//! answers a permitted request, and the judge is shown that answer; where it has nothing against it, it would
//! not have noticed a probe that was accepted either.

use super::catalog::{PERMITTED, PROBES};
use super::desk::{Desk, SECRETS, shown, without_paths};
use super::stages::Sent;
use crate::cli::{Format, ServerArgs};
use crate::exit::{Code, CommandError};
use crate::rehearse::{interruptible, runtime};
use fix7_manifest::lane::LANE;
use footprint::Footprint;
use lane::{Asked, Control, Probes, ProbesOf, Refusal};
use std::io::Write;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    server: ServerArgs,
    /// How to print the answers
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

pub(crate) fn run(args: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let sent = send(&args.server)?;
    match args.format {
        Format::Human => print(&sent, out)?,
        Format::Json => {
            let json = serde_json::to_string_pretty(&sent.probes)
                .map_err(|error| CommandError::Environment(error.to_string()))?;
            writeln!(out, "{json}")?;
        }
    }
    Ok(if sent.refusals.is_empty() {
        Code::Pass
    } else {
        Code::Finding
    })
}

/// Sends all of them, and judges the answers.
pub(crate) fn send(server: &ServerArgs) -> Result<Sent, CommandError> {
    runtime()?.block_on(interruptible(async {
        let desk = Desk::new(server).await?;
        let sent = through(&desk);
        desk.clear().await?;
        sent
    }))?
}

fn through(desk: &Desk) -> Result<Sent, CommandError> {
    let mut footprint = Footprint {
        counted: true,
        ..Footprint::default()
    };
    // So that a child's foreign server is known as ours.
    footprint.servers.extend(footprint::taken().servers);
    let mut refusals: Vec<Refusal> = Vec::new();
    let mut number = 0;
    let mut ask = |words: &[&str]| {
        number += 1;
        let (answer, trace) = desk.send(words, number)?;
        footprint.add(&trace.unwrap_or_default());
        Ok::<_, CommandError>(answer)
    };
    let mut controls: Vec<Control> = Vec::new();
    for permitted in PERMITTED {
        let answer = ask(permitted.words)?;
        let (control, against) = lane::judge_control(permitted.door, &shown(permitted.words), &answer);
        controls.push(control);
        refusals.extend(against);
        if controls.len() == 1 && refusals.is_empty() {
            desk.sign()?;
        }
    }
    controls.sort_by(|one, other| one.door.cmp(&other.door));
    let mut classes = Vec::new();
    for class in LANE.probe_classes {
        let mut of = ProbesOf {
            id: class.id.to_owned(),
            title: class.title.to_owned(),
            probes: Vec::new(),
        };
        for probe in PROBES.iter().filter(|probe| probe.class == class.id) {
            let answer = ask(probe.words)?;
            let against = lane::judge_answer(probe.expects, SECRETS, &answer);
            of.probes.push(Asked {
                door: probe.door.to_owned(),
                request: shown(probe.words),
                expects: probe.expects.to_owned(),
                refused: against.is_empty(),
            });
            refusals.extend(against.into_iter().map(|refusal| Refusal {
                subject: format!("{}: {}", class.id, shown(probe.words)),
                ..refusal
            }));
        }
        classes.push(of);
    }
    let scratch = desk.path("");
    let findings = refusals
        .iter()
        .map(|refusal| without_paths(&refusal.to_string(), &scratch));
    Ok(Sent {
        probes: Probes {
            format_version: 1,
            classes,
            controls,
            findings: findings.collect(),
        },
        refusals,
        footprint,
    })
}

fn print(sent: &Sent, out: &mut dyn Write) -> Result<(), CommandError> {
    for class in &sent.probes.classes {
        let refused = class.probes.iter().filter(|probe| probe.refused).count();
        writeln!(
            out,
            "  {refused} of {} refused  {}: {}",
            class.probes.len(),
            class.id,
            class.title
        )?;
    }
    let accepted = sent
        .probes
        .controls
        .iter()
        .filter(|control| control.accepted && !control.noticed.is_empty());
    writeln!(
        out,
        "  {} of {} permitted requests accepted, and each would have been noticed as the answer to a probe",
        accepted.count(),
        sent.probes.controls.len()
    )?;
    for refusal in &sent.refusals {
        writeln!(out, "  {refusal}")?;
    }
    let all: usize = sent.probes.classes.iter().map(|class| class.probes.len()).sum();
    let word = if sent.refusals.is_empty() { "PASS" } else { "FAIL" };
    writeln!(
        out,
        "{word}: {all} requests that must be refused, in {} classes",
        sent.probes.classes.len()
    )?;
    Ok(())
}
