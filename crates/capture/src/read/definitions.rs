//! Views, rules and BEGIN ATOMIC bodies as the server prints them.
//!
//! Not for: what can be read from a catalog's columns. The one fact to know: printing locks what is
//! printed and all that it reads until the transaction ends, so it is done in small batches.

use serde_json::{Map, Value, json};
use sqlx::{AssertSqlSafe, PgConnection};

use super::session::{begin, finish};
use crate::error::CaptureError;

/// Definitions printed in one transaction [ruling B15].
const BATCH: usize = 500;

/// Prints what locks: views, rules and BEGIN ATOMIC bodies.
pub(super) async fn print_definitions(
    connection: &mut PgConnection,
    facts: &mut Map<String, Value>,
) -> Result<(), CaptureError> {
    let kinds: [(&'static str, &str, &str, &str); 3] = [
        ("views", "view", "definition", "pg_get_viewdef(o.oid::oid)"),
        ("views", "rule", "definition", "pg_get_ruledef(o.oid::oid)"),
        (
            "routines",
            "routine",
            "body",
            "pg_get_function_sqlbody(o.oid::oid)",
        ),
    ];
    for (file, key, field, printer) in kinds {
        let Some(Value::Array(records)) = facts.get_mut(file).and_then(|file| file.get_mut(key)) else {
            continue;
        };
        let wanted: Vec<(usize, i64)> = records
            .iter()
            .enumerate()
            .filter(|(_, record)| key != "routine" || record["atomic"] == json!(true))
            .filter_map(|(position, record)| Some((position, record["oid"].as_i64()?)))
            .collect();
        for batch in wanted.chunks(BATCH) {
            let oids: Vec<i64> = batch.iter().map(|(_, oid)| *oid).collect();
            begin(connection, file).await?;
            let query = format!(
                "select {printer} from unnest($1::int8[]) with ordinality as o (oid, n) order by o.n"
            );
            let texts: Vec<Option<String>> = sqlx::query_scalar(AssertSqlSafe(query))
                .bind(oids)
                .fetch_all(&mut *connection)
                .await
                .map_err(|source| CaptureError::Query {
                    section: file,
                    source,
                })?;
            finish(connection, file).await?;
            for ((position, _), text) in batch.iter().zip(texts) {
                let Some(text) = text else {
                    return Err(CaptureError::ChangedMeanwhile {
                        section: file.to_owned(),
                    });
                };
                records[*position][field] = Value::String(text);
            }
        }
    }
    Ok(())
}
