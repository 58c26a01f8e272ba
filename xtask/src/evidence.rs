//! `cargo xtask evidence verify DIR` and `cargo xtask rollback-gate DIR`: packets, looked at by anybody.
//!
//! Not for: what is wrong with a packet (`crates/evidence`). The one fact to know: neither needs a server, and
//! only `--this-checkout` looks at anything but the packet.

use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum as _;
use evidence::{Draft, Folder, Gate, Plan, PlannedFile, Refusal, Report};
use rehearsal::{Committed, Outcome};

use crate::cli::{Format, RehearseArgs, VerifyArgs};
use crate::exit::{Code, CommandError};
use crate::rehearse::root;

/// What is done with packets.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Recompute a packet: its tree, its verdict and its rollback gate, and say what is only believed
    Verify(VerifyArgs),
}

/// What the gate is run over.
#[derive(Debug, clap::Args)]
pub(crate) struct GateArguments {
    /// The packet
    #[arg(value_name = "DIR")]
    packet: PathBuf,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let Command::Verify(arguments) = &arguments.command;
    let folder = Folder::read(&arguments.packet)?;
    let report: Report = if arguments.this_checkout {
        let committed = rehearsal::load(&root())?;
        evidence::verify_in_checkout(&folder, &planned(&committed)?)
    } else {
        evidence::verify(&folder)
    };
    match arguments.format {
        Format::Human => out.write_all(report.render().as_bytes())?,
        Format::Json => print_json(&report, out)?,
    }
    Ok(code(report.refusals.is_empty()))
}

pub(crate) fn run_gate(arguments: &GateArguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let gate = evidence::rollback_gate(&Folder::read(&arguments.packet)?);
    match arguments.format {
        Format::Human => print_gate(&gate, out)?,
        Format::Json => print_json(&gate, out)?,
    }
    Ok(code(gate.verdict == "pass"))
}

/// Begins the packet that `--evidence` asks for, before anything runs.
pub(crate) fn begin(args: &RehearseArgs, committed: &Committed) -> Result<Option<Draft>, CommandError> {
    let Some(target) = &args.evidence else {
        return Ok(None);
    };
    let shape = args.shape.to_possible_value();
    let plan = Plan {
        format_version: 1,
        packages: committed
            .plan
            .package
            .iter()
            .map(|package| package.id.clone())
            .collect(),
        asked: args.packages.clone(),
        shape: shape.map_or_else(String::new, |shape| shape.get_name().to_owned()),
        committed: args.committed,
        estate: args.estate.dump().is_some(),
        plan: rehearsal::PLAN_PATH.to_owned(),
        files: planned(committed)?,
    };
    Ok(Some(Draft::begin(target, plan)?))
}

/// Puts the packet in its place; its tree's digest goes to stderr, beside the outcome.
pub(crate) fn finish(draft: Draft, outcome: &Outcome) -> Result<(), CommandError> {
    let json = serde_json::to_value(outcome).map_err(|error| CommandError::Environment(error.to_string()))?;
    let tree = draft.finish(json, &crate::exhibits::exhibits(outcome)?)?;
    eprintln!("evidence: tree {tree}");
    Ok(())
}

/// Every committed file that a rehearsal runs, by digest: those that the plan vouches for, and what vouches.
fn planned(committed: &Committed) -> Result<Vec<PlannedFile>, CommandError> {
    let verified = committed.verified.iter().map(|(path, file)| PlannedFile {
        path: path.clone(),
        sha256: file.sha256.clone(),
        size: file.size,
    });
    let mut planned: Vec<PlannedFile> = verified.collect();
    let sources = committed
        .plan
        .package
        .iter()
        .filter_map(|package| package.source.as_ref());
    let indexes = sources.map(|source| format!("{source}/index.toml"));
    for path in indexes.chain([rehearsal::PLAN_PATH.to_owned()]) {
        let bytes = std::fs::read(root().join(&path)).map_err(|source| rehearsal::PlanError::Unreadable {
            path: path.clone(),
            source,
        })?;
        planned.push(PlannedFile::of(&path, &bytes));
    }
    planned.sort();
    planned.dedup();
    Ok(planned)
}

fn print_gate(gate: &Gate, out: &mut dyn Write) -> Result<(), CommandError> {
    let mut part = |name: &str, refusals: &[Refusal]| -> Result<(), CommandError> {
        let said = if refusals.is_empty() { "passes" } else { "refused" };
        writeln!(out, "  {name:<38}  {said}")?;
        for refusal in refusals {
            writeln!(out, "    {refusal}")?;
        }
        Ok(())
    };
    part("a frozen packet", &gate.frozen)?;
    part("the frozen packet, apply := before", &gate.frozen_fabricated)?;
    part("this packet", &gate.packet)?;
    part("this packet, apply := before", &gate.fabricated)?;
    writeln!(
        out,
        "{}: real evidence must pass, and its fabricated twin must be refused",
        gate.verdict.to_uppercase()
    )?;
    Ok(())
}

fn print_json<T: serde::Serialize>(value: &T, out: &mut dyn Write) -> Result<(), CommandError> {
    let json =
        serde_json::to_string_pretty(value).map_err(|error| CommandError::Environment(error.to_string()))?;
    writeln!(out, "{json}")?;
    Ok(())
}

fn code(is_green: bool) -> Code {
    if is_green { Code::Pass } else { Code::Finding }
}
