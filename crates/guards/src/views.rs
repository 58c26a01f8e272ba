//! The text of every view, as digests, read in batches: printing a view locks it and all that it reads.
//!
//! Not for: judging. The one fact to know: each batch is a savepoint that is gone back to, which gives its locks back, so
//! that a guard over thousands of views neither fills a live server's lock table nor keeps anybody waiting [ruling B15].

use crate::inputs::Inputs;
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

/// The input that a guard declares to be told them.
pub const KEY: &str = "views";
/// Views that are printed before their locks are given back.
const BATCH: usize = 500;
/// Which views there are: those of people, wherever they lie.
const LISTED: &str = "select c.oid::text from pg_catalog.pg_class as c \
    where c.relkind = 'v' and c.relpersistence <> 't' and c.oid >= 16384 order by c.oid";

/// One JSON object: identity, and H06 of the view's text under an empty `search_path`, of those that `condition` holds for.
#[must_use]
pub fn views_query(condition: &str) -> String {
    format!(
        "select coalesce(pg_catalog.jsonb_object_agg(c.oid::pg_catalog.regclass::text, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(\
         '[\"H06\",\"v1\",\"view\",' || (pg_catalog.current_setting('server_version_num')::bigint / 10000)::text || ',' \
         || pg_catalog.to_json(pg_catalog.pg_get_viewdef(c.oid))::text || ']', 'UTF8')), 'hex')), '{{}}')::text \
         from pg_catalog.pg_class as c where c.relkind = 'v' and c.relpersistence <> 't' and c.oid >= 16384 and {condition}"
    )
}

/// `inputs` with every view, on a connection that is in a transaction.
pub(crate) async fn with_views(conn: &mut PgConnection, inputs: &Inputs) -> Result<Inputs, sqlx::Error> {
    let listed = texts(conn, format!("set local search_path = '';\n{LISTED}")).await?;
    let mut views = Map::new();
    for batch in listed.chunks(BATCH) {
        let query = views_query(&format!(
            "c.oid = any ('{{{}}}'::pg_catalog.oid[])",
            batch.join(",")
        ));
        let sql = format!(
            "savepoint view_batch;\n{query};\nrollback to savepoint view_batch;\nrelease savepoint view_batch;"
        );
        let printed = texts(conn, sql).await?.into_iter().next().unwrap_or_default();
        match serde_json::from_str(&printed) {
            Ok(Value::Object(batch)) => views.extend(batch),
            _ => {
                return Err(sqlx::Error::Protocol(
                    "views were printed as no JSON object".to_owned(),
                ));
            }
        }
    }
    Ok(inputs.with(KEY, &Value::Object(views)))
}

async fn texts(conn: &mut PgConnection, sql: String) -> Result<Vec<String>, sqlx::Error> {
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(conn).await?;
    rows.iter().map(|row| row.try_get_unchecked(0)).collect()
}
