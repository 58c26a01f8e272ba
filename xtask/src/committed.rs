//! `cargo xtask rehearse --committed`: the packages once more, committed, on a cluster of their own.
//!
//! Not for: what happens there; that is `committed-clone`. The one fact to know: it runs after the
//! rolled-back rehearsal, on a second server, so neither can find what the other left.

use crate::cli::ServerArgs;
use crate::exit::CommandError;
use crate::progress::Spinner;
use rehearsal::{Applied, Committed, CommittedRun, Finding, Outcome, RehearseError, Status, server_options};
use std::time::Instant;
use throwaway_postgres::Disposable;

const APPROVED: &str = "an approved server is somebody's: its roles are the whole cluster's, and are committed nowhere but on a cluster that this tool made";
const NOT_APPLIED: &str = "the rehearsal did not come to apply every file";

/// Runs it and takes it into `outcome`.
pub(crate) async fn add(
    args: &ServerArgs,
    committed: &Committed,
    outcome: &mut Outcome,
    spinner: &mut Spinner,
) -> Result<(), CommandError> {
    let Some(rehearsed) = outcome.applied.clone() else {
        outcome.add_committed(CommittedRun::not_measured(NOT_APPLIED), vec![]);
        return Ok(());
    };
    if matches!(args.postgres, throwaway_postgres::Provider::Url(_)) {
        outcome.add_committed(CommittedRun::not_measured(APPROVED), vec![]);
        return Ok(());
    }
    let begun = Instant::now();
    let server = throwaway_postgres::start(&server_options(&args.options(), committed))
        .await
        .map_err(RehearseError::from)?;
    let ran = match server.disposable() {
        Some(cluster) => commit(cluster, committed, &rehearsed, spinner).await,
        None => Ok((CommittedRun::not_measured(APPROVED), vec![])),
    };
    let stopped = server.stop().await;
    let (mut run, findings) = ran?;
    stopped.map_err(|error| RehearseError::Stop(error.to_string()))?;
    let elapsed = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    run.elapsed_ms = elapsed;
    outcome.elapsed_ms.parts.insert("committed".to_owned(), elapsed);
    outcome.elapsed_ms.total += elapsed;
    outcome.add_committed(run, findings);
    Ok(())
}

/// There and back; then, on the cluster that is as it was, through the cutover for what only a login shows.
async fn commit(
    cluster: Disposable<'_>,
    committed: &Committed,
    rehearsed: &Applied,
    spinner: &mut Spinner,
) -> Result<(CommittedRun, Vec<Finding>), CommandError> {
    let (mut run, mut findings) = committed_clone::run(cluster, committed, Some(rehearsed), spinner).await?;
    if findings.is_empty() && committed.is_whole() {
        let (chain, reads, red) = committed_clone::commit_chain(cluster, committed, spinner).await?;
        (run.chain, run.reads) = (chain, reads);
        findings.extend(red);
        if !findings.is_empty() {
            run.verdict = Status::Fail;
        }
    }
    Ok((run, findings))
}
