//! Runs of the binary that a test breaks: over a copy of the committed files, or in the middle.
//!
//! The one fact to know: a server's folder carries the process id of the run that made it, so what
//! a run left is found by its id alone, whatever else this machine is doing.

use crate::tidy::root;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions as _, PgConnection, Row as _};
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use throwaway_postgres::Options;

const DEADLINE: Duration = Duration::from_mins(2);

/// Polls until `done`, or says what was waited for.
#[track_caller]
pub(crate) fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !done() {
        assert!(Instant::now() < deadline, "not within {DEADLINE:?}: {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// A file, with the folders above it.
#[expect(clippy::disallowed_methods, reason = "a temp folder that nobody else reads")]
pub(crate) fn put(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A copy of what is committed for a rehearsal, to be tampered with.
pub(crate) struct Repository(TempDir);

impl Repository {
    pub(crate) fn copy() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for part in [
            "migrations",
            "seeds",
            "rehearsal",
            "governance",
            "crates/canonical/vectors",
            "crates/evidence/frozen",
        ] {
            copy(&root().join(part), &folder.path().join(part));
        }
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.path().join(path)).unwrap_or_else(|error| panic!("`{path}`: {error}"))
    }

    /// Replaces the first `from` in a file.
    #[expect(
        clippy::disallowed_methods,
        reason = "a copy in a temp folder that nobody else reads"
    )]
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "`{path}` holds no `{from}`");
        fs::write(self.0.path().join(path), text.replacen(from, to, 1)).unwrap();
    }

    /// Puts `sql` into a migration in place of `instead_of`, and the new digest into the index.
    pub(crate) fn edit_migration(&self, name: &str, way: &str, instead_of: &str, sql: &str) {
        let path = format!("migrations/{name}.{way}.sql");
        let digest = rehearsal::sha256_hex(self.read(&path).as_bytes());
        self.edit(&path, instead_of, sql);
        let edited = rehearsal::sha256_hex(self.read(&path).as_bytes());
        self.edit("migrations/index.toml", &digest, &edited);
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        Running::spawn(&self.0.path().join("xtask"), args).end()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A script of sh, with `cargo` of this folder.
pub(crate) fn run_script(path: &Path, cargo: &Path, args: &[&str]) -> Ended {
    let folders = std::env::var("PATH").unwrap();
    let folders = format!("{}:{folders}", cargo.display());
    let mut command = Command::new("sh");
    command.arg(path).args(args).env("PATH", folders);
    Running::of(&mut command, &root().join("xtask")).end()
}

/// Of the server that runs started here with `--postgres local` have.
fn programs() -> &'static Path {
    static PROGRAMS: LazyLock<PathBuf> =
        LazyLock::new(|| throwaway_postgres::programs(&Options::for_tests()).unwrap());
    &PROGRAMS
}

/// `cargo xtask ARGS` in a process group of its own, as a shell starts it.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::spawn(&root().join("xtask"), args)
    }

    fn spawn(crate_dir: &Path, args: &[&str]) -> Self {
        Self::of(Command::new(env!("CARGO_BIN_EXE_xtask")).args(args), crate_dir)
    }

    fn of(command: &mut Command, crate_dir: &Path) -> Self {
        let child = command
            .env("THROWAWAY_POSTGRES_BIN", programs())
            .env("CARGO_MANIFEST_DIR", crate_dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        Self(child)
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// To its end, and all that it printed.
    pub(crate) fn end(self) -> Ended {
        let id = self.id();
        let output = self.0.wait_with_output().unwrap();
        Ended {
            id,
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Waits until a connection of ours to `database` of a server of the run gets `expected`.
    pub(crate) async fn shows(&mut self, database: &str, query: &'static str, expected: &str) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            assert!(
                Instant::now() < deadline,
                "not {expected} within {DEADLINE:?}: {query}"
            );
            assert!(self.0.try_wait().unwrap().is_none(), "it ended before that");
            for folder in folders_of(self.id()) {
                let Ok(mut connection) = harness(folder, database).connect().await else {
                    continue;
                };
                let found = sqlx::raw_sql(query).fetch_one(&mut connection).await;
                if found.is_ok_and(|row| row.get_unchecked::<String, _>(0) == expected) {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The id of the backend that rehearses, and a connection beside it; the run holds its
    /// advisory lock from the first statement of the transaction to the last.
    pub(crate) async fn rehearsing(&mut self) -> (PgConnection, i32) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            assert!(Instant::now() < deadline, "no rehearsal within {DEADLINE:?}");
            assert!(self.0.try_wait().unwrap().is_none(), "it ended before it began");
            tokio::task::yield_now().await;
            let Some(folder) = folders_of(self.id()).pop() else {
                continue;
            };
            let connect = harness(folder, "postgres");
            let Ok(mut connection) = connect.connect().await else {
                continue;
            };
            if let Some(backend) = rehearsing_backend(&mut connection).await {
                return (connection, backend);
            }
        }
    }
}

fn harness(folder: PathBuf, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(folder)
        .username("postgres")
        .database(database)
        .ssl_mode(PgSslMode::Disable)
}

/// The backend of the rehearsal that runs on this server.
pub(crate) async fn rehearsing_backend(connection: &mut PgConnection) -> Option<i32> {
    let sql = "select l.pid from pg_catalog.pg_locks l where l.locktype = 'advisory' and l.granted \
               and l.database <> (select d.oid from pg_catalog.pg_database d where d.datname = current_database())";
    let rows = sqlx::raw_sql(sql).fetch_all(connection).await.ok()?;
    rows.first().map(|row| row.get_unchecked(0))
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) id: u32,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// One clear error that holds `words`, this exit code, and nothing left behind.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "");
        assert!(self.stderr.starts_with("error: "), "{}", self.stderr);
        assert_eq!(self.stderr.matches("error: ").count(), 1, "{}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "no `{word}`: {}", self.stderr);
        }
        self.left_nothing();
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }

    #[track_caller]
    pub(crate) fn left_nothing(&self) {
        eventually("its folders are gone", || folders_of(self.id).is_empty());
        eventually("its processes are gone", || processes_of(self.id).is_empty());
    }
}

/// Folders of servers that the run `id` made.
fn folders_of(id: u32) -> Vec<PathBuf> {
    let prefix = format!("throwaway-postgres-{id}-");
    let mut parents = vec![
        PathBuf::from("/dev/shm"),
        std::env::temp_dir(),
        PathBuf::from("/tmp"),
    ];
    parents.dedup();
    parents
        .iter()
        .filter_map(|parent| fs::read_dir(parent).ok())
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
        .map(|entry| entry.path())
        .collect()
}

/// Command lines of living processes that are named after such a folder, or work in it.
fn processes_of(id: u32) -> Vec<String> {
    let needle = format!("throwaway-postgres-{id}-");
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let command = fs::read(entry.path().join("cmdline")).ok()?;
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            let folder = fs::read_link(entry.path().join("cwd")).unwrap_or_default();
            let is_ours = command.contains(&needle) || folder.to_string_lossy().contains(&needle);
            is_ours.then_some(command)
        })
        .collect()
}
