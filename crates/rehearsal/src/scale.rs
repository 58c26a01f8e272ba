//! Times the negative suite beside many control planes, in the transaction that made them or after a commit.
//!
//! It judges as `rehearse_on` does and keeps the verdicts, so that two shapes of one rehearsal can be
//! compared. The one fact to know: a wall clock on a busy machine tells nothing, so the CPU time of the
//! server's process is read where it can be.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::outcome::{Finding, NegativeCounts, PostgresInfo};
use crate::plan::{Committed, LoadedPackage};
use crate::session::Session;
use crate::snapshot::render_table;
use sqlx::Connection as _;
use sqlx::postgres::PgConnectOptions;
use std::time::Instant;

/// Time of the wall, and of the server's process where that can be read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// Milliseconds that passed.
    pub wall_ms: f64,
    /// Milliseconds of CPU of the session's own server process.
    pub cpu_ms: Option<f64>,
}

/// A negative suite, timed and judged.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The acts before it, such as the seal.
    pub acts: Spent,
    /// The suite.
    pub suite: Spent,
    /// Its counts.
    pub negatives: NegativeCounts,
    /// What it found.
    pub findings: Vec<Finding>,
    /// Every verdict, as reviewers read it.
    pub verdicts: String,
}

/// One transaction with everything in it.
#[derive(Clone, Debug)]
pub struct OneTransaction {
    /// Everything applied.
    pub apply: Spent,
    /// Suites of those that were tried.
    pub suites: Vec<Suite>,
    /// The rollback.
    pub rollback: Spent,
    /// Locks that it held before the suites.
    pub locks: u64,
}

/// Applies `planes` in one transaction, runs the suites of those at `tried`, and rolls back. All share
/// the roles and personas of the first.
pub async fn in_one_transaction(
    options: &PgConnectOptions,
    planes: &[Committed],
    tried: &[usize],
) -> Result<OneTransaction, RehearseError> {
    let Some(first) = planes.first() else {
        return Err(RehearseError::UnsupportedMajor { found: 0 });
    };
    let mut nobody = ();
    let mut run = Run::begin(options, PostgresInfo::default(), first, &[], &mut nobody).await?;
    let meter = Meter::of(&mut run.session).await?;
    run.create_personas().await?;
    let mut session = run.session;
    for plane in planes {
        let mut run = Run::within(session, PostgresInfo::default(), plane, &[], &mut nobody);
        run.apply_unobserved(&files_of(plane)).await?;
        demand_applied(&run)?;
        session = run.session;
    }
    let apply = meter.spent();
    let sql = "select pg_catalog.count(*)::text from pg_catalog.pg_locks l where l.pid = pg_catalog.pg_backend_pid()";
    let locks = session.texts("counting locks", sql).await?.pop().flatten();
    let mut suites = Vec::new();
    for at in tried {
        let run = Run::within(session, PostgresInfo::default(), &planes[*at], &[], &mut nobody);
        let (suite, back) = run.timed_suite().await?;
        suites.push(suite);
        session = back;
    }
    let meter = Meter::of(&mut session).await?;
    let connection = session.rollback().await?;
    let rollback = meter.spent();
    let _ = connection.close().await;
    Ok(OneTransaction {
        apply,
        suites,
        rollback,
        locks: locks.and_then(|count| count.parse().ok()).unwrap_or_default(),
    })
}

/// Runs the suite of `plane`, which is there already, in a transaction of its own.
pub async fn suite_beside(options: &PgConnectOptions, plane: &Committed) -> Result<Suite, RehearseError> {
    let mut nobody = ();
    let run = Run::begin(options, PostgresInfo::default(), plane, &[], &mut nobody).await?;
    let (suite, session) = run.timed_suite().await?;
    let connection = session.rollback().await?;
    let _ = connection.close().await;
    Ok(suite)
}

/// From how many declared objects on a rehearsal is committed to a database that is dropped, instead of one
/// transaction that is rolled back: every statement of such a transaction scans the locks that it holds.
pub const COMMITTED_FROM: usize = 600;

/// Whether a plane of so many objects is.
pub const fn is_committed_at(objects: usize) -> bool {
    objects >= COMMITTED_FROM
}

/// How many objects the plan declares: relations, sequences, routines, types and the schema.
pub fn objects(plane: &Committed) -> usize {
    let kinds = plane.access.iter().flat_map(|spec| &spec.objects);
    kinds
        .filter(|of| of.kind != "role")
        .map(|of| of.names.len())
        .sum()
}

/// Packages with files.
fn files_of(plane: &Committed) -> Vec<&LoadedPackage> {
    let has_files = |package: &&LoadedPackage| package.package.source.is_some();
    plane.packages.iter().filter(has_files).collect()
}

/// A plane that was refused would make every later figure a lie.
fn demand_applied(run: &Run<'_>) -> Result<(), RehearseError> {
    match run.outcome.findings.first() {
        None => Ok(()),
        Some(finding) => Err(RehearseError::Harness {
            during: format!("applying `{}`", run.committed.plan.schema),
            sqlstate: finding.code.clone(),
            message: finding.message.clone(),
        }),
    }
}

impl Run<'_> {
    async fn timed_suite(mut self) -> Result<(Suite, Session), RehearseError> {
        let committed = self.committed;
        let meter = Meter::of(&mut self.session).await?;
        let acts = committed
            .packages
            .iter()
            .filter(|one| one.package.source.is_none());
        for step in acts.flat_map(|package| &package.package.steps) {
            for (_, file) in committed.acts.iter().filter(|(of, _)| of == step) {
                self.run_acts(None, step, file).await?;
            }
        }
        let acts = meter.spent();
        let meter = Meter::of(&mut self.session).await?;
        self.negative_suite().await?;
        let suite = meter.spent();
        let outcome = self.outcome;
        let suite = Suite {
            acts,
            suite,
            negatives: outcome.negatives,
            findings: outcome.findings,
            verdicts: outcome.specs.iter().map(render_table).collect(),
        };
        Ok((suite, self.session))
    }
}

/// Reads the clock, and what the kernel says of a server process on this machine.
struct Meter {
    begun: Instant,
    process: Option<String>,
    cpu_ms: Option<f64>,
}

impl Meter {
    async fn of(session: &mut Session) -> Result<Self, RehearseError> {
        // A container's process has another number here, and perhaps a namesake.
        let process = own_process(session).await?.filter(|pid| is_postgres(pid));
        let cpu_ms = process.as_deref().and_then(cpu_ms);
        Ok(Self {
            begun: Instant::now(),
            process,
            cpu_ms,
        })
    }

    fn spent(&self) -> Spent {
        let now = self.process.as_deref().and_then(cpu_ms);
        Spent {
            wall_ms: self.begun.elapsed().as_secs_f64() * 1000.0,
            cpu_ms: now.zip(self.cpu_ms).map(|(now, then)| now - then),
        }
    }
}

/// The server's process of a session.
pub(crate) async fn own_process(session: &mut Session) -> Result<Option<String>, RehearseError> {
    let sql = "select pg_catalog.pg_backend_pid()::text";
    let pid = session.texts("asking for the server's process", sql).await?;
    Ok(pid.into_iter().flatten().next())
}

pub(crate) fn is_postgres(pid: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "postgres")
}

/// User and system time so far: a tick is ten milliseconds on every Linux that programs see.
fn cpu_ms(pid: &str) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let field = |at: usize| after_name.split_whitespace().nth(at)?.parse::<u32>().ok();
    Some(f64::from(field(11)? + field(12)?) * 10.0)
}
