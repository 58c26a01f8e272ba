//! The packet that makes the control plane, committed part by part, and both of its ways back.
//!
//! Not for: what its parts refuse, which a rehearsal shows in one transaction. The one fact to know: before the activation
//! everything is dropped and the cluster is what it was; after it nothing is dropped, and the prior payload becomes active
//! once more [ruling A8].

use super::{ChainOutcome, Part};
use crate::client::Client;
use crate::creation::{AFTER, BEFORE, INPUTS, ROLES_GONE, handed_in};
use crate::engine::Run;
use crate::error::RehearseError;
use crate::packet::given;
use crate::plan::{CreationAct, Landmark, LeaveRef, LoadedCreation};

/// The packet as it was applied.
pub(super) struct Origin<'a> {
    creation: &'a LoadedCreation,
    /// The leave under which it was.
    given: String,
}

impl<'a> Run<'a> {
    /// Made as far as its activation and dropped again: the cluster is what it was, roles included.
    pub(super) async fn create_and_drop(
        &mut self,
        client: &mut Client<'a>,
        outcome: &mut ChainOutcome,
    ) -> Result<bool, RehearseError> {
        let (creation, leave) = self.origin()?;
        let named = &creation.creation;
        let before = self.fingerprint().await?;
        let Some(origin) = self.begin_origin(creation, leave).await? else {
            return Ok(false);
        };
        let acts = named.act.iter().filter(|act| act.refused.is_none());
        let Some(last) = acts.clone().position(|act| act.reaches == Some(Landmark::Floor)) else {
            return Err(RehearseError::Stop(format!(
                "no act of `{}` leads back before its activation",
                named.package
            )));
        };
        if !self
            .commit_acts(&origin, acts.take(last + 1), client, outcome)
            .await?
        {
            return Ok(false);
        }
        if !self.end_origin(creation).await? {
            return Ok(false);
        }
        let during = format!("the roles of `{}` go", named.package);
        self.session.harness(&during, &named.expire).await?;
        if !self.as_dba(creation, ROLES_GONE).await? {
            return Ok(false);
        }
        self.session.harness(&during, &named.restore).await?;
        self.keep(&during).await?;
        self.demand_restored(&named.package, &before, outcome).await
    }

    /// Every part as far as the first activation.
    pub(super) async fn commit_creation(
        &mut self,
        client: &mut Client<'a>,
        outcome: &mut ChainOutcome,
    ) -> Result<Option<Origin<'a>>, RehearseError> {
        let (creation, leave) = self.origin()?;
        let Some(origin) = self.begin_origin(creation, leave).await? else {
            return Ok(None);
        };
        let mut acts: Vec<&CreationAct> = due(creation).collect();
        acts.truncate(activation(creation));
        let ran = self
            .commit_acts(&origin, acts.into_iter(), client, outcome)
            .await?;
        let ended = self.end_origin(creation).await?;
        Ok((ran && ended).then_some(origin))
    }

    /// The way back after the activation, once every later package was taken back: nothing is active by then, and the
    /// prior payload is in the end.
    pub(super) async fn commit_return(
        &mut self,
        origin: &Origin<'a>,
        client: &mut Client<'a>,
        outcome: &mut ChainOutcome,
    ) -> Result<bool, RehearseError> {
        let creation = origin.creation;
        let before = self.fingerprint().await?;
        if !self.as_dba(creation, BEFORE).await? {
            return Ok(false);
        }
        self.keep("opening the window once more").await?;
        let acts = due(creation).skip(activation(creation));
        if !self.commit_acts(origin, acts, client, outcome).await? {
            return Ok(false);
        }
        if !self.end_origin(creation).await? {
            return Ok(false);
        }
        self.demand_restored(&creation.creation.package, &before, outcome)
            .await
    }

    fn origin(&self) -> Result<(&'a LoadedCreation, &'a LeaveRef), RehearseError> {
        let committed = self.committed;
        match (&committed.creation, &committed.plan.leave) {
            (Some(creation), Some(leave)) => Ok((creation, leave)),
            _ => Err(RehearseError::Stop(
                "the plan has no packet that makes the control plane".to_owned(),
            )),
        }
    }

    async fn begin_origin(
        &mut self,
        creation: &'a LoadedCreation,
        leave: &'a LeaveRef,
    ) -> Result<Option<Origin<'a>>, RehearseError> {
        let Some((signed, _)) = self.open_window(creation, leave).await? else {
            return Ok(None);
        };
        self.keep("opening the window").await?;
        let given = given(&creation.packet.digest.to_string(), &signed);
        Ok(Some(Origin { creation, given }))
    }

    async fn end_origin(&mut self, creation: &LoadedCreation) -> Result<bool, RehearseError> {
        let closed = self.as_dba(creation, AFTER).await?;
        self.keep("closing the window").await?;
        Ok(closed)
    }

    /// Each act by its login, committed, with what `verify.sql` must answer after it.
    async fn commit_acts(
        &mut self,
        origin: &Origin<'a>,
        acts: impl Iterator<Item = &'a CreationAct>,
        client: &mut Client<'a>,
        outcome: &mut ChainOutcome,
    ) -> Result<bool, RehearseError> {
        let creation = origin.creation;
        for act in acts {
            let (inputs, sql) = (creation.sql(INPUTS)?, creation.sql(&act.file)?);
            let part = Part {
                package: &creation.creation.package,
                file: &act.file,
                login: &act.login,
                settings: format!("{}{}", origin.given, handed_in(act)),
                inputs: &inputs,
                sql: &sql,
                closely: false,
            };
            if !self.commit_part(&part, client, outcome).await? {
                return Ok(false);
            }
            self.demand_answers(creation, act).await?;
        }
        Ok(true)
    }
}

/// Acts that run and stay, in order.
fn due(creation: &LoadedCreation) -> impl Iterator<Item = &CreationAct> {
    let acts = creation.creation.act.iter();
    acts.filter(|act| act.refused.is_none() && !act.undo)
}

/// How many of them lead to the first activation.
fn activation(creation: &LoadedCreation) -> usize {
    due(creation)
        .position(|act| act.reaches == Some(Landmark::Activated))
        .map_or(usize::MAX, |at| at + 1)
}
