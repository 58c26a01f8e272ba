//! A whole rehearsal that is committed as it goes, for planes that one transaction could not hold.
//!
//! Not for: the stages; they are `rehearsal`'s, and the same as in one transaction. The one fact to know:
//! what keeps each step is handed in from here, and nothing else in the tool can.

use rehearsal::{
    ChainOutcome, Committed, Finding, Fixture, GuardTimes, Keeper, Keeping, Outcome, Progress, ReadCounts,
    RehearseError, Target, rehearse_kept_on,
};
use sqlx::PgConnection;
use throwaway_postgres::Disposable;

/// Ends transactions for good.
struct Hand;

impl Keeper for Hand {
    fn keep<'a>(&'a mut self, connection: &'a mut PgConnection) -> Keeping<'a> {
        Box::pin(async move {
            let done = sqlx::raw_sql("commit").execute(connection).await;
            done.map(drop)
        })
    }
}

/// Rehearses every package on `cluster`, each step kept, each way back kept; nothing is left but a cluster
/// that is thrown away.
pub async fn rehearse(
    cluster: Disposable<'_>,
    committed: &Committed,
    fixtures: &[Fixture],
    progress: &mut dyn Progress,
) -> Result<Outcome, RehearseError> {
    let target = Target::of(cluster.server(), &committed.plan.database);
    rehearse_kept_on(&target, committed, fixtures, progress, &mut Hand).await
}

/// Times every guard of `committed` on `cluster`, each state kept.
pub async fn time_guards(
    cluster: Disposable<'_>,
    committed: &Committed,
    fixtures: &[Fixture],
    progress: &mut dyn Progress,
) -> Result<GuardTimes, RehearseError> {
    let target = Target::of(cluster.server(), &committed.plan.database);
    rehearsal::time_guards(&target, committed, fixtures, progress, Some(&mut Hand)).await
}

/// Commits the operators' packets on `cluster` and takes them back, with a second client at work between statements.
pub async fn commit_chain(
    cluster: Disposable<'_>,
    committed: &Committed,
    progress: &mut dyn Progress,
) -> Result<(ChainOutcome, ReadCounts, Vec<Finding>), RehearseError> {
    let target = Target::of(cluster.server(), &committed.plan.database);
    rehearsal::commit_chain(&target, committed, progress, &mut Hand).await
}
