//! Schema mutants: each cause taken away is a mutant of the schema, and two things must notice it.
//!
//! The test that names it (its third run is accepted, so the rejection is gone) and the catalog: the
//! exact set of objects, or the prediction of the access check, names what was taken away. The one fact
//! to know: a mutant is judged in the third run of the first test of its cause, so it costs no run of its own.

use crate::engine::Run;
use crate::plan::{Cause, NegativeTest, Plan};
use crate::session::Batch;
use crate::weakened::WeakenedCounts;
use serde::Serialize;

/// How many mutants there were, and what noticed them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MutantCounts {
    /// Distinct causes of the negative tests.
    pub total: usize,
    /// Noticed by a test that names them, and by the catalog.
    pub killed: usize,
    /// The others; each is a finding that names it.
    pub survivors: usize,
    /// Causes with one part changed instead.
    pub weakened: WeakenedCounts,
}

/// The query that returns a row once `cause` is gone; none for a kind that no catalog check knows.
pub(crate) fn watch_sql(plan: &Plan, cause: &Cause) -> Option<String> {
    let check = plan
        .catalog_check
        .iter()
        .find(|check| check.kinds.contains(&cause.kind))?;
    let relation = cause.object.rsplit('.').next().unwrap_or(&cause.object);
    let sql = check
        .sql
        .replace("{object}", &cause.object)
        .replace("{relation}", relation)
        .replace("{name}", &cause.name);
    Some(sql)
}

impl Run<'_> {
    /// The query that must return a row once `cause` is gone; none if the mutant was judged before.
    pub(crate) fn mutant_watch(&self, cause: &Cause) -> Option<String> {
        if self.mutants.contains_key(cause) {
            return None;
        }
        watch_sql(&self.committed.plan, cause)
    }

    /// Records whether the catalog noticed what the test's third run took away.
    pub(crate) fn record_mutant(&mut self, test: &NegativeTest, run: &Batch) {
        // Behind the mark come the harness's own authorization and then the query.
        let rows = run.marked("after").and_then(|from| run.completed.get(from + 1));
        self.mutants
            .insert(test.cause.clone(), rows.is_some_and(|rows| *rows > 0));
    }

    /// Counts the mutants; each that survived is a finding.
    pub(crate) fn judge_mutants(&mut self) {
        if self.committed.plan.catalog_check.is_empty() {
            return;
        }
        let causes: std::collections::BTreeSet<Cause> = self
            .outcome
            .specs
            .iter()
            .flat_map(|spec| spec.tests.iter().map(|test| test.cause.clone()))
            .collect();
        let survivors: Vec<String> = causes
            .iter()
            .filter(|cause| self.mutants.get(*cause) != Some(&true))
            .map(|cause| match self.mutants.get(cause) {
                Some(_) => format!("{cause}: its test noticed, the catalog's exact set did not"),
                None => format!("{cause}: no test of it was accepted without it"),
            })
            .collect();
        let ends = causes
            .iter()
            .map(|cause| (cause.clone(), self.mutants.get(cause) == Some(&true)));
        self.outcome.schema_mutants = ends.collect();
        let weakened = self.judge_weakened();
        self.outcome.mutants.schema = Some(MutantCounts {
            total: causes.len(),
            killed: causes.len() - survivors.len(),
            survivors: survivors.len(),
            weakened,
        });
        if let Some(first) = survivors.first() {
            let message = format!("{} of {} schema mutants: {first}", survivors.len(), causes.len());
            let package = self.proving_package();
            self.finding("MUTANT_SURVIVED", package, message, survivors);
        }
    }
}
