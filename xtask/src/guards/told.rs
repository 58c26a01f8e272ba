//! What the guards came to, for people and for programs.

use std::collections::BTreeMap;
use std::io::Write;

use guards::{Measured, Verdict};
use serde_json::{Value, json};

use super::{Arguments, Asked};
use crate::exit::CommandError;

/// Counts and runs, as every command prints them.
pub(crate) fn guards_json(measured: &[Measured]) -> Value {
    let (total, green, red, not_measured) = counts(measured);
    let runs: Vec<Value> = measured
        .iter()
        .map(|run| {
            let examined = match run.verdict {
                Verdict::Pass { examined } => json!(examined),
                _ => Value::Null,
            };
            json!({
                "guard": run.id, "step": run.step, "verdict": run.verdict.word(),
                "examined": examined, "reasons": run.verdict.reasons(),
            })
        })
        .collect();
    json!({ "total": total, "green": green, "red": red, "not_measured": not_measured, "runs": runs })
}

pub(super) fn as_json(asked: &Asked, arguments: &Arguments) -> Value {
    let Asked {
        target,
        phases,
        measured,
        ..
    } = asked;
    let mut guards = guards_json(measured);
    for run in guards["runs"].as_array_mut().into_iter().flatten() {
        let name = |key: &str| run[key].as_str().unwrap_or_default().to_owned();
        let by = if asked.rehearsed.contains(&(name("guard"), name("step"))) {
            "rehearsal"
        } else {
            "database"
        };
        run["measured_by"] = by.into();
    }
    let remembered = asked.remembered.as_ref();
    let (total, _, red, not_measured) = counts(measured);
    let verdict = match (red, not_measured, total) {
        (0, 0, 1..) => "pass",
        (0, ..) => "not_measured",
        _ => "fail",
    };
    json!({
        "format_version": 1,
        "verdict": verdict,
        "target": {
            "url": target.url, "database": target.database, "version": target.version,
            "system_identifier": target.system_identifier, "login": target.login,
            "superuser": target.superuser, "control_plane": target.control_plane,
        },
        "phases": phases,
        "moment": arguments.moment,
        "capture": arguments.capture,
        "remembered": remembered.map(|(keys, sha256)| json!({ "keys": keys, "sha256": sha256 })),
        "guards": guards,
    })
}

pub(super) fn print_human(
    asked: &Asked,
    arguments: &Arguments,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let Asked {
        target,
        phases,
        measured,
        ..
    } = asked;
    writeln!(
        out,
        "{} (PostgreSQL {}), as `{}`{}",
        target.url,
        target.version,
        target.login,
        if target.superuser {
            ", a superuser: an ordinary login is enough"
        } else {
            ""
        }
    )?;
    writeln!(
        out,
        "  the control plane {}; guards of {}",
        if target.control_plane {
            "exists"
        } else {
            "does not exist yet"
        },
        phases.join(", ")
    )?;
    if arguments.capture.is_none() {
        writeln!(
            out,
            "  no --capture named: guards that compare with a capture are not measured"
        )?;
    }
    for run in measured {
        let is_rehearsed = asked.rehearsed.contains(&(run.id.clone(), run.step.clone()));
        let said = match &run.verdict {
            Verdict::Pass { .. } if is_rehearsed => "green in the rehearsal on the same capture".to_owned(),
            Verdict::Pass { examined } => format!("green, {examined} examined"),
            Verdict::Fail(_) => "RED".to_owned(),
            Verdict::NotMeasured(_) => "not measured".to_owned(),
        };
        writeln!(out, "  {}  {:<30}  {said}", run.step, run.id)?;
        for reason in run.verdict.reasons() {
            writeln!(out, "         {reason}")?;
        }
    }
    if let (Some((keys, sha256)), Some(path)) = (&asked.remembered, &arguments.remember) {
        writeln!(
            out,
            "  remembered {} in {} ({sha256})",
            keys.join(", "),
            path.display()
        )?;
    }
    let (total, green, red, not_measured) = counts(measured);
    writeln!(
        out,
        "{total} guards: {green} green, {red} red, {not_measured} not measured; nothing was written"
    )?;
    Ok(())
}

/// Guards by their worst verdict over all steps: a guard is green only if it was green at every one.
fn counts(measured: &[Measured]) -> (usize, usize, usize, usize) {
    let mut worst: BTreeMap<&str, u8> = BTreeMap::new();
    for run in measured {
        let rank = match run.verdict {
            Verdict::Pass { .. } => 0,
            Verdict::NotMeasured(_) => 1,
            Verdict::Fail(_) => 2,
        };
        let known = worst.entry(&run.id).or_default();
        *known = (*known).max(rank);
    }
    let of = |rank: u8| worst.values().filter(|worst| **worst == rank).count();
    (worst.len(), of(0), of(2), of(1))
}
