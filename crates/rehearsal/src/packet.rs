//! An operator's packet, run by the operator's login: the very bytes, statement by statement, there and back.
//!
//! Not for: leave (`leave`), or what only a commit shows. The one fact to know: after every statement both paths are
//! asked of the server and tried, and never may both be executable; two statements that change places must show it.

mod paths;
mod wrong;

use crate::engine::Run;
use crate::error::RehearseError;
use crate::fingerprint::Fingerprint;
use crate::leave::{Asks, Signed};
use crate::outcome::{PacketOutcome, PacketRefusal};
use crate::plan::{LeaveRef, LoadedPacket, PacketPart, text_of};
use crate::session::{quote_ident, quote_literal};
use crate::statements::halves;
use operator_authorization::Code;
use std::borrow::Cow;

pub(crate) const DEFAULT: &str = "set local session authorization default; ";
const APPLY: &str = "apply.sql";
const ROLLBACK: &str = "rollback.sql";
const VERIFY: &str = "verify.sql";

/// What is remembered of a packet between its parts.
#[derive(Debug, Default)]
pub(crate) struct Underway {
    /// The state before.
    floor: Option<Fingerprint>,
    /// The settings that hand leave in.
    given: String,
    /// Settings of the session before.
    settings: String,
}

impl Run<'_> {
    /// Runs a part; `false`, and a finding, if it did not end as it must.
    pub(crate) async fn packet_part(
        &mut self,
        packet: &LoadedPacket,
        part: PacketPart,
        label: &str,
    ) -> Result<bool, RehearseError> {
        let committed = self.committed;
        let Some(leave) = &committed.plan.leave else {
            return Err(RehearseError::Stop(
                "the plan has packets and no `[leave]`".to_owned(),
            ));
        };
        if self.share.is_plain() {
            return self.packet_part_alone(packet, leave, part, label).await;
        }
        match part {
            PacketPart::ApplyToCheckpoint => {
                let apply = packet.sql(APPLY)?;
                let (first, _) = halves(label, &apply, &packet.packet_ref.checkpoint)?;
                self.begin_apply(packet, leave, first, label).await
            }
            PacketPart::Apply => Ok(self
                .begin_apply(packet, leave, &packet.sql(APPLY)?, label)
                .await?
                && self.after_apply(packet, label).await?),
            PacketPart::ApplyRest => self.end_apply(packet, label).await,
            PacketPart::Rollback => self.packet_rollback(packet, label).await,
        }
    }

    /// Makes the state of a part and looks at nothing on the way: what is watched elsewhere after every statement
    /// would be all of the time on a large estate.
    async fn packet_part_alone(
        &mut self,
        packet: &LoadedPacket,
        leave: &LeaveRef,
        part: PacketPart,
        label: &str,
    ) -> Result<bool, RehearseError> {
        let id = packet.packet_ref.package.clone();
        if matches!(part, PacketPart::ApplyToCheckpoint | PacketPart::Apply) {
            let desk = self.desk(&packet.packet, Asks::of(leave), leave).await?;
            let (signed, _) = self.give_leave(&desk, leave)?;
            let underway = Underway {
                floor: None,
                given: given(&packet.packet.digest.to_string(), &signed),
                settings: self.settings().await?,
            };
            self.underway.insert(id.clone(), underway);
        }
        let given = self.underway.get(&id).map(|one| one.given.clone());
        let Some(given) = given else {
            return Err(RehearseError::Stop(format!(
                "{label}: `{id}` was not applied before"
            )));
        };
        let is_back = part == PacketPart::Rollback;
        let whole = packet.sql(if is_back { ROLLBACK } else { APPLY })?;
        let checkpoint = &packet.packet_ref.checkpoint;
        let text = match part {
            PacketPart::ApplyToCheckpoint => halves(label, &whole, checkpoint)?.0,
            PacketPart::ApplyRest => halves(label, &whole, checkpoint)?.1,
            PacketPart::Apply | PacketPart::Rollback => &whole,
        };
        if part == PacketPart::ApplyRest {
            self.session.harness(label, &as_operator(packet)).await?;
        } else {
            if !self.run_as_dba(packet, "dba_before.sql", label).await? {
                return Ok(false);
            }
            self.become_operator(packet, &given, label).await?;
        }
        if !self.refused_nothing(&id, label, text.to_owned()).await? {
            return Ok(false);
        }
        // What the packet sets for its session outlives a transaction that is kept.
        let reset = format!("{DEFAULT}reset default_transaction_read_only;");
        self.session.harness(label, &reset).await?;
        Ok(part == PacketPart::ApplyToCheckpoint || self.end_window(packet, label).await?)
    }

    async fn begin_apply(
        &mut self,
        packet: &LoadedPacket,
        leave: &LeaveRef,
        sql: &str,
        label: &str,
    ) -> Result<bool, RehearseError> {
        let id = packet.packet_ref.package.clone();
        let digest = packet.packet.digest.to_string();
        let mut outcome = PacketOutcome::new(&id, &digest);
        let desk = self.desk(&packet.packet, Asks::of(leave), leave).await?;
        let (signed, wrong) = self.give_leave(&desk, leave)?;
        outcome.worlds = self.refused_in_worlds(packet, &signed, label).await?;
        self.demand_state(packet, "BEFORE", label).await?;
        let floor = self.fingerprint().await?;
        let settings = self.settings().await?;
        if !self.run_as_dba(packet, "dba_before.sql", label).await? {
            return Ok(false);
        }
        for one in &wrong {
            let Some(code) = one.seen else { continue };
            let sql = packet.sql(APPLY)?;
            let found = self
                .refusal_of(packet, &given(&digest, &one.signed), &sql, label)
                .await?;
            let as_expected = found.is(&packet.packet_ref.leave) && found.names(code.name());
            outcome.refused.push(PacketRefusal {
                what: one.what.to_owned(),
                code: code.to_string(),
                as_expected,
            });
            if !as_expected {
                let message = format!(
                    "`{id}` under an authorization {}: expected {code}, found {}",
                    one.what,
                    found.said()
                );
                self.finding("PACKET_DID_NOT_REFUSE", Some(id.clone()), message, vec![]);
            }
        }
        let given = given(&digest, &signed);
        outcome.swaps = self.swaps(packet, APPLY, &given, label).await?;
        self.underway.insert(
            id.clone(),
            Underway {
                floor: Some(floor),
                given: given.clone(),
                settings,
            },
        );
        self.outcome.packets.push(outcome);
        self.become_operator(packet, &given, label).await?;
        self.traced(packet, sql, label).await
    }

    async fn end_apply(&mut self, packet: &LoadedPacket, label: &str) -> Result<bool, RehearseError> {
        let apply = packet.sql(APPLY)?;
        let (_, second) = halves(label, &apply, &packet.packet_ref.checkpoint)?;
        self.session.harness(label, &as_operator(packet)).await?;
        Ok(self.traced(packet, second, label).await? && self.after_apply(packet, label).await?)
    }

    async fn after_apply(&mut self, packet: &LoadedPacket, label: &str) -> Result<bool, RehearseError> {
        let ended = self.end_window(packet, label).await?;
        self.demand_state(packet, "AFTER", label).await?;
        if let Some(outcome) = self.outcome.packets.last_mut() {
            outcome.applied = ended;
        }
        Ok(ended)
    }

    async fn packet_rollback(&mut self, packet: &LoadedPacket, label: &str) -> Result<bool, RehearseError> {
        let id = packet.packet_ref.package.clone();
        let Some(Underway {
            floor: Some(floor),
            given,
            ..
        }) = self.underway.get(&id)
        else {
            return Err(RehearseError::Stop(format!(
                "{label}: `{id}` was not applied before"
            )));
        };
        let (floor, given) = (floor.clone(), given.clone());
        if !self.run_as_dba(packet, "dba_before.sql", label).await? {
            return Ok(false);
        }
        let swaps = self.swaps(packet, ROLLBACK, &given, label).await?;
        self.become_operator(packet, &given, label).await?;
        if !self.traced(packet, &packet.sql(ROLLBACK)?, label).await? {
            return Ok(false);
        }
        self.session.harness(label, DEFAULT).await?;
        // The same leave once more: its nonce is used up.
        let found = self
            .refusal_of(packet, &given, &packet.sql(APPLY)?, label)
            .await?;
        if !found.is(&packet.packet_ref.leave) || !found.names(Code::NonceReplayed.name()) {
            let message = format!(
                "`{id}` under an authorization that was used: expected {}, found {}",
                Code::NonceReplayed,
                found.said()
            );
            self.finding("PACKET_DID_NOT_REFUSE", Some(id.clone()), message, vec![]);
        }
        if !self.end_window(packet, label).await? {
            return Ok(false);
        }
        self.demand_state(packet, "BEFORE", label).await?;
        let found = self.fingerprint().await?;
        // Evidence, the epoch and what was superseded only grow [ruling A8].
        let own = format!("{}.", self.committed.plan.schema);
        let mut residue = floor.residue(&found);
        residue.retain(|one| !(one.kind == "rows" && one.identity.starts_with(&own)));
        let restored = residue.is_empty();
        if !restored {
            let message = format!(
                "{label}: expected the state before `{id}`, found {} differences",
                residue.len()
            );
            self.finding(
                "PACKET_DID_NOT_RESTORE",
                Some(id.clone()),
                message,
                crate::packages::residue_lines(&residue),
            );
        }
        if let Some(outcome) = self
            .outcome
            .packets
            .iter_mut()
            .find(|outcome| outcome.package == id)
        {
            outcome.restored = restored;
            outcome.swaps += swaps;
        }
        Ok(true)
    }

    async fn run_as_dba(
        &mut self,
        packet: &LoadedPacket,
        file: &str,
        label: &str,
    ) -> Result<bool, RehearseError> {
        let what = format!("`{file}` for {label}");
        self.refused_nothing(&packet.packet_ref.package, &what, packet.sql(file)?.into_owned())
            .await
    }

    async fn end_window(&mut self, packet: &LoadedPacket, label: &str) -> Result<bool, RehearseError> {
        let id = packet.packet_ref.package.clone();
        let settings = self
            .underway
            .get(&id)
            .map(|one| one.settings.clone())
            .unwrap_or_default();
        if !self.flush(&id, label).await? || !self.run_as_dba(packet, "dba_after.sql", label).await? {
            return Ok(false);
        }
        self.session.harness(label, &settings).await?;
        Ok(true)
    }

    /// Settings that a packet sets for its transaction, as statements that set them as they are now.
    pub(crate) async fn settings(&mut self) -> Result<String, RehearseError> {
        let sql = "select pg_catalog.format('select pg_catalog.set_config(%L, %L, true);', s.name, pg_catalog.current_setting(s.name)) \
            from (values ('search_path'), ('lock_timeout'), ('statement_timeout'), ('default_transaction_read_only')) as s (name)";
        let lines = self.session.texts("remembering settings", sql).await?;
        Ok(lines.into_iter().flatten().collect::<Vec<_>>().concat())
    }

    async fn become_operator(
        &mut self,
        packet: &LoadedPacket,
        given: &str,
        label: &str,
    ) -> Result<(), RehearseError> {
        let sql = format!("{}{given}", as_operator(packet));
        self.session.harness(label, &sql).await?;
        self.session.harness(label, &packet.sql("inputs.sql")?).await
    }

    /// What `verify.sql` answers, asked by the auditor's road: without the window it is the harness that looks.
    async fn demand_state(
        &mut self,
        packet: &LoadedPacket,
        expected: &str,
        label: &str,
    ) -> Result<(), RehearseError> {
        let during = format!("`verify.sql` for {label}");
        let savepoint = self.session.savepoint().await?;
        let batch = self
            .session
            .batch(&during, packet.sql(VERIFY)?.into_owned())
            .await?;
        batch.demand_transaction(&during)?;
        self.session.undo(savepoint, &during).await?;
        let wanted = format!("{expected} ");
        let answered = batch.answers.iter().any(|answer| answer.starts_with(&wanted));
        if !answered || batch.error.is_some() {
            let error = batch.error.map(|error| {
                format!(
                    "{} {} {}",
                    error.code(),
                    error.message(),
                    error.detail().unwrap_or_default()
                )
            });
            let message = format!("{during}: expected {expected}");
            let details = batch.answers.into_iter().chain(error).collect();
            self.finding(
                "PACKET_STATE_DIFFERS",
                Some(packet.packet_ref.package.clone()),
                message,
                details,
            );
        }
        Ok(())
    }
}

/// The settings in which leave is handed in.
pub(crate) fn given(digest: &str, signed: &Signed) -> String {
    format!(
        "select pg_catalog.set_config('packet.sha256', {}, true), pg_catalog.set_config('packet.authorization', {}, true);",
        quote_literal(digest),
        quote_literal(&signed.text)
    )
}

fn as_operator(packet: &LoadedPacket) -> String {
    format!(
        "set local session authorization {};",
        quote_ident(&packet.packet_ref.operator)
    )
}

impl LoadedPacket {
    /// The text of one of its files.
    pub(crate) fn sql(&self, name: &str) -> Result<Cow<'_, str>, RehearseError> {
        text_of(&self.files, &self.packet_ref.package, name)
    }
}
