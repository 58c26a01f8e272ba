//! A server with the estate in it, for one test.
//!
//! For: loading the rendered files in their order, each as one simple query. Not for: assertions. The
//! fact to know: a test's work runs in transactions that are rolled back, and the server dies with it.

use std::ops::{Deref, DerefMut};

use fix7_manifest::estate::ESTATE;
use manifest_model::estate::{EstateSize, RunsIn};
use sql_render::estate::render;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use throwaway_postgres::{Options, Script, Server, Template};

/// The estate on a server of its own, and a superuser's connection to it.
pub(crate) struct Loaded {
    connection: PgConnection,
    server: Server,
}

impl Loaded {
    pub(crate) async fn stop(self) {
        self.connection.close().await.unwrap();
        self.server.stop().await.unwrap();
    }
}

impl Deref for Loaded {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Loaded {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

/// Starts a server with the estate at `size`; tests of one size share a start-up cluster.
pub(crate) async fn loaded(size: &EstateSize) -> Loaded {
    let scripts = ESTATE
        .scripts
        .iter()
        .zip(render(&ESTATE, size))
        .map(|(script, file)| {
            assert_eq!(script.file, file.path);
            let runs_in = match script.runs_in {
                RunsIn::Cluster => throwaway_postgres::RunsIn::Cluster,
                RunsIn::Estate => throwaway_postgres::RunsIn::Database,
            };
            Script {
                name: file.path,
                runs_in,
                sql: file.text,
            }
        });
    let options = Options {
        template: Some(Template {
            database: ESTATE.database.to_owned(),
            scripts: scripts.collect(),
        }),
        ..Options::for_tests()
    };
    let server = throwaway_postgres::start(&options).await.unwrap();
    let mut connection = PgConnection::connect_with(&server.connect_options(ESTATE.database))
        .await
        .unwrap();
    // Names print qualified, and whatever a body leaves unqualified fails.
    run(&mut connection, "set search_path = ''").await;
    Loaded { connection, server }
}

/// Runs statements as one simple query, which must succeed.
#[track_caller]
pub(crate) fn run(connection: &mut PgConnection, sql: &str) -> impl Future<Output = ()> {
    let sql = sql.to_owned();
    let at = std::panic::Location::caller();
    async move {
        if let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql.clone()))
            .execute(connection)
            .await
        {
            panic!("at {at}: {error}\n{}", sql.chars().take(400).collect::<String>());
        }
    }
}

/// The first column of each row, as text.
pub(crate) async fn texts(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    sqlx::query_scalar::<_, String>(AssertSqlSafe(sql.to_owned()))
        .fetch_all(connection)
        .await
        .unwrap()
}

/// One number.
pub(crate) async fn number(connection: &mut PgConnection, sql: &str) -> i64 {
    sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql.to_owned()))
        .fetch_one(connection)
        .await
        .unwrap()
}

/// Whether the statements, run under a savepoint that is undone, are accepted: `Err` is the SQLSTATE.
/// The connection is inside a transaction.
pub(crate) async fn tried(connection: &mut PgConnection, sql: &str) -> Result<(), String> {
    run(&mut *connection, "savepoint tried").await;
    let outcome = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut *connection)
        .await;
    run(&mut *connection, "rollback to savepoint tried").await;
    match outcome {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(error)) => Err(error.code().unwrap().into_owned()),
        Err(error) => panic!("no answer of the server: {error}"),
    }
}
