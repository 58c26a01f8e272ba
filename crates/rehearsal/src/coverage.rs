//! Two-way coverage: what the live schema refuses with, against what tests have proven as their sole cause.
//!
//! Not for: knowing what a refusal is; the plan's query lists them from the catalog. The one fact to know:
//! only a test whose third run was accepted covers anything.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::plan::Cause;
use crate::session::text_at;
use std::collections::BTreeSet;

impl Run<'_> {
    /// Compares both sets; each difference is a finding that names it.
    pub(crate) async fn cover(&mut self) -> Result<(), RehearseError> {
        let during = "listing what the schema refuses with";
        let committed = self.committed;
        let rows = self
            .session
            .rows(during, &committed.plan.realized_refusals)
            .await?;
        let mut realized = BTreeSet::new();
        for row in &rows {
            let field = |at| text_at(row, at, during);
            realized.insert(Cause {
                kind: field(0)?,
                object: field(1)?,
                name: field(2)?,
            });
        }
        let proven: BTreeSet<Cause> = self
            .outcome
            .specs
            .iter()
            .flat_map(|spec| &spec.tests)
            .filter(|test| test.sole_cause)
            .map(|test| identity(&test.cause, &realized))
            .collect();
        let uncovered: Vec<String> = realized.difference(&proven).map(Cause::to_string).collect();
        let unrealized: Vec<String> = proven.difference(&realized).map(Cause::to_string).collect();
        self.outcome.negatives.uncovered = Some(uncovered.len());
        let package = self.proving_package();
        if realized.is_empty() {
            let message = "the plan's query lists nothing that refuses, expected something".to_owned();
            self.finding("COVERAGE_VACUOUS", package.clone(), message, vec![]);
        }
        for (code, what, list) in [
            (
                "REFUSAL_UNCOVERED",
                "is the sole cause of no negative test",
                uncovered,
            ),
            (
                "CAUSE_UNREALIZED",
                "is a test's cause and is not in the catalog",
                unrealized,
            ),
        ] {
            if let Some(first) = list.first() {
                let message = format!("{} of {}: `{first}` {what}", list.len(), realized.len());
                self.finding(code, package.clone(), message, list);
            }
        }
        Ok(())
    }
}

/// A check routine has no name beside its object, whatever reason it gives.
fn identity(cause: &Cause, realized: &BTreeSet<Cause>) -> Cause {
    let unnamed = Cause {
        name: String::new(),
        ..cause.clone()
    };
    if realized.contains(&unnamed) {
        unnamed
    } else {
        cause.clone()
    }
}
