//! States that files come to, kept, and compared with what the packet's parts come to.
//!
//! The one fact to know: rows that hold an instant differ from run to run, so relations that the plan calls clocked are
//! compared without it, by a query of the plan's.

use super::{AFTER, ROLES_GONE};
use crate::engine::Run;
use crate::error::RehearseError;
use crate::fingerprint::{Fingerprint, Residue};
use crate::outcome::PacketOutcome;
use crate::packages::residue_lines;
use crate::plan::{CreationAct, Landmark, LoadedCreation};

/// A state, and what the rows of its clocked relations say without their instants.
#[derive(Debug, Clone)]
pub(crate) struct Reached {
    state: Fingerprint,
    rows: Vec<Option<String>>,
}

impl Reached {
    /// A state in which no row holds an instant.
    pub(super) fn without_clocks(state: Fingerprint) -> Self {
        Self {
            state,
            rows: Vec::new(),
        }
    }
}

impl Run<'_> {
    /// Keeps a state that a later run by packets must come to as well.
    pub(crate) async fn landmark(&mut self, landmark: Landmark) -> Result<(), RehearseError> {
        if self.runs_creation() {
            let reached = self.reached(landmark).await?;
            self.landmarks.insert(landmark, reached);
        }
        Ok(())
    }

    async fn reached(&mut self, landmark: Landmark) -> Result<Reached, RehearseError> {
        let state = self.fingerprint().await?;
        let committed = self.committed;
        let clocked = match &committed.creation {
            Some(creation) if landmark != Landmark::Floor => creation.creation.clocked.as_slice(),
            _ => &[],
        };
        let mut rows = Vec::new();
        for one in clocked {
            let during = format!("reading the rows of `{}`", one.relation);
            rows.extend(self.session.texts(&during, &one.sql).await?);
        }
        Ok(Reached { state, rows })
    }

    /// The state once the window is closed, against the one that was come to by another way.
    pub(super) async fn demand_landmark(
        &mut self,
        creation: &LoadedCreation,
        act: &CreationAct,
        landmark: Landmark,
        outcome: &mut PacketOutcome,
    ) -> Result<bool, RehearseError> {
        let named = &creation.creation;
        let label = format!("the state {} by `{}`", landmark.word(), act.file);
        let savepoint = self.session.savepoint().await?;
        if !self.as_dba(creation, AFTER).await? {
            return Ok(false);
        }
        if landmark == Landmark::Floor {
            self.demand_kept(creation, outcome).await?;
            self.session.harness(&label, &named.expire).await?;
            if !self.as_dba(creation, ROLES_GONE).await? {
                return Ok(false);
            }
        }
        self.session.harness(&label, &named.restore).await?;
        let found = self.reached(landmark).await?;
        self.session.undo(savepoint, &label).await?;
        let Some(expected) = self.landmarks.get(&landmark) else {
            return Err(RehearseError::Stop(format!("{label}: nothing to compare with")));
        };
        let mut residue = expected.state.residue(&found.state);
        let same_rows = |relation: &str| {
            let at = named.clocked.iter().position(|one| one.relation == relation);
            at.is_some_and(|at| {
                expected.rows.get(at).is_some() && expected.rows.get(at) == found.rows.get(at)
            })
        };
        let is_of_the_run = |one: &Residue| {
            one.kind == "rows" && (named.grows.contains(&one.identity) || same_rows(&one.identity))
        };
        residue.retain(|one| !is_of_the_run(one));
        if !residue.is_empty() {
            let message = format!("{label}: expected the same, found {} differences", residue.len());
            self.finding(
                "PACKET_CAME_TO_ANOTHER_STATE",
                Some(named.package.clone()),
                message,
                residue_lines(&residue),
            );
        }
        Ok(residue.is_empty())
    }
}
