//! A throwaway server for tests, stopped when dropped.

use std::path::PathBuf;

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use throwaway_postgres::{Options, Server};

/// A running server.
pub(crate) struct Cluster {
    /// The server, with its superuser `postgres`.
    pub(crate) server: Server,
}

impl Cluster {
    /// Starts one from a cluster cached beside the test binaries; fails the test if it can't.
    pub(crate) async fn start() -> Self {
        let cache_dir = Some(PathBuf::from(env!("CARGO_TARGET_TMPDIR")));
        Self::start_with(&Options {
            cache_dir,
            ..Options::default()
        })
        .await
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
