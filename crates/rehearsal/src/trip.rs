//! One trip to the server: undo the last run, arrange, become the persona, act, look.
//!
//! Not for: what a run proves. The one fact to know: the next trip undoes the last one, so a run costs one
//! round trip; marks in its answer say how far it came.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::plan::NegativeTest;
use crate::session::{Batch, joined, renewed, trimmed};

/// Opens every trip: the last run is undone.
pub(crate) struct Trip {
    pub(crate) savepoint: String,
    /// What ran last: if the savepoint is gone, that ended the transaction.
    pub(crate) last: String,
}

/// What one trip does.
pub(crate) struct Attempt<'a> {
    /// Statements before it, as the harness.
    pub(crate) before: &'a [String],
    /// Who tries.
    pub(crate) persona: &'a str,
    /// What is tried.
    pub(crate) statement: &'a str,
    /// A query after it, as the harness.
    pub(crate) after: Option<&'a str>,
}

impl Run<'_> {
    /// Makes one attempt of a test.
    pub(crate) async fn act(
        &mut self,
        trip: &mut Trip,
        test: &NegativeTest,
        attempt: &Attempt<'_>,
    ) -> Result<Batch, RehearseError> {
        let mut sql = renewed(&trip.savepoint);
        sql.push_str(&joined(attempt.before));
        sql.push_str(&self.become_persona(attempt.persona));
        sql += &self.session.mark("act");
        sql += ";\n";
        sql += trimmed(attempt.statement);
        sql += ";\n";
        if test.flush {
            sql += &self.session.mark("flush");
            sql += ";\nset constraints all immediate;\n";
        }
        if let Some(observe) = &test.observe {
            sql += "set local session authorization default;\n";
            sql += &self.session.mark("observe");
            sql += ";\n";
            sql += trimmed(observe);
            sql += ";\n";
        }
        if let Some(after) = attempt.after {
            sql += &self.session.mark("after");
            sql += ";\nset local session authorization default;\n";
            sql += trimmed(after);
            sql += ";\n";
        }
        let label = format!("negative test `{}`", test.id);
        self.session.next_trip(&mut trip.last, label, sql).await
    }
}

/// Why an accepted statement did nothing: it touched no row, or what was to be observed is not there.
pub(crate) fn idle(batch: &Batch, test: &NegativeTest, statement: &str) -> Option<&'static str> {
    if test.observe.is_some() {
        let seen = batch.marked("observe").and_then(|from| batch.completed.get(from));
        return (seen != Some(&1)).then_some("it was accepted, but its effect is not there");
    }
    (touched(batch) == Some(0) && must_touch(statement)).then_some("it was accepted, but touched no row")
}

/// Rows that the statement touched or returned.
fn touched(batch: &Batch) -> Option<u64> {
    let from = batch.marked("act")?;
    let next = ["flush", "observe", "after"]
        .into_iter()
        .find_map(|mark| batch.marked(mark));
    let to = next.map_or(batch.completed.len(), |at| at - 1);
    batch.completed.get(from..to)?.last().copied()
}

/// Statements whose tag counts rows; others (TRUNCATE, SET, DDL) count none.
fn must_touch(statement: &str) -> bool {
    let word: String = statement
        .trim_start()
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    ["insert", "update", "delete", "merge", "select", "with", "values"]
        .contains(&word.to_ascii_lowercase().as_str())
}
