//! What a guard makes the server do, counted and not timed: the rows that the steps of its plan hand on or throw away.
//!
//! Not for: how long that takes, which depends on who else is at work. The one fact to know: the same estate gives the
//! same count, so two sizes tell whether a guard grows with its subject or faster; what a function does inside counts
//! as its one call.

use crate::guard_file::{Guard, Stage};
use crate::inputs::Inputs;
use crate::run::send;
use serde_json::Value;
use sqlx::{PgConnection, Row as _};

/// The plan as it was run, with rows and without clocks.
const EXPLAIN: &str = "explain (analyze, timing off, summary off, costs off, format json) ";
/// What a step of a plan counts, each by loop.
const ROWS: [&str; 4] = [
    "Actual Rows",
    "Rows Removed by Filter",
    "Rows Removed by Join Filter",
    "Rows Removed by Index Recheck",
];

/// Rows that asking `guard` makes the steps of its plan hand on or throw away, or why it can't be told.
pub async fn work(
    conn: &mut PgConnection,
    guard: &Guard,
    stage: Stage,
    inputs: &Inputs,
) -> Result<f64, String> {
    let rows = send(conn, guard, stage, inputs, None, EXPLAIN).await?;
    let [row] = rows.as_slice() else {
        return Err(format!("expected one plan, found {} rows", rows.len()));
    };
    let text: String = row.try_get_unchecked(0).map_err(|error| error.to_string())?;
    let plans: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    match of_step(&plans[0]["Plan"]) {
        counted if counted > 0.0 => Ok(counted),
        _ => Err("its plan counts no row".to_owned()),
    }
}

/// A step and all below it.
fn of_step(step: &Value) -> f64 {
    let loops = step["Actual Loops"].as_f64().unwrap_or_default();
    let own: f64 = ROWS.iter().filter_map(|key| step[*key].as_f64()).sum();
    let below = step["Plans"].as_array().into_iter().flatten();
    loops * own + below.map(of_step).sum::<f64>()
}
