//! `cargo xtask status`: where the nine packages stand, what each waits for, and why.
//!
//! Not for: starting one. The one fact to know: HOLD is the default; nothing here makes a package ready, only
//! files that verify do.

use crate::cli::Format;
use crate::exit::{Code, CommandError};
use crate::leave::state::{State, load};
use crate::leave::{now, plane};
use crate::rehearse::root;
use fix7_manifest::FIX7;
use fix7_manifest::lane::LANE;
use manifest_model::{Package, RunnerClass};
use operator_authorization::{Line, Refused, Runner, Standing, Startable, standing};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// Where state lies if nobody says otherwise.
const STATE: &str = "rehearsal/state";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder of evidence, re-audits and authorizations; `rehearsal/state` if not given, which need not be there
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Ask whether this package may start; exit code 1 if not
    #[arg(long, value_name = "PKG", requires = "runner")]
    package: Option<String>,
    /// Class of who would start it
    #[arg(long, value_name = "CLASS", value_parser = runner, requires = "package")]
    runner: Option<Runner>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

fn runner(text: &str) -> Result<Runner, String> {
    Runner::named(text).ok_or_else(|| "expected T1 or OPERATOR".to_owned())
}

pub(crate) fn run(args: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let folder = match &args.state {
        None => root().join(STATE),
        Some(folder) if folder.is_dir() => folder.clone(),
        Some(folder) => {
            return Err(CommandError::Usage(format!(
                "`{}` is no folder: expected the one where evidence lies",
                folder.display()
            )));
        }
    };
    let people = plane::people();
    let now = now()?;
    let state = load(&root(), folder, None, &people, &now)?;
    let lines = standing(&state.rules, &state.packages, state.target.as_ref());
    let asked = match (&args.package, args.runner) {
        (Some(package), Some(runner)) => Some((
            package,
            Startable::of(
                package,
                runner,
                &state.rules,
                &state.packages,
                state.target.as_ref(),
            ),
        )),
        _ => None,
    };
    match args.format {
        Format::Human => human(&state, &lines, args.package.as_deref(), out)?,
        Format::Json => {
            let json = as_json(&state, &lines, asked.as_ref().map(|(_, answer)| answer));
            writeln!(out, "{json:#}")?;
        }
    }
    let is_sound = lines.iter().all(|line| line.refused.is_empty());
    match asked {
        None => Ok(if is_sound { Code::Pass } else { Code::Finding }),
        Some((package, answer)) => {
            if args.format == Format::Human {
                answered(package, &answer, out)?;
            }
            Ok(if answer.is_ok() { Code::Pass } else { Code::Finding })
        }
    }
}

/// How somebody who trusts no tool of ours comes to the digest, at the root of a checkout.
fn recomputed_by(package: &Package) -> String {
    match (package.runner, package.bytes) {
        (RunnerClass::Operator, [folder]) => {
            format!("cd {folder} && sha256sum --strict -c SHA256SUMS && sha256sum SHA256SUMS")
        }
        (_, paths) => format!(
            "find {} -type f | LC_ALL=C sort | xargs sha256sum | sha256sum",
            paths.join(" ")
        ),
    }
}

fn answered(
    package: &str,
    answer: &Result<Startable, Refused>,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    match answer {
        Ok(startable) => writeln!(out, "START: `{}` may start", startable.package())?,
        Err(refused) => {
            for refusal in refused.refusals() {
                writeln!(out, "  {refusal}")?;
            }
            writeln!(out, "HOLD: `{package}` may not start")?;
        }
    }
    Ok(())
}

fn human(
    state: &State<'_>,
    lines: &[Line],
    asked: Option<&str>,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let found = state.packages.iter();
    for (((line, rule), package), found) in lines.iter().zip(&state.rules).zip(FIX7.packages).zip(found) {
        let standing = word(line.standing);
        writeln!(
            out,
            "{}  {standing:<5}  {:<8}  {}",
            line.package,
            rule.runner.to_string(),
            package.title
        )?;
        if let Some(digest) = found.package_sha256.good() {
            writeln!(out, "       bytes: {digest}")?;
            if asked == Some(package.id) {
                writeln!(
                    out,
                    "       bytes, without this tool: `{}`",
                    recomputed_by(package)
                )?;
            }
        }
        for refusal in &line.waits_for {
            writeln!(out, "       waits: {refusal}")?;
        }
        for refusal in &line.refused {
            writeln!(out, "       evidence refused: {refusal}")?;
        }
    }
    match &state.target {
        None => writeln!(out, "\nPRODUCTION: HOLD, no target is named")?,
        Some(target) => {
            let open: Vec<&str> = lines
                .iter()
                .zip(&state.rules)
                .filter(|(line, rule)| rule.runner == Runner::Operator && line.standing == Standing::Ready)
                .map(|(line, _)| line.package.as_str())
                .collect();
            if open.is_empty() {
                writeln!(out, "\nPRODUCTION: HOLD, nothing may run on `{target}`")?;
            } else {
                writeln!(out, "\nPRODUCTION: {} may run on `{target}`", open.join(", "))?;
            }
        }
    }
    writeln!(
        out,
        "what stands before production, and no file here resolves (`cargo xtask explain ID`):"
    )?;
    for blocker in LANE.blockers {
        writeln!(
            out,
            "  {:<32}  {}: {}",
            blocker.id, blocker.resolver, blocker.title
        )?;
    }
    Ok(())
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Done => "done",
        Standing::Ready => "ready",
        Standing::Hold => "HOLD",
    }
}

fn as_json(
    state: &State<'_>,
    lines: &[Line],
    answer: Option<&Result<Startable, Refused>>,
) -> serde_json::Value {
    let packages: Vec<serde_json::Value> = lines
        .iter()
        .zip(&state.rules)
        .zip(&state.packages)
        .map(|((line, rule), package)| {
            json!({
                "id": line.package,
                "standing": line.standing,
                "runner": rule.runner.to_string(),
                "predecessor": rule.predecessor,
                "needs_reaudit": rule.needs_reaudit,
                "needs_authorization": rule.needs_authorization,
                "package_sha256": package.package_sha256.good().map(ToString::to_string),
                "waits_for": line.waits_for,
                "refused": line.refused,
            })
        })
        .collect();
    json!({
        "format_version": 1,
        "target": state.target.as_ref().map(ToString::to_string),
        "packages": packages,
        "production": lane::blocker_map(&LANE),
        "start": answer.map(|answer| json!({
            "allowed": answer.is_ok(),
            "refused": answer.as_ref().err().map_or(&[][..], Refused::refusals),
        })),
    })
}
