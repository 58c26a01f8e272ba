//! The whole run: before, up, logins, back, after, and what two observers say of it.
//!
//! Not for: starting the cluster. The one fact to know: the states compared are of the whole cluster (roles,
//! memberships, settings, databases) as much as of the database, and the committed state must be the one
//! that was rehearsed, row by row.

use crate::clone::CommittedClone;
use crate::dump::{Observer, difference};
use crate::error::CommitError;
use rehearsal::{
    Applied, Committed, CommittedRun, DumpOutcome, Finding, Fingerprint, Progress, Status, observe,
    residue_lines,
};
use std::time::Instant;
use throwaway_postgres::Disposable;

/// A state as both observers see it.
struct Seen {
    state: Fingerprint,
    dump: Option<String>,
}

/// Commits the packages of `committed` on `cluster`, tries every login, takes them back, and compares; with
/// `rehearsed`, what a rolled-back rehearsal of the same files did.
pub async fn run(
    cluster: Disposable<'_>,
    committed: &Committed,
    rehearsed: Option<&Applied>,
    progress: &mut dyn Progress,
) -> Result<(CommittedRun, Vec<Finding>), CommitError> {
    let begun = Instant::now();
    let mut clone = CommittedClone::open(cluster, committed).await?;
    let observer = Observer::find(cluster, &committed.plan.database);
    let look = observer.as_ref().ok();
    let mut run = CommittedRun::not_measured("");
    progress.step("committed: before");
    let before = clone.see(look).await?;
    run.before = before.state.digest();
    progress.step("committed: up");
    if clone.apply().await? {
        let applied = clone.see(look).await?;
        run.applied = applied.state.digest();
        run.dump.lines = applied.dump.as_deref().map_or(0, |dump| dump.lines().count());
        clone.judge_applied(&before, &applied, rehearsed, &mut run);
        progress.step("committed: logins");
        run.logins = clone.log_in().await?;
        progress.step("committed: way back");
        if clone.take_back().await? {
            let after = clone.see(look).await?;
            run.after_way_back = after.state.digest();
            clone.judge_way_back(&before, &after);
        }
    }
    run.files = clone.xids.len();
    run.xid_status = clone.xid_status().await?;
    if run.xid_status != "committed" {
        let message = format!(
            "each transaction of a file: expected `committed`, found `{}`",
            run.xid_status
        );
        clone.finding("XID_NOT_COMMITTED", None, message, vec![]);
    }
    let findings = clone.close().await;
    let is_dumps = |finding: &Finding| finding.code.starts_with("DUMP_");
    run.dump = DumpOutcome {
        verdict: match &observer {
            Err(_) => Status::NotMeasured,
            Ok(_) if findings.iter().any(is_dumps) => Status::Fail,
            Ok(_) if run.after_way_back.is_empty() => Status::NotMeasured,
            Ok(_) => Status::Pass,
        },
        observer: match &observer {
            Ok(observer) => observer.name().to_owned(),
            Err(why) => why.clone(),
        },
        lines: run.dump.lines,
    };
    run.verdict = if findings.is_empty() {
        Status::Pass
    } else {
        Status::Fail
    };
    run.elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok((run, findings))
}

impl CommittedClone<'_> {
    async fn see(&self, observer: Option<&Observer<'_>>) -> Result<Seen, CommitError> {
        let options = self.options();
        let state = async { Ok(observe(&options, &self.committed.plan).await?) };
        let dump = async {
            match observer {
                Some(observer) => observer.dump().await.map(Some),
                None => Ok(None),
            }
        };
        let (state, dump) = tokio::try_join!(state, dump)?;
        Ok(Seen { state, dump })
    }

    fn judge_applied(
        &mut self,
        before: &Seen,
        applied: &Seen,
        rehearsed: Option<&Applied>,
        run: &mut CommittedRun,
    ) {
        if before.state == applied.state {
            let message = "the packages were committed and changed nothing, expected a change".to_owned();
            self.finding("COMMITTED_APPLY_DID_NOT_MUTATE", None, message, vec![]);
        }
        if let (Some(one), Some(other)) = (&before.dump, &applied.dump)
            && one == other
        {
            let message = "`pg_dump` sees no change where packages were committed, expected one".to_owned();
            self.finding("DUMP_DID_NOT_CHANGE", None, message, vec![]);
        }
        if let Some(rehearsed) = rehearsed {
            let committed = Applied {
                before: before.state.clone(),
                after: applied.state.clone(),
            };
            let residue = rehearsed.differences(&committed);
            run.same_as_rehearsed = Some(residue.is_empty());
            if !residue.is_empty() {
                let message = format!(
                    "what was committed is not what was rehearsed: {} differences",
                    residue.len()
                );
                self.finding(
                    "COMMITTED_DIFFERS_FROM_REHEARSED",
                    None,
                    message,
                    residue_lines(&residue),
                );
            }
        }
    }

    fn judge_way_back(&mut self, before: &Seen, after: &Seen) {
        let residue = before.state.residue(&after.state);
        if !residue.is_empty() {
            let message = format!(
                "the committed way back: expected the cluster as it was before, found {} differences",
                residue.len()
            );
            self.finding(
                "COMMITTED_WAY_BACK_DID_NOT_RESTORE",
                None,
                message,
                residue_lines(&residue),
            );
        }
        if let (Some(expected), Some(found)) = (&before.dump, &after.dump)
            && expected != found
        {
            let message = "`pg_dump` after the committed way back: expected the dump before".to_owned();
            self.finding("DUMP_DID_NOT_RETURN", None, message, difference(expected, found));
        }
    }
}
