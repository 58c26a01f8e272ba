//! Ways around a cutover, tried in the state of its last step: repelled, working once opened, seen by a guard.
//!
//! Not for: which ways there are (the plan's file), or the machinery of an attempt (`attack`). The one fact to
//! know: three answers make a fact: the way is shut, it is a way (opened, it reaches its gain), and a named
//! probe is red while it is open. What the server lets pass by its nature must turn the probe red by being used.

use crate::attack::{Red, Trip};
use crate::engine::Run;
use crate::error::RehearseError;
use crate::plan::{Bypass, BypassFile, LoadedState};
use crate::session::joined;
use crate::validation::Cell;
use guards::{Stage, Verdict};
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::Instant;

/// What came of the ways around.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BypassOutcome {
    /// Kinds of way.
    pub vectors: usize,
    /// Attempts.
    pub attempts: usize,
    /// Those that were repelled, and reached their gain once opened.
    pub repelled: usize,
    /// Those that the server lets pass, and a guard noticed.
    pub noticed: usize,
    /// Those whose guard's probe was red.
    pub red_on_fault: usize,
    /// Each of them.
    pub facts: Vec<BypassFact>,
}

/// What is known of one way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BypassFact {
    /// Its kind.
    pub vector: String,
    /// Its id.
    pub id: String,
    /// How the attempt ended, or the code of what is wrong with it.
    pub ended: String,
    /// The guard that saw it opened.
    pub guard: String,
    /// By which probe.
    pub probe: String,
    /// Whether it did.
    pub seen: bool,
}

impl Run<'_> {
    /// Tries every way, if this is the state for it; nothing of it stays.
    pub(crate) async fn bypasses(&mut self, state: &LoadedState) -> Result<(), RehearseError> {
        let Some(file) = &self.committed.bypass else {
            return Ok(());
        };
        if self.share.is_plain() || !file.is_tried_in(state) {
            return Ok(());
        }
        let begun = Instant::now();
        let mut seen = Vec::new();
        for bypass in &file.bypass {
            self.progress.step(&format!("bypass: {}", bypass.vector));
            seen.push(self.unseen_bypass(bypass, state).await?);
        }
        let label = "the ways around";
        let before = self.session.savepoint().await?;
        let xid = self.session.xid().to_owned();
        let mut trip = Trip::new("bypass", &xid, label);
        self.session.harness(label, &trip.open()).await?;
        let mut outcome = BypassOutcome {
            vectors: kinds(file),
            ..BypassOutcome::default()
        };
        for (bypass, unseen) in file.bypass.iter().zip(seen) {
            let judged = if bypass.noticed {
                self.let_pass(&bypass.attempt, &mut trip).await?
            } else {
                self.attack(&bypass.attempt, &mut trip).await?
            };
            self.enter(&mut outcome, bypass, judged, unseen.as_deref());
        }
        self.session.undo(before, trip.last()).await?;
        self.session.demand_same_transaction(label).await?;
        self.outcome.bypass = Some(outcome);
        self.part("bypass", begun);
        Ok(())
    }

    /// That the state was never reached, where there is something to try in it.
    pub(crate) fn demand_every_bypass(&mut self) {
        let Some(file) = &self.committed.bypass else {
            return;
        };
        if self.share.has_steps() && self.outcome.bypass.is_none() {
            let message = format!(
                "no way around was tried: the state {} {} was not reached",
                file.step, file.moment
            );
            self.finding("BYPASS_NOT_MADE", None, message, vec![]);
        }
    }

    fn enter(
        &mut self,
        outcome: &mut BypassOutcome,
        bypass: &Bypass,
        judged: Result<String, Red>,
        unseen: Option<&str>,
    ) {
        let of = format!("bypass `{}/{}`", bypass.vector, bypass.attempt.id);
        let details = vec![bypass.attempt.what.clone()];
        outcome.attempts += 1;
        if let Some(why) = unseen {
            let message = format!("{of}: guard `{}`, probe `{}`: {why}", bypass.guard, bypass.probe);
            self.finding("BYPASS_UNSEEN", None, message, details.clone());
        } else {
            outcome.red_on_fault += 1;
        }
        let ended = match judged {
            Ok(how) if bypass.noticed => {
                outcome.noticed += usize::from(unseen.is_none());
                how
            }
            Ok(how) => {
                outcome.repelled += 1;
                how
            }
            Err((code, why)) => {
                let code = match code {
                    "ATTACK_SUCCEEDED" => "BYPASS_SUCCEEDED",
                    other => other,
                };
                self.finding(code, None, format!("{of}: {why}"), details);
                code.to_owned()
            }
        };
        outcome.facts.push(BypassFact {
            vector: bypass.vector.clone(),
            id: bypass.attempt.id.clone(),
            ended,
            guard: bypass.guard.clone(),
            probe: bypass.probe.clone(),
            seen: unseen.is_none(),
        });
    }

    /// Why the guard does not see the way opened, or used where the server lets it pass; nothing if it does.
    async fn unseen_bypass(
        &mut self,
        bypass: &Bypass,
        state: &LoadedState,
    ) -> Result<Option<String>, RehearseError> {
        let Some(guard) = state.state.guard.iter().find(|guard| guard.id == bypass.guard) else {
            return Ok(Some("it does not run in this state".to_owned()));
        };
        let cell = Cell {
            guard: &guard.id,
            path: guard.path.as_deref(),
            step: &state.state.step,
            moment: &state.state.moment,
            stage: Stage::ControlPlane,
        };
        let mut sql = joined(&bypass.attempt.arrange);
        if bypass.noticed {
            sql += &self.acts(&bypass.attempt);
        } else {
            sql += &joined(&bypass.attempt.lower);
            sql += &joined(&bypass.left);
        }
        let inputs = self.inputs.clone();
        let probe = Some(bypass.probe.as_str());
        Ok(match self.with_change(&cell, probe, &sql, None, &inputs).await? {
            Err(why) => Some(why),
            Ok(Verdict::Fail(found)) if found.iter().any(|one| one.probe == bypass.probe) => None,
            Ok(verdict) => Some(format!(
                "expected red, found {}: {}",
                verdict.word(),
                verdict.reasons().join("; ")
            )),
        })
    }
}

fn kinds(file: &BypassFile) -> usize {
    let kinds: BTreeSet<&str> = file.bypass.iter().map(|one| one.vector.as_str()).collect();
    kinds.len()
}
