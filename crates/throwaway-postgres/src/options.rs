//! What a caller asks for: provider, limits, cache, and the SQL that the
//! cluster starts from.
//!
//! Not here: how any of it is done. The fact to know: every field that changes
//! the bytes of a fresh cluster must also enter the cache key (`cache::key`).

use std::env;
use std::path::PathBuf;

/// Where the server comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Provider {
    /// A container if an engine answers and the image is to be had, else the
    /// machine's own binaries, else installed ones.
    #[default]
    Auto,
    /// A container of [`Options::image`].
    Testcontainers,
    /// `initdb` and `postgres` of this machine.
    Local,
    /// Binaries that the `postgresql_embedded` crate installs, run like local ones.
    Embedded,
    /// A server that a person approved ([`Options::approve_target`]).
    Url(String),
}

impl Provider {
    /// Reads the value of a `--postgres` argument.
    ///
    /// # Errors
    /// The allowed values, when `text` is none of them.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "testcontainers" => Ok(Self::Testcontainers),
            "local" => Ok(Self::Local),
            "embedded" => Ok(Self::Embedded),
            url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Ok(Self::Url(url.to_owned()))
            }
            // The text itself stays out of the message: it may hold a password.
            _ => Err(
                "expected `auto`, `testcontainers`, `local`, `embedded` or a `postgres://` URL".to_owned(),
            ),
        }
    }
}

/// How to start a server. `Options::default()` is `auto` without cache and template.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the server comes from.
    pub provider: Provider,
    /// Folder with `initdb` and `postgres`; no other place is then looked at. Default: the
    /// environment's `THROWAWAY_POSTGRES_BIN`.
    pub pg_bin: Option<PathBuf>,
    /// The only major that will do; any supported one if none is named. See [`Options::of_major`].
    pub major: Option<u32>,
    /// Image `NAME:TAG` for containers. Default: the environment's
    /// `THROWAWAY_POSTGRES_IMAGE`, else `postgres:16-alpine`.
    pub image: String,
    /// `system_identifier` of the server that a URL may name; a URL without it is refused.
    pub approve_target: Option<String>,
    /// Locks that one transaction may hold are about this times `max_connections`.
    pub max_locks_per_transaction: u32,
    /// Connections that the server accepts.
    pub max_connections: u32,
    /// Transactions that may be prepared at a time; none, unless somebody asks how a look sees them.
    pub max_prepared_transactions: u32,
    /// Folder for ready clusters; `None` runs `initdb` each time. See [`default_cache_dir`].
    pub cache_dir: Option<PathBuf>,
    /// SQL that makes the fresh cluster what the caller needs.
    pub template: Option<Template>,
    /// Parent of the throwaway folder. `None`: `/dev/shm` with enough room, else
    /// `TMPDIR`, else `/tmp`.
    pub temp_dir: Option<PathBuf>,
    /// Where releases of the embedded provider are listed. Default: the environment's
    /// `THROWAWAY_POSTGRES_RELEASES`, else the crate's own address.
    pub releases_url: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            provider: Provider::Auto,
            pg_bin: variable("THROWAWAY_POSTGRES_BIN").map(PathBuf::from),
            major: None,
            image: variable("THROWAWAY_POSTGRES_IMAGE").unwrap_or_else(|| "postgres:16-alpine".to_owned()),
            approve_target: None,
            max_locks_per_transaction: 1024,
            max_connections: 32,
            max_prepared_transactions: 0,
            cache_dir: None,
            template: None,
            temp_dir: None,
            releases_url: variable("THROWAWAY_POSTGRES_RELEASES"),
        }
    }
}

impl Options {
    /// These options for one major alone. Its official image is taken, unless the environment names one.
    #[must_use]
    pub fn of_major(self, major: u32) -> Self {
        let image = match variable("THROWAWAY_POSTGRES_IMAGE") {
            Some(named) => named,
            None => format!("postgres:{major}-alpine"),
        };
        Self {
            major: Some(major),
            image,
            ..self
        }
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The SQL that a fresh cluster gets before it is handed out.
///
/// Scripts run in order as the harness superuser, each as one simple query (so
/// each is one transaction unless it says otherwise), each in a new session.
/// [`Template::database`] exists before the first script runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    /// Database that is created for the scripts; `postgres` or empty creates none.
    ///
    /// On an approved URL the real name carries a unique suffix:
    /// [`Server::connect_options`](crate::Server::connect_options) maps it, and a
    /// script must not spell it (`current_database()` does).
    pub database: String,
    /// Scripts in the order in which they run.
    pub scripts: Vec<Script>,
}

/// One text of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// What errors call it, such as its path.
    pub name: String,
    /// Whether it runs in the cluster's `postgres` database or in the template's own.
    pub runs_in: RunsIn,
    /// The statements.
    pub sql: String,
}

/// Database of a [`Script`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunsIn {
    /// The maintenance database `postgres`: roles and other things of the cluster.
    Cluster,
    /// [`Template::database`].
    Database,
}

impl Script {
    /// A script for the maintenance database `postgres`.
    pub fn cluster(name: impl Into<String>, sql: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            runs_in: RunsIn::Cluster,
            sql: sql.into(),
        }
    }

    /// A script for [`Template::database`].
    pub fn database(name: impl Into<String>, sql: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            runs_in: RunsIn::Database,
            sql: sql.into(),
        }
    }
}

impl Template {
    /// The database that is to be created, if any.
    pub(crate) fn own_database(&self) -> Option<&str> {
        (!self.database.is_empty() && self.database != "postgres").then_some(&*self.database)
    }

    /// Logical name of the database in which `script` runs.
    pub(crate) fn database_of(&self, script: &Script) -> &str {
        match script.runs_in {
            RunsIn::Cluster => "postgres",
            RunsIn::Database => self.own_database().unwrap_or("postgres"),
        }
    }
}

/// `$XDG_CACHE_HOME/throwaway-postgres`, else `$HOME/.cache/throwaway-postgres`, else nothing.
pub fn default_cache_dir() -> Option<PathBuf> {
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("throwaway-postgres"))
}
