//! Runs of a packet that must not go well: in a world that is no good, and with two statements changed about.
//!
//! Not for: leave that is wrong (`crate::leave` makes it). The one fact to know: each is undone, and each must
//! be seen for its own reason.

use super::paths::{Ended, is_role};
use super::{APPLY, given};
use crate::engine::Run;
use crate::error::RehearseError;
use crate::leave::Signed;
use crate::plan::LoadedPacket;
use crate::statements::{bare, split};
use sqlx::postgres::PgDatabaseError;
use std::collections::BTreeMap;

impl Run<'_> {
    /// In each world that is no good the packet must refuse, for the world's reasons, before it changes anything.
    pub(super) async fn refused_in_worlds(
        &mut self,
        packet: &LoadedPacket,
        signed: &Signed,
        label: &str,
    ) -> Result<BTreeMap<String, Vec<String>>, RehearseError> {
        let committed = self.committed;
        let mut ends = BTreeMap::new();
        for world in committed
            .worlds
            .world
            .iter()
            .filter(|world| !world.expected.is_empty())
        {
            let savepoint = self.session.savepoint().await?;
            let label = format!("{label} in world `{}`", world.id);
            self.session.harness(&label, &world.delta).await?;
            if self.run_as_dba(packet, "dba_before.sql", &label).await? {
                let found = self
                    .refusal_of(
                        packet,
                        &given(&packet.packet.digest.to_string(), signed),
                        &packet.sql(APPLY)?,
                        &label,
                    )
                    .await?;
                let named: Vec<String> = world
                    .expected
                    .iter()
                    .filter(|code| found.names(code))
                    .cloned()
                    .collect();
                if !found.is(&packet.packet_ref.isolation) || named != world.expected {
                    let message = format!("{label}: expected {:?}, found {}", world.expected, found.said());
                    self.finding(
                        "PACKET_DID_NOT_REFUSE",
                        Some(packet.packet_ref.package.clone()),
                        message,
                        vec![],
                    );
                }
                ends.insert(world.id.clone(), named);
            }
            self.session.undo(savepoint, &label).await?;
        }
        Ok(ends)
    }

    /// Statements that change places must open both paths at once; how many were seen to.
    pub(super) async fn swaps(
        &mut self,
        packet: &LoadedPacket,
        file: &str,
        given: &str,
        label: &str,
    ) -> Result<usize, RehearseError> {
        let mut seen = 0;
        let sql = packet.sql(file)?;
        let pieces = split(label, &sql)?;
        for swap in packet.packet_ref.swap.iter().filter(|swap| swap.file == file) {
            let at = |wanted: &str| {
                let mut found = pieces
                    .iter()
                    .enumerate()
                    .filter(|(_, piece)| bare(piece) == wanted);
                match (found.next(), found.next()) {
                    (Some((at, _)), None) => Ok(at),
                    _ => Err(RehearseError::Stop(format!(
                        "{label}: `{wanted}` must stand in `{file}` once"
                    ))),
                }
            };
            let (first, then) = (at(&swap.first)?, at(&swap.then)?);
            // Each statement keeps the role that it needs, and leaves the one that it found.
            let moved = |from: usize, to: usize| {
                format!(
                    "{};\n{};\n{};\n",
                    role_at(&pieces, from),
                    bare(&pieces[from]),
                    role_at(&pieces, to)
                )
            };
            let mut changed = pieces.clone();
            changed[first] = moved(then, first);
            changed[then] = moved(first, then);
            let savepoint = self.session.savepoint().await?;
            self.become_operator(packet, given, label).await?;
            let (ended, _) = self.statements(packet, &changed, true).await?;
            self.session.undo(savepoint, label).await?;
            match ended {
                Ended::Mixed { .. } => seen += 1,
                Ended::Through | Ended::Disagree { .. } => {
                    self.swap_survived(packet, &swap.then, "nothing noticed");
                }
                Ended::Refused { at, error } => {
                    self.swap_survived(
                        packet,
                        &swap.then,
                        &format!("{} {} at `{at}`", error.code(), error.message()),
                    );
                }
            }
        }
        Ok(seen)
    }

    fn swap_survived(&mut self, packet: &LoadedPacket, then: &str, found: &str) {
        let id = packet.packet_ref.package.clone();
        let message =
            format!("`{id}` with `{then}` too early: expected both paths open at once, found {found}");
        self.finding("PACKET_MUTANT_SURVIVED", Some(id), message, vec![]);
    }

    /// How `sql` is refused under `given`; undone.
    pub(super) async fn refusal_of(
        &mut self,
        packet: &LoadedPacket,
        given: &str,
        sql: &str,
        label: &str,
    ) -> Result<Refused, RehearseError> {
        let savepoint = self.session.savepoint().await?;
        self.become_operator(packet, given, label).await?;
        let batch = self.session.batch(label, sql.to_owned()).await?;
        batch.demand_transaction(label)?;
        self.session.undo(savepoint, label).await?;
        Ok(Refused(batch.error))
    }
}

/// A refusal, or none.
pub(super) struct Refused(Option<Box<PgDatabaseError>>);

impl Refused {
    pub(super) fn is(&self, sqlstate: &str) -> bool {
        self.0.as_ref().is_some_and(|error| error.code() == sqlstate)
    }

    /// Whether a line of its detail begins with `code`.
    pub(super) fn names(&self, code: &str) -> bool {
        let detail = self
            .0
            .as_ref()
            .and_then(|error| error.detail())
            .unwrap_or_default();
        detail
            .lines()
            .any(|line| line.split([' ', ':']).next() == Some(code))
    }

    pub(super) fn said(&self) -> String {
        self.0.as_ref().map_or_else(
            || "no refusal".to_owned(),
            |error| {
                format!(
                    "{} {} {}",
                    error.code(),
                    error.message(),
                    error.detail().unwrap_or_default()
                )
            },
        )
    }
}

/// The statement that put the role of this place into effect.
fn role_at(pieces: &[String], at: usize) -> &str {
    let before = pieces[..at].iter().rev().map(|piece| bare(piece));
    before
        .into_iter()
        .find(|text| is_role(text))
        .unwrap_or("reset role")
}
