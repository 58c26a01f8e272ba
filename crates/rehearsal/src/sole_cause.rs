//! The third run of a negative test: with exactly its cause gone, the same statement is accepted.
//!
//! A rejection names a constraint, a trigger or a privilege; that it alone refused is only shown by
//! taking it away [ruling A9]. The one fact to know: what is taken away is the spec's `removal`, a
//! reviewed list of statements that run as the harness after the arrangement and before the act.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::negative::changed;
use crate::plan::NegativeTest;
use crate::session::{joined, renewed};
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
    /// The third run of each of these tests, which are all rejected: why its cause is not the sole one, or nothing.
    ///
    /// Tests that arrange nothing and have the same thing taken away share that: it is done once, and each of them is run
    /// from there.
    pub(crate) async fn not_sole_causes(
        &mut self,
        tests: &[&NegativeTest],
        trip: &mut Trip,
    ) -> Result<Vec<Option<String>>, RehearseError> {
        let mut reasons = vec![None; tests.len()];
        let mut shared: Vec<(&[String], Vec<usize>)> = Vec::new();
        for (at, test) in tests.iter().enumerate() {
            let alike = shared.iter_mut().find(|(removal, _)| *removal == test.removal);
            match alike.filter(|_| changed(test).is_empty() && !test.removal.is_empty()) {
                Some((_, places)) => places.push(at),
                None if changed(test).is_empty() => shared.push((&test.removal, vec![at])),
                None => reasons[at] = self.not_sole_cause(test, false, trip).await?,
            }
        }
        for (removal, places) in shared {
            let removed = places.len() > 1 && self.removed(removal, tests[places[0]], trip).await?;
            let mut from = Trip {
                savepoint: if removed {
                    without(trip)
                } else {
                    trip.savepoint.clone()
                },
                last: std::mem::take(&mut trip.last),
            };
            for at in places {
                reasons[at] = self.not_sole_cause(tests[at], removed, &mut from).await?;
            }
            trip.last = from.last;
        }
        Ok(reasons)
    }

    /// Takes something away for several tests; `false` if the server refused, which each of them then finds by itself.
    async fn removed(
        &mut self,
        removal: &[String],
        first: &NegativeTest,
        trip: &mut Trip,
    ) -> Result<bool, RehearseError> {
        let mut sql = renewed(&trip.savepoint);
        sql += &joined(removal);
        sql += &format!("savepoint {};\n", without(trip));
        let label = format!("the cause of `{}` and its like", first.id);
        let batch = self.session.next_trip(&mut trip.last, label, sql).await?;
        Ok(batch.error.is_none())
    }

    /// Runs the rejected statement without its cause, which is `removed` already or taken away here; why it is not the
    /// sole one, if it is not.
    async fn not_sole_cause(
        &mut self,
        test: &NegativeTest,
        removed: bool,
        trip: &mut Trip,
    ) -> Result<Option<String>, RehearseError> {
        if test.removal.is_empty() {
            return Ok(Some(
                "SOLE_CAUSE_UNPROVEN: the spec says no way to remove the cause".to_owned(),
            ));
        }
        let without = if removed { Vec::new() } else { without_cause(test) };
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

/// Where a cause that several tests share is gone.
fn without(trip: &Trip) -> String {
    format!("{}_without", trip.savepoint)
}
