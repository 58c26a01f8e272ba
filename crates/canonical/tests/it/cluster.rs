//! A bare throwaway cluster for tests, on a Unix socket, stopped when dropped.

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};

/// A running server with its folder.
pub(crate) struct Cluster {
    folder: tempfile::TempDir,
}

fn bin(program: &str) -> PathBuf {
    let mut folders: Vec<PathBuf> = (14..=19)
        .rev()
        .map(|major| PathBuf::from(format!("/usr/lib/postgresql/{major}/bin")))
        .collect();
    folders.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    folders
        .into_iter()
        .map(|folder| folder.join(program))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("no `{program}` on this machine: install PostgreSQL 15 or later"))
}

/// PostgreSQL refuses root, so root becomes the package's `postgres` user.
fn command(program: &str) -> Command {
    let mut command = Command::new(bin(program));
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/");
    if let Some((uid, gid)) = server_user() {
        command.uid(uid).gid(gid);
    }
    command
}

fn server_user() -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt as _;
    if std::fs::metadata("/proc/self").expect("/proc").uid() != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    let line = users
        .lines()
        .find(|line| line.starts_with("postgres:"))
        .expect("a user `postgres`");
    let mut fields = line.split(':').skip(2);
    let mut id = || {
        fields
            .next()
            .and_then(|field| field.parse().ok())
            .expect("uid and gid")
    };
    Some((id(), id()))
}

impl Cluster {
    /// Makes and starts one; fails the test if it can't.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        if let Some((uid, gid)) = server_user() {
            chown(folder.path(), Some(uid), Some(gid)).expect("chown");
        }
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).expect("chmod");
        let cluster = Self { folder };
        let data = cluster.data();
        let status = command("initdb")
            .args([
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
                "-D",
            ])
            .arg(&data)
            .status()
            .expect("initdb");
        assert!(status.success(), "initdb failed");
        let options = format!(
            "-k {} -c listen_addresses='' -c fsync=off -c max_locks_per_transaction=1024 -c timezone=Asia/Kathmandu",
            cluster.folder.path().display()
        );
        let status = command("pg_ctl")
            .args(["start", "-w", "-o", &options, "-D"])
            .arg(&data)
            .status()
            .expect("pg_ctl");
        assert!(status.success(), "the server did not start");
        cluster
    }

    /// How to connect as a role.
    pub(crate) fn options(&self, database: &str, role: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.folder.path())
            .username(role)
            .database(database)
            .disable_statement_logging()
    }

    /// A connection as the superuser.
    pub(crate) async fn connect(&self, database: &str) -> PgConnection {
        PgConnection::connect_with(&self.options(database, "postgres"))
            .await
            .expect("a connection")
    }

    fn data(&self) -> PathBuf {
        Path::join(self.folder.path(), "data")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = command("pg_ctl")
            .args(["stop", "-m", "immediate", "-w", "-D"])
            .arg(self.data())
            .status();
    }
}
