//! An outcome before anything has run.
//!
//! The one fact to know: every cell of the plan has an outcome from the start, so a guard that never came to
//! run is not measured, and not absent.

use crate::outcome::{
    AttackCounts, GuardRun, GuardsOutcome, Outcome, PackageOutcome, PostgresInfo, Status, Validation,
};
use crate::plan::{Committed, GuardRef};
use crate::validation::AFTER;
use guards::Inputs;

/// What guards are told from the start.
pub(crate) fn initial_inputs(committed: &Committed) -> Inputs {
    let mut inputs = Inputs::new();
    for (key, value) in &committed.inputs {
        inputs.insert(key, value);
    }
    inputs
}

/// Nothing measured, nothing found.
pub(crate) fn empty_outcome(postgres: PostgresInfo, committed: &Committed) -> Outcome {
    let cells = |id: &String| {
        committed
            .plan
            .guard
            .iter()
            .filter(|guard| &guard.package == id)
            .map(|guard| {
                let without = inapplicable(committed, guard);
                Validation {
                    guard: guard.id.clone(),
                    step: guard.step.clone(),
                    verdict: without.map_or(Status::NotMeasured, |_| Status::NotApplicable),
                    examined: 0,
                    reasons: vec![
                        without
                            .map_or("its step was not reached", String::as_str)
                            .to_owned(),
                    ],
                }
            })
            .collect()
    };
    let package = |id: &String| PackageOutcome {
        id: id.clone(),
        verdict: Status::NotMeasured,
        validation: cells(id),
        rests_on: Vec::new(),
    };
    Outcome {
        format_version: 1,
        shape: "one_transaction",
        postgres,
        authored_for_server: committed.instead.clone(),
        only: committed.only.clone(),
        unasked: committed.unasked.clone(),
        counts: committed
            .plan
            .counts
            .keys()
            .map(|name| (name.clone(), None))
            .collect(),
        packages: committed.plan.package.iter().map(|p| package(&p.id)).collect(),
        guards: GuardsOutcome {
            runs: guard_runs(committed),
            ..GuardsOutcome::default()
        },
        attacks: AttackCounts {
            families: committed.attacks.len(),
            ..AttackCounts::default()
        },
        ..Outcome::default()
    }
}

/// The fact that leaves a guard of a package without a subject: its package has none, or the one whose rows it reads.
fn inapplicable<'a>(committed: &'a Committed, guard: &GuardRef) -> Option<&'a String> {
    let without = |id: &String| committed.inapplicable.get(id);
    without(&guard.package).or_else(|| without(guard.rows_of.as_ref()?))
}

/// Every cell of the plan, before any has run.
fn guard_runs(committed: &Committed) -> Vec<GuardRun> {
    let run = |guard: &String, step: &String, moment: &str, without: Option<&String>| GuardRun {
        guard: guard.clone(),
        step: step.clone(),
        moment: moment.to_owned(),
        verdict: without.map_or(Status::NotMeasured, |_| Status::NotApplicable),
        reasons: vec![
            without
                .map_or("its step was not reached", String::as_str)
                .to_owned(),
        ],
        probes: Vec::new(),
    };
    let plan = &committed.plan;
    let mut runs: Vec<GuardRun> = Vec::new();
    for cell in &plan.guard {
        let without = inapplicable(committed, cell);
        runs.push(run(&cell.id, &cell.step, AFTER, without));
    }
    // States need the rows of every package, so they have no subject where one of them has none.
    let without = committed.inapplicable.values().next();
    for state in &plan.state {
        let cells = state.guard.iter();
        runs.extend(cells.map(|cell| run(&cell.id, &state.step, &state.moment, without)));
    }
    runs
}
