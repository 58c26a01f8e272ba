//! Worlds: what the estate could be instead, and what each is expected to end in.
//!
//! In a world every attempt is made, under a savepoint. The codes of those that show a trap are
//! the world's outcome, and a rehearsal passes when each world ends as expected [ruling A1].

use crate::engine::Run;
use crate::error::RehearseError;
use crate::outcome::WorldOutcome;
use crate::rejection::Rejection;
use serde::Deserialize;
use std::collections::BTreeSet;

/// `rehearsal/estate/worlds/worlds.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldsFile {
    /// 1.
    #[serde(default)]
    pub format_version: u32,
    /// The worlds.
    #[serde(default)]
    pub world: Vec<World>,
}

/// One world.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// Its name.
    pub id: String,
    /// What it stands for.
    #[serde(default)]
    pub title: String,
    /// SQL that turns the estate into it.
    #[serde(default)]
    pub delta_path: Option<String>,
    /// SHA-256 of that file; a delta without one is refused.
    #[serde(default)]
    pub delta_sha256: Option<String>,
    /// The file's text, once loaded.
    #[serde(skip)]
    pub delta: String,
    /// The codes that it must end in, in order.
    pub expected: Vec<String>,
    /// What is tried.
    #[serde(default)]
    pub attempt: Vec<Attempt>,
}

/// One try.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// Its name within the world.
    #[serde(default)]
    pub id: String,
    /// The code that it shows.
    pub code: String,
    /// Statements before it, as the harness.
    #[serde(default)]
    pub setup: String,
    /// Who tries.
    pub persona: String,
    /// What is tried.
    pub sql: String,
    /// Whether success shows the trap; otherwise refusal does.
    pub succeeds_means_trap: bool,
    /// The SQLSTATE of an honest refusal; any other means that nothing was tried.
    #[serde(default = "insufficient_privilege")]
    pub refused_with: String,
}

fn insufficient_privilege() -> String {
    "42501".to_owned()
}

impl Run<'_> {
    /// Ends each world and compares its codes.
    pub(crate) async fn worlds(&mut self) -> Result<(), RehearseError> {
        if !self.share.has_steps() {
            return Ok(());
        }
        let committed = self.committed;
        for world in &committed.worlds.world {
            self.progress.step(&format!("world {}", world.id));
            let savepoint = self.session.savepoint().await?;
            let label = format!("world `{}`", world.id);
            let (realized, reasons) = self.world(world, &label).await?;
            self.session.undo(savepoint, &label).await?;
            let realized: Vec<String> = realized.into_iter().collect();
            let expected: Vec<String> = world
                .expected
                .iter()
                .cloned()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
            if realized != expected || !reasons.is_empty() {
                let message = format!("{label}: expected {expected:?}, realized {realized:?}");
                self.finding("WORLD_DIFFERS", None, message, reasons);
            }
            self.outcome.worlds.push(WorldOutcome {
                id: world.id.clone(),
                expected,
                realized,
            });
        }
        Ok(())
    }

    async fn world(
        &mut self,
        world: &World,
        label: &str,
    ) -> Result<(BTreeSet<String>, Vec<String>), RehearseError> {
        let mut reasons = Vec::new();
        let mut codes = BTreeSet::new();
        if world.attempt.is_empty() {
            reasons.push("no attempt is listed, so nothing could be found".to_owned());
        }
        let batch = self.session.batch(label, world.delta.clone()).await?;
        batch.demand_transaction(label)?;
        if let Some(error) = batch.error {
            reasons.push(format!(
                "its delta was refused: {} {}",
                error.code(),
                error.message()
            ));
            return Ok((codes, reasons));
        }
        for attempt in &world.attempt {
            let savepoint = self.session.savepoint().await?;
            let label = format!("{label}, attempt `{}`", attempt.id);
            match self.attempt(attempt, &label).await? {
                Ok(true) => {
                    codes.insert(attempt.code.clone());
                }
                Ok(false) => {}
                Err(why) => reasons.push(format!("attempt `{}` was not made: {why}", attempt.id)),
            }
            self.session.undo(savepoint, &label).await?;
        }
        Ok((codes, reasons))
    }

    /// Whether the attempt shows its trap; an error if it was not made at all.
    async fn attempt(
        &mut self,
        attempt: &Attempt,
        label: &str,
    ) -> Result<Result<bool, String>, RehearseError> {
        let sql = format!(
            "{}\n;{}{};\n{}",
            attempt.setup,
            self.become_persona(&attempt.persona),
            self.session.mark("act"),
            attempt.sql
        );
        let batch = self.session.batch(label, sql).await?;
        batch.demand_transaction(label)?;
        let acted = batch.marked("act").is_some();
        Ok(match &batch.error {
            None => Ok(attempt.succeeds_means_trap),
            Some(error) if acted && error.code() == attempt.refused_with => Ok(!attempt.succeeds_means_trap),
            Some(error) => Err(format!(
                "{} {}",
                error.code(),
                Rejection::read(error, false, &[]).message
            )),
        })
    }
}
