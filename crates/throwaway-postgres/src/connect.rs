//! Connections that obey us and not the environment.
//!
//! Not here: pools. The fact to know: sqlx reads every `PG*` variable even in
//! `new_without_pgpass`, and a `PGHOST` in the shell may be production; so each
//! field is set here, and the one that can't be unset (`PGOPTIONS`) is refused.

use std::env;
use std::path::Path;

use footprint::Whose;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::{StartError, Template, door};

/// The superuser of throwaway clusters.
pub(crate) const SUPERUSER: &str = "postgres";
const PORT: u16 = 5432;

/// Refuses variables that would reach the server through every connection.
pub(crate) fn check_environment(variables: &[&'static str]) -> Result<(), StartError> {
    variables
        .iter()
        .find(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
        .map_or(Ok(()), |variable| Err(StartError::Environment { variable }))
}

/// A server on the unix socket in `folder`.
pub(crate) fn by_socket(folder: &Path) -> PgConnectOptions {
    let options = plain(folder.to_str().unwrap_or_default(), PORT).socket(folder);
    door::claim(options, Whose::Made)
}

/// A server on TCP, with nothing taken from the environment.
pub(crate) fn plain(host: &str, port: u16) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass()
        .host(host)
        .port(port)
        .username(SUPERUSER)
        .password("")
        .database("postgres")
        .ssl_mode(PgSslMode::Disable)
        .application_name("throwaway-postgres")
        .extra_float_digits(2)
        .disable_statement_logging();
    door::claim(options, Whose::Made)
}

/// Runs the scripts of `template` as `superuser` connects; `actual` maps database names.
pub(crate) async fn run_template(
    template: &Template,
    superuser: &PgConnectOptions,
) -> Result<(), StartError> {
    if let Some(database) = template.own_database() {
        let mut connection = door::open(superuser)
            .await
            .map_err(StartError::query("connect to the new server"))?;
        let sql = format!("create database {}", quote_identifier(database));
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
            .map_err(StartError::query("create the template's database"))?;
        close(connection).await;
    }
    for script in &template.scripts {
        let options = superuser.clone().database(template.database_of(script));
        let mut connection = door::open(&options)
            .await
            .map_err(StartError::query("connect to the new server"))?;
        sqlx::raw_sql(AssertSqlSafe(script.sql.clone()))
            .execute(&mut connection)
            .await
            .map_err(|error| refused(&script.name, &error))?;
        close(connection).await;
    }
    Ok(())
}

/// Ends a session politely; the server's side may be gone already.
pub(crate) async fn close(connection: PgConnection) {
    let _ = connection.close().await;
}

/// What a refused script becomes.
pub(crate) fn refused(script: &str, error: &sqlx::Error) -> StartError {
    let script = script.to_owned();
    match error.as_database_error() {
        Some(refusal)
            if refusal.code().as_deref() == Some("42710") && refusal.message().starts_with("role ") =>
        {
            StartError::RoleExists {
                script,
                message: refusal.message().to_owned(),
            }
        }
        Some(refusal) => StartError::Template {
            script,
            sqlstate: refusal.code().unwrap_or_default().into_owned(),
            message: refusal.message().to_owned(),
        },
        None => StartError::Template {
            script,
            sqlstate: "-".to_owned(),
            message: error.to_string(),
        },
    }
}

/// A name as SQL writes it.
pub(crate) fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
