//! The session: its settings, and transactions that prove that they left no trace.
//!
//! Not for: what is read in them. The one fact to know: a transaction id that was assigned is a write,
//! whatever was written, and ends the capture.

use sqlx::{AssertSqlSafe, PgConnection};

use super::Options;
use crate::error::CaptureError;

pub(super) async fn settle(connection: &mut PgConnection, options: &Options) -> Result<u32, CaptureError> {
    let query = |source| CaptureError::Query {
        section: "the settings",
        source,
    };
    // Compiling the catalog queries costs seconds and running them milliseconds.
    let settings = format!(
        "set default_transaction_read_only = on; set default_transaction_isolation = 'repeatable read'; \
         set search_path = ''; set jit = off; set max_parallel_workers_per_gather = 0; set statement_timeout = {}; set lock_timeout = {}; \
         set idle_in_transaction_session_timeout = '60s'; set row_security = off; \
         set quote_all_identifiers = off; set timezone = 'UTC'; set datestyle = 'ISO'; \
         set intervalstyle = 'postgres'; set extra_float_digits = 1; set bytea_output = 'hex'",
        options.statement_timeout_ms, options.lock_timeout_ms
    );
    sqlx::raw_sql(AssertSqlSafe(settings))
        .execute(&mut *connection)
        .await
        .map_err(query)?;
    let number: i32 = sqlx::query_scalar("select current_setting('server_version_num')::int4")
        .fetch_one(&mut *connection)
        .await
        .map_err(query)?;
    let found = u32::try_from(number / 10_000).unwrap_or_default();
    if found < 15 {
        return Err(CaptureError::UnsupportedMajor { found });
    }
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_catalog.pg_roles as r where r.rolname = $1)")
            .bind(&options.reader)
            .fetch_one(&mut *connection)
            .await
            .map_err(query)?;
    if !exists {
        return Err(CaptureError::ReaderMissing {
            reader: options.reader.clone(),
        });
    }
    Ok(found)
}

pub(super) async fn begin(connection: &mut PgConnection, section: &'static str) -> Result<(), CaptureError> {
    sqlx::raw_sql("start transaction isolation level repeatable read, read only")
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(|source| CaptureError::Query { section, source })
}

/// Ends a transaction after it has proved that it left no trace.
pub(super) async fn finish(connection: &mut PgConnection, section: &'static str) -> Result<(), CaptureError> {
    let query = |source| CaptureError::Query { section, source };
    let clean: bool = sqlx::query_scalar(
        "select pg_current_xact_id_if_assigned() is null and current_setting('transaction_read_only') = 'on'",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(query)?;
    sqlx::raw_sql("rollback")
        .execute(connection)
        .await
        .map_err(query)?;
    if clean {
        Ok(())
    } else {
        Err(CaptureError::LeftTrace { section })
    }
}
