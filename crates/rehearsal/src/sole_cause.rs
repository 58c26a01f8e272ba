//! The third run of a negative test: with exactly its cause gone, the same statement is accepted.
//!
//! A rejection names a constraint, a trigger or a privilege; that it alone refused is only shown by
//! taking it away [ruling A9]. The one fact to know: what is taken away is the spec's `removal`, a
//! reviewed list of statements that run as the harness after the arrangement and before the act.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::negative::changed;
use crate::plan::NegativeTest;
use crate::trip::{Attempt, Trip, idle};

const FLUSH: &str = "set constraints all immediate; set constraints all deferred";

/// What comes before the statement in the third run: the arrangement, and then the cause taken away.
pub(crate) fn without_cause(test: &NegativeTest) -> Vec<String> {
    let before = changed(test);
    // What is altered must have no event pending; a grant or a replaced function asks for nothing.
    let alters = |sql: &String| sql.starts_with("alter ");
    let pending = !before.is_empty() && test.removal.iter().any(alters);
    let flush = pending.then(|| FLUSH.to_owned());
    before
        .into_iter()
        .chain(flush)
        .chain(test.removal.iter().cloned())
        .collect()
}

impl Run<'_> {
    /// Runs the rejected statement without its cause; why it is not the sole one, if it is not.
    pub(crate) async fn not_sole_cause(
        &mut self,
        test: &NegativeTest,
        trip: &mut Trip,
    ) -> Result<Option<String>, RehearseError> {
        if test.removal.is_empty() {
            return Ok(Some(
                "SOLE_CAUSE_UNPROVEN: the spec says no way to remove the cause".to_owned(),
            ));
        }
        let without = without_cause(test);
        let watch = self.mutant_watch(&test.cause);
        let run = self
            .act(
                trip,
                test,
                &Attempt {
                    before: &without,
                    persona: &test.persona,
                    statement: &test.rejected,
                    after: watch.as_deref(),
                },
            )
            .await?;
        let Some(error) = &run.error else {
            let why = idle(&run, test, &test.rejected);
            if watch.is_some() && why.is_none() {
                self.record_mutant(test, &run);
            }
            return Ok(why.map(|why| format!("NOT_SOLE_CAUSE: without its cause: {why}")));
        };
        let said = format!("{} {}", error.code(), error.message());
        Ok(Some(if run.marked("act").is_some() {
            format!("NOT_SOLE_CAUSE: without its cause the statement is still refused: {said}")
        } else {
            format!("REMOVAL_FAILED: the cause could not be taken away: {said}")
        }))
    }
}
