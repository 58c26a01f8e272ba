//! One guard on a database that others work with: a short read-only transaction that leaves no trace.
//!
//! Not for: rehearsals, which run guards inside their own transaction. The one fact to know: the answer
//! counts only if the transaction was read-only and was given no transaction id, read back at its end
//! [ruling B15].

use crate::guard_file::{Guard, Stage};
use crate::inputs::Inputs;
use crate::run::ask;
use crate::verdict::{Answered, Verdict};
use serde_json::json;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};
use std::time::{Duration, Instant};

/// How long a guard may keep a live database waiting.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A statement that takes longer is cancelled by the server.
    pub statement: Duration,
    /// Waiting for a lock longer than this ends the guard.
    pub lock: Duration,
    /// How long a guard is asked again that waits for others to end; what has not ended then is red. None: it is asked
    /// once, and what has not ended keeps it from being measured.
    pub drain: Option<Duration>,
}

impl Default for Limits {
    /// 30 seconds a statement, 2 seconds for a lock, no wait for others.
    fn default() -> Self {
        Self {
            statement: Duration::from_secs(30),
            lock: Duration::from_secs(2),
            drain: None,
        }
    }
}

/// Runs `guard` in a transaction of its own that writes nothing, and ends it.
///
/// What the login may not see, a timeout and a transaction that was not read-only are *not measured*. A guard that waits
/// for others to end is told since when, unless the caller says it, and asked again as long as the limits say [ruling A11].
///
/// # Errors
/// The connection is lost: nothing more can be asked on it.
pub async fn run_read_only(
    conn: &mut PgConnection,
    guard: &Guard,
    stage: Stage,
    inputs: &Inputs,
    limits: Limits,
) -> Result<Verdict, sqlx::Error> {
    let untold = |key: &&str| inputs.value(key).is_none();
    let Some(wait) = guard.waits().find(untold) else {
        return Ok(ask_read_only(conn, guard, stage, inputs, limits).await?.verdict);
    };
    // Whoever is older than this is waited for; who comes later is not.
    let since: String = conn
        .fetch_one("select pg_catalog.clock_timestamp()::text")
        .await?
        .try_get(0)?;
    let begun = Instant::now();
    loop {
        let over = limits.drain.is_some_and(|drain| begun.elapsed() >= drain);
        let waited = inputs.with(wait, &json!({ "since": since, "over": over }));
        let Answered { verdict, probes } = ask_read_only(conn, guard, stage, &waited, limits).await?;
        let is_open = matches!(verdict, Verdict::NotMeasured(_)) && !probes.is_empty();
        if over || limits.drain.is_none() || !is_open {
            return Ok(verdict);
        }
        conn.execute("select pg_catalog.pg_sleep(0.1)").await?;
    }
}

/// Once, in a transaction of its own.
async fn ask_read_only(
    conn: &mut PgConnection,
    guard: &Guard,
    stage: Stage,
    inputs: &Inputs,
    limits: Limits,
) -> Result<Answered, sqlx::Error> {
    let begin = format!(
        "begin isolation level repeatable read read only;\n\
         set local statement_timeout = {};\n\
         set local lock_timeout = {};\n\
         set local idle_in_transaction_session_timeout = {};",
        limits.statement.as_millis(),
        limits.lock.as_millis(),
        // A client that hangs must not keep a snapshot open.
        (limits.statement * 2).as_millis(),
    );
    conn.execute(AssertSqlSafe(begin)).await?;
    let answered = ask(conn, guard, stage, inputs).await;
    let trace = trace(conn).await;
    conn.execute("rollback").await?;
    Ok(trace.map_or(answered, Answered::not_measured))
}

/// What the transaction left, if anything. One that the server aborted can't be asked, and has no answer
/// to vouch for.
async fn trace(conn: &mut PgConnection) -> Option<String> {
    let asked = conn
        .fetch_one(
            "select pg_catalog.current_setting('transaction_read_only'), \
             pg_catalog.pg_current_xact_id_if_assigned()::text",
        )
        .await
        .ok()?;
    let read_only: String = asked.try_get(0).ok()?;
    let xid: Option<String> = asked.try_get(1).ok()?;
    if read_only != "on" {
        return Some(format!(
            "its transaction was not read-only: transaction_read_only is `{read_only}`"
        ));
    }
    xid.map(|xid| format!("its transaction was given id {xid}, so something was written"))
}

/// A guard that is due at a step.
#[derive(Clone, Copy, Debug)]
pub struct Due<'a> {
    /// Its id.
    pub id: &'a str,
    /// The step, like `S13`.
    pub step: &'a str,
    /// The guard; none if there is no file of it.
    pub guard: Option<&'a Guard>,
}

/// What came of a guard that was due.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The guard's id.
    pub id: String,
    /// The step.
    pub step: String,
    /// Its verdict.
    pub verdict: Verdict,
}

/// Runs every guard that is `due`, each in a transaction of its own, in the order given.
///
/// The guard is told its step as input `phase`. When the connection is lost, what was still due is *not
/// measured*, and says so.
pub async fn measure_read_only(
    conn: &mut PgConnection,
    due: &[Due<'_>],
    stage: Stage,
    inputs: &Inputs,
    limits: Limits,
) -> Vec<Measured> {
    let mut measured = Vec::with_capacity(due.len());
    let mut lost: Option<String> = None;
    for one in due {
        let verdict = match (one.guard, &lost) {
            (None, _) => Verdict::NotMeasured("there is no SQL of it".to_owned()),
            (Some(_), Some(why)) => Verdict::NotMeasured(why.clone()),
            (Some(guard), None) => {
                let inputs = inputs.with("phase", &one.step.into());
                match run_read_only(conn, guard, stage, &inputs, limits).await {
                    Ok(verdict) => verdict,
                    Err(error) => {
                        let why = format!("the connection was lost: {error}");
                        lost = Some(why.clone());
                        Verdict::NotMeasured(why)
                    }
                }
            }
        };
        measured.push(Measured {
            id: one.id.to_owned(),
            step: one.step.to_owned(),
            verdict,
        });
    }
    measured
}
