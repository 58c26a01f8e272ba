//! A server of the machine's own binaries in a throwaway folder.
//!
//! Not here: finding binaries, or keeping ready clusters. The fact to know: the
//! tool never signals the server; all it does is give orders to the folder's
//! guard, so that every way to end is the same way.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};

use crate::account::Account;
use crate::binaries::Binaries;
use crate::cache::{self, Entry, Found};
use crate::folder::Folder;
use crate::guard::Guard;
use crate::{Options, StartError, StopError};
use crate::{connect, door, share, sweep};

const START_TIMEOUT: Duration = Duration::from_mins(1);
const LOG_TAIL_BYTES: u64 = 2000;

/// `initdb` beyond the data folder. Part of the cache key.
pub(crate) const INITDB_ARGS: [&str; 8] = [
    // The guard cleans, and learns from the files what else is to be cleaned.
    "--no-clean",
    "--no-sync",
    "--wal-segsize=1",
    "--locale=C",
    "--encoding=UTF8",
    "--auth=trust",
    "--username=postgres",
    "--no-instructions",
];

/// Durability off, nothing outside the folder: shared memory of parallel workers
/// is files of the data folder, so that no death can leave any in `/dev/shm`; for those
/// that `initdb` starts itself, see `share`.
const SETTINGS: [&str; 20] = [
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "wal_recycle=off",
    "wal_init_zero=off",
    "min_wal_size=2MB",
    "max_wal_size=256MB",
    "checkpoint_timeout=1h",
    "autovacuum=off",
    "jit=off",
    "dynamic_shared_memory_type=mmap",
    "unix_socket_permissions=0700",
    "timezone=UTC",
    "log_timezone=UTC",
    "logging_collector=off",
    "log_destination=stderr",
    "log_min_messages=warning",
];

/// What a server says when its disk is full; its messages are not translated.
const FULL: [&str; 2] = ["No space left on device", "could not extend file"];

/// A running local server.
#[derive(Debug)]
pub(crate) struct Local {
    // Before the folder: the guard must end while the lock is still held.
    guard: Guard,
    folder: Folder,
    pub(crate) binaries: Binaries,
    /// Whether and how the cache was used.
    pub(crate) cluster: Cluster,
}

/// Where a local server's cluster came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cluster {
    /// Made by `initdb`; there is no cache folder, or no local cluster.
    Fresh,
    /// Made by `initdb`, and kept for the next start.
    Kept,
    /// Made by `initdb`; it could not be kept, because of this.
    NotKept(String),
    /// A copy of one that was kept.
    Cached,
    /// Made by `initdb`, and kept in place of a damaged one.
    Rebuilt,
}

impl Local {
    /// Starts a server of `binaries`, from the cache if it holds such a cluster.
    pub(crate) async fn start(
        options: &Options,
        account: &Account,
        binaries: Binaries,
    ) -> Result<Self, StartError> {
        sweep::local(options.temp_dir.as_deref()).await;
        let folder = Folder::create(options.temp_dir.as_deref(), account)?;
        let guard = Guard::start(&folder.path, account)
            .inspect_err(|_| drop(std::fs::remove_dir_all(&folder.path)))?;
        let mut local = Self {
            guard,
            folder,
            binaries,
            cluster: Cluster::Fresh,
        };
        match local.make(options, account).await {
            Ok(()) => Ok(local),
            Err(error) => Err(local.no_room(&error).unwrap_or(error)),
        }
    }

    /// `error` again, if what it tells of is a full disk: it shows in many ways.
    fn no_room(&self, error: &StartError) -> Option<StartError> {
        let said = match error {
            StartError::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                Some(source.to_string())
            }
            StartError::Initdb { .. } => self.said_full("init.log"),
            StartError::ServerEnded { .. }
            | StartError::Timeout { .. }
            | StartError::Template { .. }
            | StartError::Query { .. } => self.said_full("server.log"),
            _ => None,
        }?;
        let parent = self.parent().to_owned();
        Some(StartError::NoRoom { parent, said })
    }

    /// The line of a log that tells of a full disk.
    fn said_full(&self, log: &str) -> Option<String> {
        // All of it: each refused statement stands there in full length.
        let log = std::fs::read(self.folder.path.join(log)).ok()?;
        String::from_utf8_lossy(&log)
            .lines()
            .find(|line| FULL.iter().any(|words| line.contains(words)))
            .map(|line| line.rsplit(":  ").next().unwrap_or(line).to_owned())
    }

    fn parent(&self) -> &Path {
        self.folder.path.parent().unwrap_or(&self.folder.path)
    }

    /// Where the disk is full, and what the server said of it, if it did.
    pub(crate) fn full_disk(&self) -> Option<(&Path, String)> {
        Some((self.parent(), self.said_full("server.log")?))
    }

    /// Brings the cluster up: from the cache, or newly made, and then kept there.
    async fn make(&mut self, options: &Options, account: &Account) -> Result<(), StartError> {
        let Some(dir) = &options.cache_dir else {
            self.initdb(account).await?;
            self.serve(options).await?;
            return self.run_template(options).await;
        };
        let entry = Entry::new(dir, &self.binaries.version, options.template.as_ref());
        let data = self.folder.data();
        let found = entry
            .fetch(&data, account)
            .map_err(StartError::io("copy the cached cluster to", &data))?;
        let damaged = match found {
            Found::Ready => match self.serve(options).await {
                Ok(()) => {
                    self.cluster = Cluster::Cached;
                    return Ok(());
                }
                // Sound bytes that no server starts on: made by another build, say.
                Err(StartError::ServerEnded { .. }) => {
                    entry.remove();
                    cache::remove_tree(&data).map_err(StartError::io("remove", &data))?;
                    true
                }
                Err(error) => return Err(error),
            },
            Found::Damaged => true,
            Found::Nothing => false,
        };
        self.initdb(account).await?;
        if options.template.is_some() {
            self.serve(options).await?;
            self.run_template(options).await?;
            self.shut_down().await?;
        }
        self.cluster = match entry.keep(&data) {
            Ok(()) if damaged => Cluster::Rebuilt,
            Ok(()) => Cluster::Kept,
            Err(error) => Cluster::NotKept(format!("`{}`: {error}", dir.display())),
        };
        self.serve(options).await
    }

    async fn run_template(&self, options: &Options) -> Result<(), StartError> {
        match &options.template {
            Some(template) => connect::run_template(template, &self.superuser()).await,
            None => Ok(()),
        }
    }

    /// A clean shutdown, which ends with a checkpoint: the files are then the cluster.
    async fn shut_down(&mut self) -> Result<(), StartError> {
        match self.guard.shut_down().await {
            Ok(0) => Ok(()),
            _ => Err(StartError::ServerEnded {
                log: self.log("server.log"),
            }),
        }
    }

    /// Connections as the harness superuser.
    pub(crate) fn superuser(&self) -> PgConnectOptions {
        connect::by_socket(&self.folder.path)
    }

    /// Stops the server; returns when it and its folder are gone.
    pub(crate) async fn stop(self) -> Result<(), StopError> {
        let Self { guard, folder, .. } = self;
        guard.end().await;
        if folder.path.exists() {
            return Err(StopError::LeftBehind {
                folder: folder.path.clone(),
            });
        }
        Ok(())
    }

    async fn initdb(&mut self, account: &Account) -> Result<(), StartError> {
        let data = self.folder.data().into_os_string();
        self.run_initdb(vec!["--show".into(), "-D".into(), data.clone()])
            .await?;
        let log = self.folder.path.join("init.log");
        let shown = std::fs::read_to_string(&log).map_err(StartError::io("read", &log))?;
        let share = share::named(&shown).ok_or_else(|| StartError::Initdb { log: tail(&log) })?;
        let own = self.folder.path.join("share");
        share::lay(&own, &share, account).map_err(StartError::io("copy to", &own))?;
        let mut args: Vec<OsString> = INITDB_ARGS.iter().map(Into::into).collect();
        args.extend(["-L".into(), own.into_os_string(), "-D".into(), data]);
        self.run_initdb(args).await
    }

    async fn run_initdb(&mut self, args: Vec<OsString>) -> Result<(), StartError> {
        let program = self.binaries.program("initdb");
        match self.guard.run(&program, args).await {
            Ok(0) => Ok(()),
            Ok(_) => Err(StartError::Initdb {
                log: self.log("init.log"),
            }),
            Err(source) => Err(StartError::io("order", program)(source)),
        }
    }

    async fn serve(&mut self, options: &Options) -> Result<(), StartError> {
        let program = self.binaries.program("postgres");
        let folder = self.folder.path.to_string_lossy().into_owned();
        let mut args = vec!["-D".to_owned(), self.folder.data().to_string_lossy().into_owned()];
        let settings = SETTINGS.iter().map(ToString::to_string).chain([
            format!("unix_socket_directories={folder}"),
            format!("max_connections={}", options.max_connections),
            format!("max_locks_per_transaction={}", options.max_locks_per_transaction),
            format!("max_prepared_transactions={}", options.max_prepared_transactions),
        ]);
        args.extend(settings.flat_map(|setting| ["-c".to_owned(), setting]));
        self.guard
            .serve(&program, &args)
            .await
            .map_err(StartError::io("order", program))?;
        let Self { guard, folder, .. } = self;
        let ended = tokio::select! {
            knocked = tokio::time::timeout(START_TIMEOUT, knock(&folder.path)) => match knocked {
                Ok(connection) => {
                    connect::close(connection).await;
                    return Ok(());
                }
                Err(_) => false,
            },
            _ = guard.exited() => true,
        };
        let log = self.log("server.log");
        Err(if ended {
            StartError::ServerEnded { log }
        } else {
            StartError::Timeout {
                waited_s: START_TIMEOUT.as_secs(),
                log,
            }
        })
    }

    fn log(&self, name: &str) -> String {
        tail(&self.folder.path.join(name))
    }

    pub(crate) fn socket_dir(&self) -> &Path {
        &self.folder.path
    }
}

/// Connects as soon as the server says that it is ready; a refused try costs more
/// than a look at its pid file.
async fn knock(folder: &Path) -> PgConnection {
    let pid_file = folder.join("data/postmaster.pid");
    let options = connect::by_socket(folder);
    loop {
        let status = std::fs::read_to_string(&pid_file).unwrap_or_default();
        if status
            .lines()
            .nth(7)
            .is_some_and(|line| line.starts_with("ready"))
            && let Ok(connection) = door::open(&options).await
        {
            return connection;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn tail(path: &PathBuf) -> String {
    let read = || {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL_BYTES)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(bytes)
    };
    match read() {
        Ok(bytes) => String::from_utf8_lossy(&bytes).trim().to_owned(),
        Err(error) => format!("(no log: {error})"),
    }
}
