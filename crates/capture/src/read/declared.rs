//! Declared rows: the only table rows that a capture reads.
//!
//! Not for: deciding which. The one fact to know: a declared row, key or table that is not there is
//! recorded as not found, which is for a guard to judge.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::{DeclaredRows, shape};
use crate::error::CaptureError;

/// Names come back from the server quoted, so that a declared name can't become SQL.
pub(super) async fn read_declared(
    connection: &mut PgConnection,
    declared: &DeclaredRows,
) -> Result<Vec<Value>, CaptureError> {
    let section = "the declared rows";
    let error = |source| CaptureError::Query { section, source };
    let relation: Option<String> = sqlx::query_scalar("select to_regclass($1)::text")
        .bind(&declared.relation)
        .fetch_one(&mut *connection)
        .await
        .map_err(error)?;
    let absent =
        |key: &String| json!({ "relation": declared.relation, "key": key, "found": false, "values": {} });
    let Some(relation) = relation else {
        return Ok(declared.keys.iter().map(absent).collect());
    };
    let quoted: Vec<(String, String)> = sqlx::query(
        "select a.attname::text, quote_ident(a.attname) from pg_catalog.pg_attribute as a \
         where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by 1",
    )
    .bind(&relation)
    .fetch_all(&mut *connection)
    .await
    .map_err(error)?
    .iter()
    .map(|row| (row.get(0), row.get(1)))
    .collect();
    let name = |column: &str| {
        quoted
            .iter()
            .find(|(name, _)| name == column)
            .map(|(_, quoted)| quoted.as_str())
    };
    let Some(key_column) = name(&declared.key_column) else {
        return Ok(declared.keys.iter().map(absent).collect());
    };
    let columns: Vec<&str> = declared
        .columns
        .iter()
        .filter_map(|column| name(column))
        .collect();
    let values = columns
        .iter()
        .map(|column| format!("t.{column}::text as {column}"))
        .collect::<Vec<_>>()
        .join(", ");
    let query = format!(
        "select t.{key_column}::text, (select row_to_json(v)::text from (select {values}) as v) \
         from only {relation} as t where t.{key_column}::text = any ($1) order by 1, 2"
    );
    let rows = sqlx::query(AssertSqlSafe(query))
        .bind(&declared.keys)
        .fetch_all(connection)
        .await
        .map_err(error)?;
    let mut flags = Vec::new();
    for row in &rows {
        let (key, values): (String, String) = (row.get(0), row.get(1));
        let values: Value =
            serde_json::from_str(&values).map_err(|source| CaptureError::Shape { section, source })?;
        let mut values: BTreeMap<String, Value> = shape(section, values)?;
        values.retain(|_, value| !value.is_null());
        flags.push(json!({ "relation": relation, "key": key, "found": true, "values": values }));
    }
    let found: Vec<Value> = flags.iter().map(|flag| flag["key"].clone()).collect();
    flags.extend(
        declared
            .keys
            .iter()
            .filter(|key| !found.contains(&json!(key)))
            .map(absent),
    );
    flags.sort_by_key(|flag| flag["key"].as_str().unwrap_or_default().to_owned());
    Ok(flags)
}
