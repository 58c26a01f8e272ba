//! Runs a guard's SELECT on a connection that the caller owns.
//!
//! It goes through `prepare name(jsonb)` and `execute` in one round trip: the server gives `$1`
//! its type, the guard's text stays untouched, and `to_jsonb` shows every column that came back,
//! so a column too many is seen. Nothing is written and no xid is assigned.

use crate::guard_file::{Guard, Stage};
use crate::inputs::Inputs;
use crate::probe::ProbeRow;
use crate::verdict::{Answered, Verdict, judge};
use crate::views;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use std::sync::atomic::{AtomicU64, Ordering};

/// Prepared statements outlive a rolled-back savepoint, so each run takes a name of its own.
static RUNS: AtomicU64 = AtomicU64::new(0);

/// Runs `guard` at `stage` and judges its answer.
///
/// `search_path` is empty while it runs. A guard that declares the input `views` is told the text of every view, read
/// in batches, unless it was given. What a probe finds that is declared `unmeasured` is *not measured*. A key missing from `inputs`, a stage that the guard
/// lacks and an SQL error are *not measured*, each with its reason. Inside a transaction an SQL
/// error aborts it up to the caller's savepoint; the caller takes one before.
pub async fn run(conn: &mut PgConnection, guard: &Guard, stage: Stage, inputs: &Inputs) -> Verdict {
    ask(conn, guard, stage, inputs).await.verdict
}

/// As [`run`], with the rows that were judged.
pub async fn ask(conn: &mut PgConnection, guard: &Guard, stage: Stage, inputs: &Inputs) -> Answered {
    answered(conn, guard, stage, inputs, None).await
}

/// What `guard` answers to one of its probes, judged as if it declared no other: what a fault is asked for, where
/// the rest would be measured for nothing.
///
/// The guard's whole text is read by the server as it stands, so a name that the fault took away is an error here as
/// well; what the other probes range over is not looked at.
pub async fn ask_probe(
    conn: &mut PgConnection,
    guard: &Guard,
    stage: Stage,
    inputs: &Inputs,
    probe: &str,
) -> Verdict {
    answered(conn, guard, stage, inputs, Some(probe)).await.verdict
}

async fn answered(
    conn: &mut PgConnection,
    guard: &Guard,
    stage: Stage,
    inputs: &Inputs,
    probe: Option<&str>,
) -> Answered {
    match send(conn, guard, stage, inputs, probe, "").await {
        Ok(rows) => judge_rows(guard, inputs, probe, &rows),
        Err(why) => Answered::not_measured(why),
    }
}

/// What the server answers to `guard`, or to one of its probes; `explain` stands before the statement that asks.
pub(crate) async fn send(
    conn: &mut PgConnection,
    guard: &Guard,
    stage: Stage,
    inputs: &Inputs,
    probe: Option<&str>,
    explain: &str,
) -> Result<Vec<PgRow>, String> {
    let moment = inputs.value("moment");
    let moment = moment.as_ref().and_then(serde_json::Value::as_str);
    let declared = || guard.inputs_due(stage, moment);
    let told;
    let inputs = if declared().any(|key| key == views::KEY) && inputs.value(views::KEY).is_none() {
        match views::with_views(conn, inputs).await {
            Ok(with) => told = with,
            Err(error) => return Err(format!("SQL error: {}", describe(&error))),
        }
        &told
    } else {
        inputs
    };
    let missing = inputs.missing(declared());
    if !missing.is_empty() {
        return Err(format!("inputs document lacks `{}`", missing.join("`, `")));
    }
    let Some(select) = guard.select(stage) else {
        return Err(format!("guard file has no stage `{stage}`"));
    };
    let name = format!("guard_run_{}", RUNS.fetch_add(1, Ordering::Relaxed));
    let document = render_text_literal(&inputs.document(declared().chain(guard.waits())));
    let wanted = probe.map_or(String::new(), |probe| {
        format!("where answer.probe = {}", render_text_literal(probe))
    });
    let sql = format!(
        "set local search_path = '';\n\
         prepare {name}(jsonb) as select pg_catalog.to_jsonb(answer)::text from (\n{select}\n) as answer {wanted};\n\
         {explain}execute {name}({document}::jsonb);\n\
         deallocate {name};"
    );
    let asked = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(conn).await;
    asked.map_err(|error| format!("SQL error: {}", describe(&error)))
}

fn judge_rows(guard: &Guard, inputs: &Inputs, probe: Option<&str>, rows: &[PgRow]) -> Answered {
    let mut answers = Vec::with_capacity(rows.len());
    for row in rows {
        let text: Result<String, _> = row.try_get_unchecked(0);
        match text.map_err(|e| e.to_string()).and_then(|json| parse_row(&json)) {
            Ok(answer) => answers.push(answer),
            Err(why) => {
                return Answered::not_measured(format!("answer is outside the probe contract: {why}"));
            }
        }
    }
    let is_over = |key: &str| inputs.value(key).is_some_and(|wait| wait["over"] == true);
    let is_deferred = |probe: &str| {
        let mut deferred = guard.deferred.iter().filter(|one| one.probe == probe);
        deferred.any(|one| !one.until.as_deref().is_some_and(is_over))
    };
    Answered {
        verdict: judge(
            guard
                .probe_names()
                .filter(|name| probe.is_none_or(|probe| probe == *name)),
            &answers,
        )
        .deferring(is_deferred),
        probes: answers,
    }
}

/// A column that is absent is outside the contract; one that is NULL is for the judge.
fn parse_row(json: &str) -> Result<ProbeRow, String> {
    let value: serde_json::Value = serde_json::from_str(json).map_err(|e| e.to_string())?;
    for column in ["probe", "expected", "realized", "population", "offenders"] {
        if value.get(column).is_none() {
            return Err(format!("column `{column}` is absent"));
        }
    }
    serde_json::from_value(value).map_err(|e| e.to_string())
}

fn describe(error: &sqlx::Error) -> String {
    match error.as_database_error() {
        Some(db) => {
            let code = db.code().unwrap_or_default();
            format!("{code} {}", db.message())
        }
        None => error.to_string(),
    }
}

/// `text` as a dollar-quoted literal whose tag does not occur in it.
#[must_use]
pub fn render_text_literal(text: &str) -> String {
    let mut tag = String::from("$text$");
    let mut n = 0_u32;
    while text.contains(tag.trim_end_matches('$')) {
        n += 1;
        tag = format!("$text{n}$");
    }
    format!("{tag}{text}{tag}")
}
