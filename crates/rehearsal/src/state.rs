//! States made for guards whose packages the plan lacks, and what is measured in them.
//!
//! Not for: judging guards (`validation`). The one fact to know: states of one ground follow each other
//! under one savepoint; one of the moment `rollback` stands on its predecessor and is taken away again.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::plan::{Ground, LoadedState};
use crate::validation::Cell;
use guards::{Answered, Stage};

/// A state that is taken away again before the next.
pub(crate) const ROLLBACK: &str = "rollback";

impl Run<'_> {
    /// Makes each state of `ground` and runs its guards; nothing of it stays.
    pub(crate) async fn states(&mut self, ground: Ground) -> Result<(), RehearseError> {
        if !self.share.has_steps() {
            return Ok(());
        }
        let committed = self.committed;
        let savepoint = self.session.savepoint().await?;
        if ground == Ground::Activated {
            self.scan("activated").await?;
        }
        for state in committed
            .states
            .iter()
            .filter(|state| state.state.stands_on == ground)
        {
            let label = format!("state {} {}", state.state.step, state.state.moment);
            self.progress.step(&label);
            let made = if state.state.moment == ROLLBACK {
                let branch = self.session.savepoint().await?;
                let made = self.state(state, &label).await?;
                self.session.undo(branch, &label).await?;
                made
            } else {
                self.state(state, &label).await?
            };
            if !made {
                break;
            }
        }
        self.session.undo(savepoint, "states").await
    }

    /// `false` if the server refused it: nothing can stand on it.
    pub(crate) async fn state(&mut self, state: &LoadedState, label: &str) -> Result<bool, RehearseError> {
        let committed = self.committed;
        let batch = self.session.batch(label, state.script()).await?;
        batch.demand_transaction(label)?;
        if let Some(error) = batch.error {
            let message = format!("{label} was refused: {} {}", error.code(), error.message());
            let details = error.r#where().map(str::to_owned).into_iter().collect();
            self.finding("STATE_NOT_MADE", None, message, details);
            return Ok(false);
        }
        self.session.demand_same_transaction(label).await?;
        if let (Some(package), Some(part)) = (&state.state.packet, state.state.part) {
            let Some(packet) = committed.packets.get(package) else {
                return Err(RehearseError::Stop(format!(
                    "{label} is made by `{package}`, which has no packet"
                )));
            };
            if !Box::pin(self.packet_part(packet, part, label)).await? {
                return Ok(false);
            }
        }
        for (key, query) in &state.remember {
            let during = format!("measuring `{key}` in {label}");
            let sql = format!("set local search_path = ''; {query}");
            let savepoint = self.session.savepoint().await?;
            let answers = self.session.try_texts(&during, &sql).await?;
            self.session.undo(savepoint, &during).await?;
            // Where a database has nothing to measure the key is absent, and who needs it is not measured.
            let Ok(answers) = answers else { continue };
            let value = match answers.as_slice() {
                [Some(text)] => serde_json::from_str(text).ok(),
                _ => None,
            };
            if let Some(value) = value {
                self.inputs.insert(key, &value);
            } else {
                let message = format!("{during}: expected one JSON value, found {} rows", answers.len());
                self.finding("STATE_NOT_MADE", None, message, vec![]);
            }
        }
        if let Some((role, query)) = state.reads.as_ref().filter(|_| !self.share.is_plain()) {
            self.try_reads(role, query, label).await?;
        }
        if !self.share.has_steps() {
            return Ok(true);
        }
        if self
            .committed
            .bypass
            .as_ref()
            .is_some_and(|file| file.is_tried_in(state))
        {
            self.scan(label.trim_start_matches("state ")).await?;
        }
        if state.state.stands_on == Ground::Activated {
            self.demand_blocked(label).await?;
        }
        let asked_at = match state.state.stands_on {
            Ground::Estate => Stage::NoControlPlane,
            Ground::Sealed | Ground::Activated => Stage::ControlPlane,
        };
        for guard in &state.state.guard {
            let cell = Cell {
                guard: &guard.id,
                path: guard.path.as_deref(),
                step: &state.state.step,
                moment: &state.state.moment,
                stage: asked_at,
            };
            let answered = match &guard.waits {
                Some(why) => Answered::not_measured(why.clone()),
                None => self.measure(&cell).await?,
            };
            self.record_run(&cell, &answered, None);
            self.guard_mutants(&cell, &answered.verdict).await?;
        }
        self.bypasses(state).await?;
        Ok(true)
    }
}
