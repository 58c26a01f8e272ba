//! A throwaway server for tests, stopped when dropped.

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use throwaway_postgres::{Options, Server};

/// A running server.
pub(crate) struct Cluster {
    /// The server, with its superuser `postgres`.
    pub(crate) server: Server,
}

impl Cluster {
    /// Starts one; fails the test if it can't.
    pub(crate) async fn start() -> Self {
        Self::start_with(&Options::for_tests()).await
    }

    /// Starts one as told.
    pub(crate) async fn start_with(options: &Options) -> Self {
        let server = throwaway_postgres::start(options)
            .await
            .expect("a throwaway server");
        Self { server }
    }

    /// A connection as the superuser.
    pub(crate) async fn connect(&self, database: &str) -> PgConnection {
        PgConnection::connect_with(&self.server.connect_options(database))
            .await
            .expect("a connection")
    }
}
