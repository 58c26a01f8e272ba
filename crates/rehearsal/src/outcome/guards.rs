//! What guards came to: a cell each, and each guard by its worst.

use super::Status;
use serde::Serialize;
use std::collections::BTreeMap;

/// A guard at a step.
#[derive(Clone, Debug, Serialize)]
pub struct Validation {
    /// Its id.
    pub guard: String,
    /// The step.
    pub step: String,
    /// `pass`, `fail`, `not_measured`.
    pub verdict: Status,
    /// How many things it ranged over.
    pub examined: i64,
    /// Why it is not green.
    pub reasons: Vec<String>,
}

/// A guard at a step and moment.
#[derive(Clone, Debug, Serialize)]
pub struct GuardRun {
    /// Its id.
    pub guard: String,
    /// The step.
    pub step: String,
    /// `before`, `between`, `after`, `rollback`.
    pub moment: String,
    /// Its verdict.
    pub verdict: Status,
    /// Why it is not green.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// The rows that were judged; too long for the JSON.
    #[serde(skip)]
    pub probes: Vec<guards::ProbeRow>,
}

/// The guards: each is green only if it is green wherever it is due.
#[derive(Clone, Debug, Default, Serialize)]
pub struct GuardsOutcome {
    /// Guards that are due somewhere.
    pub total: usize,
    /// Green wherever they are due.
    pub green: usize,
    /// Red somewhere.
    pub red: usize,
    /// The others.
    pub not_measured: usize,
    /// One entry a cell.
    pub runs: Vec<GuardRun>,
}

impl GuardsOutcome {
    /// Counts guards from their runs.
    pub(crate) fn count(&mut self) {
        let mut worst: BTreeMap<&str, Status> = BTreeMap::new();
        for run in &self.runs {
            let known = worst.entry(&run.guard).or_insert(Status::Pass);
            *known = match (*known, run.verdict) {
                (Status::Fail, _) | (_, Status::Fail) => Status::Fail,
                (Status::Pass, Status::Pass) => Status::Pass,
                _ => Status::NotMeasured,
            };
        }
        let of = |status| worst.values().filter(|found| **found == status).count();
        self.total = worst.len();
        self.green = of(Status::Pass);
        self.red = of(Status::Fail);
        self.not_measured = of(Status::NotMeasured);
    }
}
