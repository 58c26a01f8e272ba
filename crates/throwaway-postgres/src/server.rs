//! The handle of a running throwaway server.
//!
//! Not here: how each provider works. The fact to know: dropping the handle takes
//! the server down too; [`Server::stop`] is the way that reports a failure to.

use std::path::Path;
use std::time::Duration;

use sqlx::Row as _;
use sqlx::postgres::PgConnectOptions;

use crate::approved::Approved;
use crate::container::Container;
use crate::local::{Cluster, Local};
use crate::{StartError, StopError, connect, door};

/// A server that dies with this value.
#[derive(Debug)]
pub struct Server {
    pub(crate) backend: Backend,
    pub(crate) provider: &'static str,
    pub(crate) reason: String,
    pub(crate) facts: Facts,
    pub(crate) start_elapsed: Duration,
}

/// What keeps the server up.
#[derive(Debug)]
pub(crate) enum Backend {
    Local(Box<Local>),
    Container(Box<Container>),
    Approved(Box<Approved>),
}

/// What the server says of itself.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    version: String,
    version_num: u32,
    system_identifier: String,
}

impl Server {
    /// Connections to `database` as the harness superuser.
    pub fn connect_options(&self, database: &str) -> PgConnectOptions {
        self.backend.superuser(database)
    }

    /// Connections to `database` with a login of `role`, which must have LOGIN.
    pub fn connect_options_as(&self, database: &str, role: &str) -> PgConnectOptions {
        self.connect_options(database).username(role)
    }

    /// What a person types to look into `database` as the harness superuser; no password is in it.
    pub fn psql_line(&self, database: &str) -> String {
        let options = self.connect_options(database);
        let host = match options.get_socket() {
            Some(folder) => folder.to_string_lossy().into_owned(),
            None => options.get_host().to_owned(),
        };
        format!(
            "psql -X -h {host} -p {} -U {} -d {database}",
            options.get_port(),
            options.get_username()
        )
    }

    /// `local`, `testcontainers`, `embedded` or `url`.
    pub fn provider(&self) -> &'static str {
        self.provider
    }

    /// Why this provider: a sentence without full stop.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Such as 150018.
    pub fn version_num(&self) -> u32 {
        self.facts.version_num
    }

    /// Such as `15.18 (Debian 15.18-0+deb12u1)`.
    pub fn version(&self) -> &str {
        &self.facts.version
    }

    /// The identifier that `initdb` gave to the cluster; copies of a cached cluster share it.
    pub fn system_identifier(&self) -> &str {
        &self.facts.system_identifier
    }

    /// From the call of `start` to the first answered query.
    pub fn start_elapsed(&self) -> Duration {
        self.start_elapsed
    }

    /// Whether the cluster came from the cache.
    pub fn cluster(&self) -> Cluster {
        match &self.backend {
            Backend::Local(local) => local.cluster.clone(),
            Backend::Container(_) | Backend::Approved(_) => Cluster::Fresh,
        }
    }

    /// Folder of the server's own programs (`psql`, `pg_dump`), if they are on this machine.
    pub fn bin_dir(&self) -> Option<&Path> {
        match &self.backend {
            Backend::Local(local) => Some(&local.binaries.dir),
            Backend::Container(_) | Backend::Approved(_) => None,
        }
    }

    /// Folder of the unix socket, if the server has one that we can reach.
    pub fn socket_dir(&self) -> Option<&Path> {
        match &self.backend {
            Backend::Local(local) => Some(local.socket_dir()),
            Backend::Container(_) | Backend::Approved(_) => None,
        }
    }

    /// The folder whose disk is full and what the server said of it, if its log tells of that.
    /// For after a failure: then it is known why.
    pub fn full_disk(&self) -> Option<(&Path, String)> {
        match &self.backend {
            Backend::Local(local) => local.full_disk(),
            Backend::Container(_) | Backend::Approved(_) => None,
        }
    }

    /// Takes the server down; returns when nothing of it is left.
    ///
    /// # Errors
    /// What is still there.
    pub async fn stop(self) -> Result<(), StopError> {
        match self.backend {
            Backend::Local(local) => local.stop().await,
            Backend::Container(container) => container.stop().await,
            Backend::Approved(approved) => approved.stop().await,
        }
    }
}

impl Backend {
    pub(crate) fn superuser(&self, database: &str) -> PgConnectOptions {
        match self {
            Self::Local(local) => local.superuser().database(database),
            Self::Container(container) => container.superuser().database(database),
            Self::Approved(approved) => approved.superuser(database),
        }
    }
}

impl Facts {
    /// Asks the server. This is also its first answered query.
    pub(crate) async fn ask(superuser: &PgConnectOptions) -> Result<Self, StartError> {
        let mut connection = door::open(superuser)
            .await
            .map_err(StartError::query("connect to the server"))?;
        let row = sqlx::query(
            "select pg_catalog.current_setting('server_version'), \
             pg_catalog.current_setting('server_version_num')::integer, \
             (select c.system_identifier::text from pg_catalog.pg_control_system() c)",
        )
        .fetch_one(&mut connection)
        .await
        .map_err(StartError::query("ask the server for its version"))?;
        connect::close(connection).await;
        Ok(Self {
            version: row.get(0),
            version_num: u32::try_from(row.get::<i32, _>(1)).unwrap_or_default(),
            system_identifier: row.get(2),
        })
    }
}
