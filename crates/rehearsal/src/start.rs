//! From a plan to a server: the start-up cluster holds the estate, the rest is the engine's.

use crate::beside::{Ended, Relay, Shared, proofs_on, rehearse_beside};
use crate::engine::{Progress, rehearse_on};
use crate::error::RehearseError;
use crate::fingerprint::Fingerprint;
use crate::manifest_mutant::{MutantOutcome, mutants_on, rebuilt_on, sound_state};
use crate::outcome::Outcome;
use crate::own_thread::on_own_thread;
use crate::plan::{Committed, ManifestMutant};
use crate::target::Target;
use guards::Fixture;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;
use throwaway_postgres::{Options, Provider, Server, Template};
use tokio::sync::mpsc;

/// `options` with the plan's estate as start-up cluster.
pub fn server_options(options: &Options, committed: &Committed) -> Options {
    let template = Template {
        database: committed.plan.database.clone(),
        scripts: committed.estate.clone(),
    };
    Options {
        template: Some(template),
        ..options.clone()
    }
}

/// Starts a throwaway server, rehearses on it, and stops it whatever happened.
pub async fn rehearse(
    options: &Options,
    committed: &Committed,
    fixtures: &[Fixture],
    only: &[String],
    progress: &mut dyn Progress,
) -> Result<Outcome, RehearseError> {
    let started = start(options, committed, progress).await?;
    started.rehearse(committed, fixtures, only, progress).await
}

/// A throwaway server with the plan's estate, before the rehearsal.
#[derive(Debug)]
pub struct Started {
    server: Server,
    begun: Instant,
    up_ms: u64,
}

/// Starts the server of a rehearsal, for a caller that looks at it before it goes on.
pub async fn start(
    options: &Options,
    committed: &Committed,
    progress: &mut dyn Progress,
) -> Result<Started, RehearseError> {
    let begun = Instant::now();
    progress.step("starting a server");
    let server = throwaway_postgres::start(&server_options(options, committed)).await?;
    Ok(Started {
        server,
        begun,
        up_ms: crate::engine::millis(begun),
    })
}

impl Started {
    /// The server.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Mutants of the manifests by themselves, as deltas on a draft.
    pub async fn mutants(
        &self,
        committed: &Committed,
        ids: &BTreeSet<String>,
    ) -> Result<Vec<MutantOutcome>, RehearseError> {
        mutants_on(
            &Target::of(&self.server, &committed.plan.database),
            committed,
            ids,
        )
        .await
    }

    /// The state with every file applied.
    pub async fn sound_state(&self, committed: &Committed) -> Result<Fingerprint, RehearseError> {
        sound_state(&Target::of(&self.server, &committed.plan.database), committed).await
    }

    /// One mutant from nothing: `instead` are the texts that differ, by path.
    pub async fn rebuilt(
        &self,
        committed: &Committed,
        mutant: &ManifestMutant,
        instead: &BTreeMap<String, String>,
        sound: &Fingerprint,
    ) -> Result<MutantOutcome, RehearseError> {
        let target = Target::of(&self.server, &committed.plan.database);
        rebuilt_on(&target, committed, mutant, instead, sound).await
    }

    /// Stops the server.
    pub async fn stop(self) -> Result<(), RehearseError> {
        let stopped = self.server.stop().await;
        stopped.map_err(|error| RehearseError::Stop(error.to_string()))
    }

    /// Rehearses in one transaction, and stops the server whatever happened.
    pub async fn rehearse(
        self,
        committed: &Committed,
        fixtures: &[Fixture],
        only: &[String],
        progress: &mut dyn Progress,
    ) -> Result<Outcome, RehearseError> {
        self.rehearse_by(async |server| {
            let target = Target::of(server, &committed.plan.database);
            rehearse_on(&target, committed, fixtures, only, progress).await
        })
        .await
    }

    /// Rehearses on this server and a second one like it at once, each in one transaction, and stops both.
    pub async fn rehearse_on_two(
        self,
        options: &Options,
        committed: &Arc<Committed>,
        fixtures: &[Fixture],
        progress: &mut dyn Progress,
    ) -> Result<Outcome, RehearseError> {
        self.rehearse_by(async |server| {
            let steps = Target::of(server, &committed.plan.database);
            let listener = RefCell::new(progress);
            let (relay, mut heard) = mpsc::unbounded_channel();
            let (options, shared) = (like(server, options), Arc::clone(committed));
            let proofs = on_own_thread("the proofs", move || proven(options, shared, Relay(relay)))?;
            let mut first = Shared(&listener);
            let beside = rehearse_beside(&steps, proofs, committed, fixtures, &mut first);
            let telling = async {
                while let Some(step) = heard.recv().await {
                    Shared(&listener).step(&step);
                }
            };
            let (outcome, ()) = futures_util::future::join(Box::pin(beside), telling).await;
            outcome
        })
        .await
    }

    /// Has `work` rehearse on the server, and stops it whatever happened.
    pub async fn rehearse_by(
        self,
        work: impl AsyncFnOnce(&Server) -> Result<Outcome, RehearseError>,
    ) -> Result<Outcome, RehearseError> {
        let (begun, up_ms) = (self.begun, self.up_ms);
        let mut outcome = self.stopped_after(work).await?;
        outcome.elapsed_ms.postgres_start = up_ms;
        outcome.elapsed_ms.total = crate::engine::millis(begun);
        Ok(outcome)
    }

    /// Does `work`, and stops the server whatever came of it.
    async fn stopped_after<T>(
        self,
        work: impl AsyncFnOnce(&Server) -> Result<T, RehearseError>,
    ) -> Result<T, RehearseError> {
        let done = work(&self.server).await;
        let done = done.map_err(|error| no_room(&self.server, &error).unwrap_or(error));
        let stopped = self.stop().await;
        let done = done?;
        stopped?;
        Ok(done)
    }
}

/// The proofs, on a server of their own.
async fn proven(
    options: Options,
    committed: Arc<Committed>,
    mut progress: Relay,
) -> Result<Ended, RehearseError> {
    let started = start(&options, &committed, &mut progress).await?;
    let proven = started.stopped_after(async |server| {
        let target = Target::of(server, &committed.plan.database);
        proofs_on(&target, &committed, &mut progress).await
    });
    Box::pin(proven).await
}

/// Options for a second server of the same kind.
fn like(server: &Server, options: &Options) -> Options {
    let provider = Provider::parse(server.provider()).unwrap_or_else(|_| options.provider.clone());
    Options {
        provider,
        ..options.clone()
    }
}

/// `error` again, if a full disk is behind it: a server that can't write its log ends every session.
fn no_room(server: &Server, error: &RehearseError) -> Option<RehearseError> {
    match error {
        RehearseError::ConnectionLost { .. } | RehearseError::OutOfResources { .. } => {}
        _ => return None,
    }
    let (folder, said) = server.full_disk()?;
    Some(RehearseError::NoRoom {
        folder: folder.to_owned(),
        said,
    })
}
