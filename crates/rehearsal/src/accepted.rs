//! Rows that must be accepted: what a suite of rejections alone would never notice is a constraint too narrow.
//!
//! Not for: twins, which belong to their tests. The one fact to know: all rows of a group go in one trip, each
//! undone before the next, and a row that is refused is named by the mark before it.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::outcome::AcceptOutcome;
use crate::plan::{Accept, NegativeGroup};
use crate::session::{joined, renewed, trimmed};
use crate::trip::Trip;

const ROW: &str = "accepted_row";

impl Run<'_> {
    /// Tries every row of a group, as the owner.
    pub(crate) async fn accepted_rows(
        &mut self,
        group: &NegativeGroup,
        trip: &mut Trip,
    ) -> Result<Vec<AcceptOutcome>, RehearseError> {
        let mut outcomes: Vec<AcceptOutcome> = Vec::with_capacity(group.accept.len());
        while let Some(first) = group.accept.get(outcomes.len()) {
            let rows = &group.accept[outcomes.len()..];
            let mut sql = self.accepting(&trip.savepoint, group);
            for (row, number) in rows.iter().zip(0..) {
                sql += &format!("savepoint {ROW};\n");
                sql += &joined(&row.arrange);
                sql += &format!(
                    "{};\n{};\n",
                    self.session.mark(&mark(number)),
                    trimmed(&row.statement)
                );
                sql += &format!("rollback to savepoint {ROW};\n");
            }
            let label = format!("accepted row `{}`", first.id);
            let batch = self.session.next_trip(&mut trip.last, label, sql).await?;
            for (row, number) in rows.iter().zip(0..) {
                let touched = batch
                    .marked(&mark(number))
                    .and_then(|at| batch.completed.get(at).copied());
                let why = match (touched, &batch.error) {
                    (Some(0), _) => Some("it was accepted, but touched no row".to_owned()),
                    (Some(_), _) => None,
                    (None, Some(error)) => Some(format!("{} {}", error.code(), error.message())),
                    (None, None) => Some("it was not reached".to_owned()),
                };
                outcomes.push(outcome(row, why));
                // What follows a refusal has not run: it goes in a trip of its own.
                if touched.is_none() {
                    break;
                }
            }
        }
        Ok(outcomes)
    }

    /// What comes before accepted rows: the last trip undone, their base, the owner.
    pub(crate) fn accepting(&self, savepoint: &str, group: &NegativeGroup) -> String {
        let mut sql = renewed(savepoint);
        sql += &joined(&group.accept_base);
        sql += &self.become_persona("owner");
        sql
    }

    /// Counts the rows of a spec; each that was refused is a finding.
    pub(crate) fn record_accepted(&mut self, rows: &[AcceptOutcome]) {
        let counts = &mut self.outcome.negatives;
        counts.accepted_rows += rows.len();
        counts.accepted += rows.iter().filter(|row| row.why.is_none()).count();
        for row in rows {
            if let Some(why) = &row.why {
                let message = format!("`{}` must be accepted, and is not: {why}", row.id);
                let package = self.proving_package();
                self.finding("VALID_ROW_REFUSED", package, message, row.shows.clone());
            }
        }
    }
}

fn mark(number: usize) -> String {
    format!("row {number}")
}

fn outcome(row: &Accept, why: Option<String>) -> AcceptOutcome {
    AcceptOutcome {
        id: row.id.clone(),
        row: row.row.clone(),
        shows: row.shows.clone(),
        why,
    }
}
