//! Guards at the steps where they are due, and the rows that they need to range over.
//!
//! It judges nothing itself: a verdict is the guards crate's. The one fact to know: whatever a guard
//! or its rows did is undone before the next step.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::outcome::{Status, Validation};
use crate::plan::{Committed, GuardRef};
use guards::{Answered, Guard, Inputs, Stage, Verdict};
use std::collections::BTreeMap;
use std::time::Instant;

/// The moment of every guard that a package's step runs.
pub(crate) const AFTER: &str = "after";

/// A guard, and where it is asked.
pub(crate) struct Cell<'a> {
    pub(crate) guard: &'a str,
    pub(crate) path: Option<&'a str>,
    pub(crate) step: &'a str,
    pub(crate) moment: &'a str,
    pub(crate) stage: Stage,
}

pub(crate) fn status(verdict: &Verdict) -> Status {
    match verdict {
        Verdict::Pass { .. } => Status::Pass,
        Verdict::Fail(_) => Status::Fail,
        Verdict::NotMeasured(_) => Status::NotMeasured,
    }
}

/// An object that is not there: schema, table, column, function.
const UNDEFINED: [&str; 4] = ["3F000", "42P01", "42703", "42883"];

fn guard_of<'c>(committed: &'c Committed, cell: &Cell<'_>) -> Result<&'c Guard, String> {
    let path = cell
        .path
        .ok_or_else(|| "its file is not written yet".to_owned())?;
    let guard = committed.guards.get(path);
    guard.ok_or_else(|| format!("`{path}` was not loaded"))
}

/// `inputs`, with step and moment unless they are given.
fn inputs_of(cell: &Cell<'_>, inputs: &Inputs) -> Inputs {
    let mut inputs = inputs.clone();
    for (key, value) in [("phase", cell.step), ("moment", cell.moment)] {
        if inputs.value(key).is_none() {
            inputs.insert(key, &value.into());
        }
    }
    inputs
}

impl Run<'_> {
    /// Runs every guard that is due after `step`.
    pub(crate) async fn guards_due(&mut self, step: &str) -> Result<(), RehearseError> {
        if !self.share.has_steps() {
            return Ok(());
        }
        let committed = self.committed;
        let due: Vec<&GuardRef> = committed
            .plan
            .guard
            .iter()
            .filter(|guard| guard.step == step)
            .filter(|guard| {
                !guard
                    .rows_of
                    .as_ref()
                    .is_some_and(|id| committed.inapplicable.contains_key(id))
            })
            .collect();
        let rows_of: BTreeMap<Option<&str>, &str> = due
            .iter()
            .map(|guard| (guard.rows_of.as_deref(), guard.package.as_str()))
            .collect();
        for (source, package) in rows_of {
            let savepoint = self.session.savepoint().await?;
            if let Some(rows) = source {
                self.load_rows_of(rows, package, step).await?;
            }
            for guard in due.iter().filter(|guard| guard.rows_of.as_deref() == source) {
                let cell = Cell {
                    guard: &guard.id,
                    path: guard.path.as_deref(),
                    step: &guard.step,
                    moment: AFTER,
                    stage: Stage::ControlPlane,
                };
                let answered = if guard.path.is_some() {
                    self.measure(&cell).await?
                } else {
                    self.static_guards.verdict(&guard.id)
                };
                self.record_guard(guard, &answered.verdict);
                self.record_run(&cell, &answered, Some(&guard.package));
                if guard.path.is_some() {
                    self.guard_mutants(&cell, &answered.verdict).await?;
                }
            }
            self.session
                .undo(savepoint, &format!("guards after {step}"))
                .await?;
        }
        Ok(())
    }

    /// Asks the guard of a cell.
    pub(crate) async fn measure(&mut self, cell: &Cell<'_>) -> Result<Answered, RehearseError> {
        self.analyse_guards(cell).await?;
        self.analyse_bodies(cell).await?;
        if self.clock.is_some() {
            return self.measure_timed(cell).await;
        }
        let begun = Instant::now();
        let inputs = self.inputs.clone();
        let verdict = self.measure_with(cell, &inputs).await;
        self.part("guards", begun);
        verdict
    }

    /// Asks the guard of a cell over `inputs`, to which step and moment are added unless they are given, and
    /// undoes what it did.
    pub(crate) async fn measure_with(
        &mut self,
        cell: &Cell<'_>,
        inputs: &Inputs,
    ) -> Result<Answered, RehearseError> {
        let savepoint = self.session.savepoint().await?;
        let answered = self.ask_guard(cell, inputs).await;
        let label = format!("guard `{}`", cell.guard);
        self.session.undo_and_look(savepoint, &label).await?;
        Ok(answered)
    }

    /// Asks the guard of a cell under a savepoint of the caller's.
    pub(crate) async fn ask_guard(&mut self, cell: &Cell<'_>, inputs: &Inputs) -> Answered {
        let guard = match guard_of(self.committed, cell) {
            Ok(guard) => guard,
            Err(why) => return Answered::not_measured(why),
        };
        let inputs = inputs_of(cell, inputs);
        guards::ask(self.session.connection(), guard, cell.stage, &inputs).await
    }

    /// What the guard of a cell makes the server do, under a savepoint of the caller's.
    pub(crate) async fn work_of_guard(&mut self, cell: &Cell<'_>, inputs: &Inputs) -> Result<f64, String> {
        let guard = guard_of(self.committed, cell)?;
        let inputs = inputs_of(cell, inputs);
        guards::work(self.session.connection(), guard, cell.stage, &inputs).await
    }

    /// As [`Run::ask_guard`], one probe alone.
    pub(crate) async fn ask_probe(&mut self, cell: &Cell<'_>, inputs: &Inputs, probe: &str) -> Verdict {
        let guard = match guard_of(self.committed, cell) {
            Ok(guard) => guard,
            Err(why) => return Verdict::NotMeasured(why),
        };
        let inputs = inputs_of(cell, inputs);
        guards::ask_probe(self.session.connection(), guard, cell.stage, &inputs, probe).await
    }

    /// Enters the verdict of a cell into the guards' runs; red is a finding, against a package if it is its
    /// validation.
    pub(crate) fn record_run(&mut self, cell: &Cell<'_>, answered: &Answered, package: Option<&str>) {
        let Answered { verdict, probes } = answered;
        let status = status(verdict);
        let runs = &mut self.outcome.guards.runs;
        let planned = runs
            .iter_mut()
            .find(|run| run.guard == cell.guard && run.step == cell.step && run.moment == cell.moment);
        if let Some(run) = planned {
            run.verdict = status;
            run.reasons = verdict.reasons();
            run.probes.clone_from(probes);
        }
        if status == Status::Fail {
            let message = format!("guard `{}` failed at {} ({})", cell.guard, cell.step, cell.moment);
            self.finding(
                "GUARD_FAILED",
                package.map(str::to_owned),
                message,
                verdict.reasons(),
            );
        }
    }

    fn record_guard(&mut self, entry: &GuardRef, verdict: &Verdict) {
        let status = status(verdict);
        let examined = match verdict {
            Verdict::Pass { examined } => *examined,
            Verdict::Fail(_) | Verdict::NotMeasured(_) => 0,
        };
        let cell = Validation {
            guard: entry.id.clone(),
            step: entry.step.clone(),
            verdict: status,
            examined,
            reasons: verdict.reasons(),
        };
        if let Some(package) = self
            .outcome
            .packages
            .iter_mut()
            .find(|package| package.id == entry.package)
        {
            if let Some(planned) = package
                .validation
                .iter_mut()
                .find(|known| known.guard == cell.guard && known.step == cell.step)
            {
                *planned = cell;
            } else {
                package.validation.push(cell);
            }
        }
    }

    /// Loads the rows of package `id`, file by file, for the guards due after `step`
    /// [ruling A16].
    ///
    /// While steps lie between the two, a file may name what such a step makes: it is left out, and
    /// the guard's own population says whether enough was there. Had no step made it, the file
    /// would be refused again when its own step runs it. Every other refusal is a finding.
    pub(crate) async fn load_rows_of(
        &mut self,
        id: &str,
        package: &str,
        step: &str,
    ) -> Result<(), RehearseError> {
        let committed = self.committed;
        let Some(rows) = committed.packages.iter().find(|rows| rows.package.id == id) else {
            return Ok(());
        };
        let made_later = committed
            .packages
            .iter()
            .take_while(|between| between.package.id != id)
            .flat_map(|between| &between.package.steps)
            .skip_while(|between| *between != step)
            .nth(1)
            .is_some();
        for file in &rows.files {
            let what = format!("`{}`", file.up_path);
            let savepoint = self.session.savepoint().await?;
            let batch = self.session.batch(&what, file.up.clone()).await?;
            batch.demand_transaction(&what)?;
            let Some(error) = batch.error else {
                self.session.keep(savepoint, &what).await?;
                continue;
            };
            self.session.undo(savepoint, &what).await?;
            if made_later && UNDEFINED.contains(&error.code()) {
                continue;
            }
            let message = format!(
                "{what}, loaded for the guards after {step}, was refused: {} {}",
                error.code(),
                error.message()
            );
            self.finding("ROWS_DID_NOT_LOAD", Some(package.to_owned()), message, vec![]);
        }
        Ok(())
    }
}
