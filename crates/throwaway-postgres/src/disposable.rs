//! A cluster that nobody will miss: what may be committed to, and the client programs that look at it.
//!
//! Not for servers of others. The one fact to know: roles are the cluster's, so whoever commits needs a
//! whole cluster that this crate made, and only [`Server::disposable`] gives one out.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sqlx::postgres::PgConnectOptions;

use crate::Server;
use crate::binaries::{major, packaged};
use crate::server::Backend;

/// Proof that the whole cluster is ours, and goes with its [`Server`].
#[derive(Clone, Copy, Debug)]
pub struct Disposable<'a>(&'a Server);

impl Server {
    /// The cluster, if this crate made it; nothing for an approved URL.
    pub fn disposable(&self) -> Option<Disposable<'_>> {
        match &self.backend {
            Backend::Local(_) | Backend::Container(_) => Some(Disposable(self)),
            Backend::Approved(_) => None,
        }
    }
}

/// A client program of the server's own major.
#[derive(Clone, Debug)]
pub struct Client {
    /// Where it is.
    pub program: PathBuf,
    /// As it says itself, such as `pg_dump (PostgreSQL) 15.18`.
    pub version: String,
}

impl<'a> Disposable<'a> {
    /// The server.
    pub fn server(self) -> &'a Server {
        self.0
    }

    /// The client program `name`: beside the server's programs, in the packagers' folders, on PATH.
    ///
    /// # Errors
    /// Says which majors were found instead: an older one refuses the server, a newer one prints
    /// otherwise.
    pub fn client(self, name: &str) -> Result<Client, String> {
        let beside = self.0.bin_dir().map(Path::to_path_buf);
        let path = env::var_os("PATH").unwrap_or_default();
        let dirs = beside
            .into_iter()
            .chain(packaged())
            .chain(env::split_paths(&path));
        find(dirs, name, self.0.version_num() / 10_000)
    }

    /// `client` as a command that reaches `database` as the harness superuser, whatever the
    /// environment says.
    pub fn command(self, client: &Client, database: &str) -> Command {
        let options = self.0.connect_options(database);
        footprint::program(&client.program);
        let mut command = Command::new(&client.program);
        for (variable, _) in env::vars_os() {
            if variable.to_string_lossy().starts_with("PG") {
                command.env_remove(variable);
            }
        }
        command
            .envs(reach(&options, database))
            .env("LC_ALL", "C")
            .env("PGSSLMODE", "disable")
            .stdin(Stdio::null());
        command
    }
}

fn reach(options: &PgConnectOptions, database: &str) -> [(&'static str, String); 4] {
    let host = match options.get_socket() {
        Some(folder) => folder.to_string_lossy().into_owned(),
        None => options.get_host().to_owned(),
    };
    [
        ("PGHOST", host),
        ("PGPORT", options.get_port().to_string()),
        ("PGUSER", options.get_username().to_owned()),
        (
            "PGDATABASE",
            options.get_database().unwrap_or(database).to_owned(),
        ),
    ]
}

fn find(dirs: impl Iterator<Item = PathBuf>, name: &str, wanted: u32) -> Result<Client, String> {
    let mut others: Vec<String> = Vec::new();
    for program in dirs.map(|dir| dir.join(name)).filter(|program| program.is_file()) {
        let Some(version) = version(&program) else {
            continue;
        };
        if major(&version) == Some(wanted) {
            return Ok(Client { program, version });
        }
        if !others.contains(&version) {
            others.push(version);
        }
    }
    let found = if others.is_empty() {
        String::new()
    } else {
        format!(", found {}", others.join(", "))
    };
    Err(format!("no `{name}` of major {wanted}{found}"))
}

fn version(program: &Path) -> Option<String> {
    footprint::program(program);
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::find;

    fn program(dir: &Path, version: &str) {
        fs::create_dir_all(dir).unwrap();
        let path = dir.join("pg_dump");
        let text = format!("#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n");
        let mut file = fs::File::create(&path).unwrap();
        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        file.set_permissions(fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn the_first_program_of_the_servers_major_is_taken() {
        let root = tempfile::tempdir().unwrap();
        let dirs = ["17", "16-a", "16-b"].map(|name| root.path().join(name));
        for (dir, version) in dirs.iter().zip(["17.2", "16.4 (Debian 16.4-1)", "16.9"]) {
            program(dir, version);
        }
        let found = find(dirs.into_iter(), "pg_dump", 16).unwrap();
        assert_eq!(found.program, root.path().join("16-a/pg_dump"));
        assert_eq!(found.version, "pg_dump (PostgreSQL) 16.4 (Debian 16.4-1)");
    }

    #[test]
    fn other_majors_are_named_and_not_taken() {
        let root = tempfile::tempdir().unwrap();
        program(root.path(), "15.3");
        let why = find(std::iter::once(root.path().to_path_buf()), "pg_dump", 18).unwrap_err();
        assert_eq!(why, "no `pg_dump` of major 18, found pg_dump (PostgreSQL) 15.3");
        let why = find(std::iter::empty(), "pg_dump", 18).unwrap_err();
        assert_eq!(why, "no `pg_dump` of major 18");
    }
}
