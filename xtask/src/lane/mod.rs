//! `cargo xtask lane`: the no-production lane, from preflight to review; `lane verify`, `lane check`.
//!
//! Not for: judging (`crates/lane`). The one fact to know: a stage that fails ends the lane and leaves no packet, and
//! what the whole run opened, sent and wrote is looked at before anything is said of it.

mod catalog;
mod checkout;
mod desk;
pub(crate) mod probes;
mod stages;

use crate::cli::{Format, ServerArgs, VerifyArgs};
use crate::exit::{Code, CommandError};
use crate::rehearse::root;
use fix7_manifest::lane::LANE;
use lane::{Refusal, Report};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// Where the delegation lies if nobody says otherwise.
pub(crate) const DELEGATION: &str = "governance/delegation.toml";

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    run: RunArgs,
}

/// A packet or a delegation is looked at.
#[derive(Debug, clap::Subcommand)]
#[command(disable_help_subcommand = true)]
enum Verb {
    /// Recompute a packet: tree, rehearsal, surfaces, review, note
    Verify(VerifyArgs),
    /// Judge delegation, pins and governance, as the preflight does
    Check(JudgeArgs),
}

/// What runs.
#[derive(Debug, clap::Args)]
struct RunArgs {
    /// Folder for the packet; it must be new or empty
    #[arg(long, value_name = "DIR")]
    packet: Option<PathBuf>,
    #[command(flatten)]
    check: CheckArgs,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, clap::Args)]
struct CheckArgs {
    /// The delegation, if not the committed one
    #[arg(long, value_name = "FILE")]
    delegation: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct JudgeArgs {
    #[command(flatten)]
    check: CheckArgs,
    /// How to print the judgement
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

impl CheckArgs {
    fn path(&self) -> PathBuf {
        self.delegation.clone().unwrap_or_else(|| root().join(DELEGATION))
    }
}

pub(crate) fn run(args: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    match &args.verb {
        Some(Verb::Verify(args)) => verify(args, out),
        Some(Verb::Check(args)) => check(args, out),
        None => stages::run(&args.run, out),
    }
}

fn check(args: &JudgeArgs, out: &mut dyn Write) -> Result<Code, CommandError> {
    let checked = checkout::delegated(&args.check.path()).and_then(|given| {
        let seen = checkout::look(&root())?;
        Ok((given, seen))
    });
    match checked {
        Ok((given, seen)) if args.format == Format::Json => {
            let said = json!({
                "format_version": 1,
                "verdict": "pass",
                "delegation": given.lock.delegation,
                "gate": given.lock.gate,
                "pinned": seen.pins.len(),
                "proposed": seen.addendum.objects.iter().map(|object| &object.id).collect::<Vec<_>>(),
                "refusals": [],
            });
            writeln!(out, "{said:#}")?;
            Ok(Code::Pass)
        }
        Ok((given, seen)) => {
            writeln!(
                out,
                "PASS: `{}` opens {}; {} files are pinned and unchanged; {} to {} are free",
                given.lock.delegation,
                given.lock.gate,
                seen.pins.len(),
                seen.addendum.objects.first().map_or("", |object| &object.id),
                seen.addendum.objects.last().map_or("", |object| &object.id),
            )?;
            Ok(Code::Pass)
        }
        Err(checkout::Stop::Refused(refusals)) if args.format == Format::Json => {
            let said = json!({ "format_version": 1, "verdict": "fail", "refusals": refusals });
            writeln!(out, "{said:#}")?;
            Ok(Code::Finding)
        }
        Err(checkout::Stop::Refused(refusals)) => refuse(&refusals, "the lane stays shut", out),
        Err(checkout::Stop::Command(error)) => Err(error),
    }
}

fn refuse(refusals: &[Refusal], what: &str, out: &mut dyn Write) -> Result<Code, CommandError> {
    for refusal in refusals {
        writeln!(out, "  {refusal}")?;
    }
    writeln!(out, "REFUSED: {what}")?;
    Ok(Code::Finding)
}

fn verify(args: &VerifyArgs, out: &mut dyn Write) -> Result<Code, CommandError> {
    let packet = lane::read(&args.packet).map_err(failed)?;
    let inputs = if args.this_checkout {
        let delegation = checkout::delegated(&root().join(DELEGATION));
        match delegation.and_then(|given| checkout::inputs(&root(), &given)) {
            Ok(inputs) => Some(inputs),
            Err(checkout::Stop::Refused(refusals)) => {
                return refuse(&refusals, "this checkout has no lane", out);
            }
            Err(checkout::Stop::Command(error)) => return Err(error),
        }
    } else {
        None
    };
    let report = lane::verify(&LANE, &packet, inputs.as_deref());
    match args.format {
        Format::Human => print(&report, out)?,
        Format::Json => {
            let json = serde_json::to_string_pretty(&report)
                .map_err(|error| CommandError::Environment(error.to_string()))?;
            writeln!(out, "{json}")?;
        }
    }
    Ok(if report.refusals.is_empty() {
        Code::Pass
    } else {
        Code::Finding
    })
}

fn print(report: &Report, out: &mut dyn Write) -> Result<(), CommandError> {
    if report.refusals.is_empty() {
        if let (Some(status), Some(tree)) = (&report.status, &report.tree_sha256) {
            writeln!(out, "lane: tree {tree}, {status}")?;
        }
        for (name, lines) in [
            ("recomputed", &report.recomputed),
            ("rerun", &report.rerun),
            ("believed", &report.believed),
        ] {
            for line in lines {
                writeln!(out, "  {name:<10}  {line}")?;
            }
        }
        writeln!(out, "VERIFIED: the packet is what it says")?;
        return Ok(());
    }
    refuse(&report.refusals, "the packet is not what it says", out)?;
    Ok(())
}

/// What ends a command when a packet can't be read or written.
fn failed(error: lane::Error) -> CommandError {
    match error {
        lane::Error::Evidence(error) => CommandError::Evidence(error),
        lane::Error::Io { .. } => CommandError::Environment(error.to_string()),
        other => CommandError::Finding(other.to_string()),
    }
}
