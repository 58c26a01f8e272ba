//! The packet that makes the control plane, run part by part under each person's own login: the very bytes, right and
//! wrong, there and back.
//!
//! Not for: real logins, or a commit, which a rehearsal has none of. The one fact to know: what the parts come to is
//! compared with what the same files came to one by one, object by object and row by row.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::fingerprint::Fingerprint;
use crate::leave::{Asks, Signed, Wrong};
use crate::outcome::{PacketOutcome, PacketRefusal};
use crate::packages::holds_data;
use crate::packet::{DEFAULT, given};
use crate::plan::{CreationAct, Landmark, LeaveRef, LoadedCreation, LoadedPackage, text_of};
use crate::session::{Batch, quote_ident, quote_literal};
use operator_authorization::Code;
use sqlx::postgres::PgDatabaseError;
use std::borrow::Cow;

mod landmark;

pub(crate) use landmark::Reached;

const VERIFY: &str = "verify.sql";
pub(crate) const INPUTS: &str = "inputs.sql";
const ROLES: &str = "dba_roles.sql";
pub(crate) const ROLES_GONE: &str = "dba_roles_gone.sql";
pub(crate) const BEFORE: &str = "dba_before.sql";
pub(crate) const AFTER: &str = "dba_after.sql";

/// What a part is handed in besides the leave, as settings of its transaction.
pub(crate) fn handed_in(act: &CreationAct) -> String {
    let setting = |(name, value): (&String, &String)| {
        format!(
            "select pg_catalog.set_config({}, {}, true);",
            quote_literal(name),
            quote_literal(value)
        )
    };
    act.hand_in.iter().map(setting).collect()
}

impl Run<'_> {
    fn runs_creation(&self) -> bool {
        let committed = self.committed;
        committed.creation.is_some()
            && self.share.has_creation()
            && committed.is_whole()
            && committed.inapplicable.is_empty()
            && self.clock.is_none()
    }

    /// Takes what the files made away, and makes it again by the packet's parts; undone.
    pub(crate) async fn creation(
        &mut self,
        files: &[&LoadedPackage],
        floor: &Fingerprint,
    ) -> Result<(), RehearseError> {
        let committed = self.committed;
        let (Some(creation), true) = (&committed.creation, self.runs_creation()) else {
            return Ok(());
        };
        let id = creation.creation.package.clone();
        self.progress.step(&format!("{id}, part by part"));
        self.landmarks
            .insert(Landmark::Floor, Reached::without_clocks(floor.clone()));
        let savepoint = self.session.savepoint().await?;
        let mut outcome = PacketOutcome::new(&id, &creation.packet.digest.to_string());
        if self.take_away(files).await? {
            self.parts(creation, &mut outcome).await?;
        }
        self.outcome.packets.push(outcome);
        self.session
            .undo(savepoint, &format!("the parts of `{id}`"))
            .await
    }

    /// The way back after the seal, which was compared where it is due.
    async fn take_away(&mut self, files: &[&LoadedPackage]) -> Result<bool, RehearseError> {
        let refusal = self.committed.plan.sealed.as_ref();
        for package in files.iter().rev() {
            if refusal.is_some_and(|refusal| holds_data(refusal, files, package)) {
                continue;
            }
            for step in package.package.steps.iter().rev() {
                if !self.step_down(package, step).await? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Leave, the logins, and a DBA's two files; the leave that was given and the wrong ones, or nothing, and a finding,
    /// if a file was refused.
    pub(crate) async fn open_window(
        &mut self,
        creation: &LoadedCreation,
        leave: &LeaveRef,
    ) -> Result<Option<(Signed, Vec<Wrong>)>, RehearseError> {
        let named = &creation.creation;
        let asks = Asks {
            epoch: &named.epoch,
            known: &named.known_objects,
            forbidden: &named.forbidden_objects,
        };
        let desk = self.desk(&creation.packet, asks, leave).await?;
        let given = self.give_leave(&desk, leave)?;
        self.session.harness("preparing logins", &named.arrange).await?;
        for file in [ROLES, BEFORE] {
            if !self.as_dba(creation, file).await? {
                return Ok(None);
            }
        }
        Ok(Some(given))
    }

    async fn parts(
        &mut self,
        creation: &LoadedCreation,
        outcome: &mut PacketOutcome,
    ) -> Result<(), RehearseError> {
        let committed = self.committed;
        let Some(leave) = &committed.plan.leave else {
            return Err(RehearseError::Stop(
                "the plan has a creation and no `[leave]`".to_owned(),
            ));
        };
        let named = &creation.creation;
        let Some((signed, wrong)) = self.open_window(creation, leave).await? else {
            return Ok(());
        };
        let digest = creation.packet.digest.to_string();
        for one in wrong {
            let Some(code) = one.seen else { continue };
            let act = CreationAct::of(
                &format!("an authorization {}", one.what),
                &named.first,
                &named.operator,
            );
            let found = self
                .run_part(creation, &act, &given(&digest, &one.signed), true)
                .await?;
            let found = found.error.as_deref();
            let as_expected =
                found.is_some_and(|error| error.code() == named.leave && detail_names(error, code.name()));
            self.note(outcome, &act.what, code.name(), as_expected, found);
        }
        let given = given(&digest, &signed);
        let mut applied = false;
        let mut returned = false;
        for act in &named.act {
            let Some(refused) = &act.refused else {
                let Some(reached) = self.accepted_part(creation, act, &given, outcome).await? else {
                    return Ok(());
                };
                outcome.parts += 1;
                outcome.statements += reached;
                applied |= act.reaches == Some(Landmark::Activated);
                returned |= act.reaches == Some(Landmark::Floor);
                continue;
            };
            let found = self.run_part(creation, act, &given, true).await?;
            let found = found.error.as_deref();
            let as_expected = found
                .is_some_and(|error| error.code() == refused.sqlstate && said(error).contains(&refused.says));
            self.note(outcome, &act.what, &refused.says, as_expected, found);
        }
        outcome.applied = applied;
        outcome.restored = returned;
        Ok(())
    }

    fn note(
        &mut self,
        outcome: &mut PacketOutcome,
        what: &str,
        code: &str,
        as_expected: bool,
        found: Option<&PgDatabaseError>,
    ) {
        outcome.refused.push(PacketRefusal {
            what: what.to_owned(),
            code: code.to_owned(),
            as_expected,
        });
        if !as_expected {
            let found = found.map_or_else(|| "no refusal".to_owned(), said);
            let message = format!("`{}`, {what}: expected {code}, found {found}", outcome.package);
            self.finding(
                "PACKET_DID_NOT_REFUSE",
                Some(outcome.package.clone()),
                message,
                vec![],
            );
        }
    }

    /// A part that must run; how many statements it had, or nothing, and a finding, if it did not.
    async fn accepted_part(
        &mut self,
        creation: &LoadedCreation,
        act: &CreationAct,
        given: &str,
        outcome: &mut PacketOutcome,
    ) -> Result<Option<usize>, RehearseError> {
        let id = creation.creation.package.clone();
        let savepoint = if act.undo {
            Some(self.session.savepoint().await?)
        } else {
            None
        };
        let ran = self.run_part(creation, act, given, false).await?;
        if let Some(error) = ran.error {
            let details = [error.detail(), error.hint(), error.r#where()];
            let details = details.into_iter().flatten().flat_map(str::lines);
            let details = details.map(str::to_owned).collect();
            let message = format!(
                "`{}` as `{}` was refused: {} {}",
                act.file,
                act.login,
                error.code(),
                error.message()
            );
            self.finding("PACKET_REFUSED", Some(id), message, details);
            return Ok(None);
        }
        if !self.flush(&id, &act.file).await? {
            return Ok(None);
        }
        self.demand_answers(creation, act).await?;
        if let Some(landmark) = act.reaches
            && !self.demand_landmark(creation, act, landmark, outcome).await?
        {
            return Ok(None);
        }
        if act.reaches == Some(Landmark::Floor) {
            self.demand_spent(creation, given, outcome).await?;
        }
        if let Some(savepoint) = savepoint {
            self.session.undo(savepoint, &act.what).await?;
        }
        Ok(Some(ran.completed.len()))
    }

    /// Runs a file as a login, with what it is handed in; undone if `undo`.
    async fn run_part(
        &mut self,
        creation: &LoadedCreation,
        act: &CreationAct,
        given: &str,
        undo: bool,
    ) -> Result<Batch, RehearseError> {
        let label = format!("`{}` as `{}`: {}", act.file, act.login, act.what);
        let savepoint = self.session.savepoint().await?;
        if let Some(arrange) = &act.arrange {
            self.session.harness(&label, arrange).await?;
        }
        let settings = self.settings().await?;
        let become_login = format!(
            "set local session authorization {};{given}{}",
            quote_ident(&act.login),
            handed_in(act)
        );
        self.session.harness(&label, &become_login).await?;
        self.session.harness(&label, &creation.sql(INPUTS)?).await?;
        let batch = self
            .session
            .batch(&label, creation.sql(&act.file)?.into_owned())
            .await?;
        batch.demand_transaction(&label)?;
        if undo || batch.error.is_some() {
            self.session.undo(savepoint, &label).await?;
        } else {
            self.session.keep(savepoint, &label).await?;
            self.session
                .harness(&label, &format!("{DEFAULT}{settings}"))
                .await?;
            self.session.demand_same_transaction(&label).await?;
        }
        Ok(batch)
    }

    pub(crate) async fn as_dba(
        &mut self,
        creation: &LoadedCreation,
        file: &str,
    ) -> Result<bool, RehearseError> {
        let id = creation.creation.package.clone();
        self.refused_nothing(
            &id,
            &format!("`{file}` of `{id}`"),
            creation.sql(file)?.into_owned(),
        )
        .await
    }

    /// `verify.sql`, as somebody who may read.
    pub(crate) async fn demand_answers(
        &mut self,
        creation: &LoadedCreation,
        act: &CreationAct,
    ) -> Result<(), RehearseError> {
        let during = format!("`{VERIFY}` after `{}`: {}", act.file, act.what);
        let savepoint = self.session.savepoint().await?;
        let batch = self
            .session
            .batch(&during, creation.sql(VERIFY)?.into_owned())
            .await?;
        batch.demand_transaction(&during)?;
        self.session.undo(savepoint, &during).await?;
        let is_missing = |wanted: &&String| !batch.answers.contains(*wanted);
        let missing: Vec<&String> = act.answers.iter().filter(is_missing).collect();
        if missing.is_empty() && batch.error.is_none() {
            return Ok(());
        }
        let message = format!("{during}: expected {missing:?}");
        let error = batch.error.as_deref().map(said);
        let details = batch.answers.into_iter().chain(error).collect();
        let package = Some(creation.creation.package.clone());
        self.finding("PACKET_STATE_DIFFERS", package, message, details);
        Ok(())
    }

    /// What was taken back under this leave can't be made under it again.
    async fn demand_spent(
        &mut self,
        creation: &LoadedCreation,
        given: &str,
        outcome: &mut PacketOutcome,
    ) -> Result<(), RehearseError> {
        let named = &creation.creation;
        let act = CreationAct::of(
            "an authorization that was used and taken back",
            &named.first,
            &named.operator,
        );
        let found = self.run_part(creation, &act, given, true).await?.error;
        let code = Code::NonceReplayed.name();
        let as_expected = found
            .as_deref()
            .is_some_and(|error| error.code() == named.leave && detail_names(error, code));
        self.note(outcome, &act.what, code, as_expected, found.as_deref());
        Ok(())
    }

    /// The roles stay while that leave would still hold.
    async fn demand_kept(
        &mut self,
        creation: &LoadedCreation,
        outcome: &mut PacketOutcome,
    ) -> Result<(), RehearseError> {
        let named = &creation.creation;
        let during = format!("`{ROLES_GONE}` while the authorization would still hold");
        let savepoint = self.session.savepoint().await?;
        let sql = creation.sql(ROLES_GONE)?.into_owned();
        let batch = self.session.batch(&during, sql).await?;
        batch.demand_transaction(&during)?;
        self.session.undo(savepoint, &during).await?;
        let found = batch.error.as_deref();
        let as_expected = found.is_some_and(|error| error.code() == named.not_expired);
        self.note(outcome, &during, &named.not_expired, as_expected, found);
        Ok(())
    }
}

fn said(error: &PgDatabaseError) -> String {
    format!(
        "{} {} {}",
        error.code(),
        error.message(),
        error.detail().unwrap_or_default()
    )
}

/// Whether a line of the detail begins with `code`.
fn detail_names(error: &PgDatabaseError, code: &str) -> bool {
    let detail = error.detail().unwrap_or_default();
    detail
        .lines()
        .any(|line| line.split([' ', ':']).next() == Some(code))
}

impl LoadedCreation {
    /// The text of one of its files.
    pub(crate) fn sql(&self, name: &str) -> Result<Cow<'_, str>, RehearseError> {
        text_of(&self.files, &self.creation.package, name)
    }
}
