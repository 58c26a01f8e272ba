//! The half of a live measurement that a rehearsal on the same capture has: guards over rows that this database lacks.
//!
//! Not for: a guard that can be asked here. The one fact to know: the two halves are joined by one capture digest, so a
//! rehearsal on anything else gives no verdict [ruling A3].

use capture::Capture;
use guards::{Measured, Verdict};
use serde::Deserialize;
use std::path::Path;

use crate::exit::CommandError;

/// What is read of an outcome; it has more.
#[derive(Debug, Deserialize)]
pub(super) struct Rehearsed {
    verdict: String,
    estate: Option<OfEstate>,
    #[serde(default)]
    guards: Cells,
}

/// The database that was rehearsed on.
#[derive(Debug, Deserialize)]
struct OfEstate {
    capture_sha256: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Cells {
    #[serde(default)]
    runs: Vec<CellRun>,
}

#[derive(Debug, Deserialize)]
struct CellRun {
    guard: String,
    step: String,
    moment: String,
    verdict: String,
    #[serde(default)]
    reasons: Vec<String>,
}

impl Rehearsed {
    /// Reads the outcome and demands that it is of `captured`.
    pub(super) fn read(path: &Path, captured: &Capture) -> Result<Self, CommandError> {
        let unusable = |why: String| {
            CommandError::Usage(format!(
                "`{}` is no outcome of a rehearsal on this capture: {why}; write one: \
                 `cargo xtask rehearse --estate FILE --capture NAME --format json`",
                path.display()
            ))
        };
        let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        let read: Self = serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        let of = read
            .estate
            .as_ref()
            .and_then(|estate| estate.capture_sha256.as_deref());
        let expected = captured.digest().to_string();
        if of != Some(expected.as_str()) {
            let of = of.unwrap_or("none");
            return Err(unusable(format!("it is of capture {of}, expected {expected}")));
        }
        Ok(read)
    }

    /// What the rehearsal came to at a cell; green only if all of it passed.
    pub(super) fn verdict(&self, asked: &Measured, moment: &str) -> Verdict {
        let Measured { id, step, .. } = asked;
        let mut runs = self.guards.runs.iter();
        let Some(run) = runs.find(|run| run.guard == *id && run.step == *step && run.moment == moment) else {
            return Verdict::NotMeasured(format!("the rehearsal has no run of it at {step} ({moment})"));
        };
        match run.verdict.as_str() {
            "pass" if self.verdict == "pass" => Verdict::Pass { examined: 1 },
            "pass" => Verdict::NotMeasured(format!(
                "it is green in the rehearsal, whose own verdict is `{}`, expected `pass`",
                self.verdict
            )),
            other => Verdict::NotMeasured(format!(
                "it is {other} in the rehearsal at {step} ({moment}): {}",
                run.reasons.join("; ")
            )),
        }
    }
}
