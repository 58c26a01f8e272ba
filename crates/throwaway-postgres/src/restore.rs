//! Fills a database of a throwaway server from a dump that `pg_dump` wrote.
//!
//! Not for: roles, which no dump of a database carries; a [`Template`](crate::Template) makes them before.
//! The fact to know: a plain dump is a script for `psql`, which can do on this machine whatever its user
//! can, so a dump is trusted like code.

use std::env;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::Server;
use crate::binaries;
use crate::server::Backend;

/// Lines of the program's complaint that an error shows.
const SHOWN: usize = 6;
/// Longest complaint that an error shows, in characters.
const SHOWN_CHARACTERS: usize = 800;

/// Why a database was not filled.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The file can't be read.
    #[error("can't read the dump `{}`: {source}", dump.display())]
    Unreadable {
        /// The dump.
        dump: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file holds nothing.
    #[error("the dump `{}` is empty, expected what `pg_dump` wrote", dump.display())]
    Empty {
        /// The dump.
        dump: PathBuf,
    },
    /// Only servers that were started for it are filled.
    #[error("a dump is restored into a server that is started for it, and never into one that a URL names")]
    NotOurs,
    /// The client program is not on this machine.
    #[error(
        "found no `{program}` of PostgreSQL {major} or newer, which restores the dump; install that client (`apt-get install postgresql-client`), or name a folder that has it by `--pg-bin DIR`"
    )]
    NoProgram {
        /// `psql` or `pg_restore`.
        program: &'static str,
        /// Major of the server.
        major: u32,
    },
    /// The program could not be run.
    #[error("can't run `{}`: {source}", program.display())]
    Program {
        /// The program.
        program: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The server, or the program, refused the dump.
    #[error("the dump `{}` does not restore:\n{said}", dump.display())]
    Refused {
        /// The dump.
        dump: PathBuf,
        /// The first lines of what was said, with the line of the dump or its entry.
        said: String,
    },
}

impl RestoreError {
    /// Whether this machine lacks something, rather than the dump.
    pub fn is_environment(&self) -> bool {
        matches!(self, Self::NoProgram { .. } | Self::Program { .. })
    }
}

/// Restores `dump` into `database`, which exists; the first statement that is refused ends it.
///
/// Dumps of every format of `pg_dump` are told apart by what they hold, never by their name.
///
/// # Errors
/// See [`RestoreError`]; the database then holds what came before the refused statement.
pub async fn restore(server: &Server, database: &str, dump: &Path) -> Result<(), RestoreError> {
    if matches!(server.backend, Backend::Approved(_)) {
        return Err(RestoreError::NotOurs);
    }
    let program_name = if is_plain(dump)? { "psql" } else { "pg_restore" };
    let program = program(server, program_name)?;
    let options = server.connect_options(database);
    footprint::program(&program);
    let mut command = Command::new(&program);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    let host = options.get_socket().map_or_else(
        || options.get_host().to_owned(),
        |folder| folder.to_string_lossy().into_owned(),
    );
    command
        .env("PGHOST", host)
        .env("PGPORT", options.get_port().to_string())
        .env("PGUSER", options.get_username())
        .env("PGSSLMODE", "disable")
        // What a person's own settings would change in the answers.
        .env("LC_ALL", "C");
    let database = options.get_database().unwrap_or("postgres");
    if program_name == "psql" {
        command
            .args([
                "-X",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-o",
                "/dev/null",
                "-d",
                database,
                "-f",
            ])
            .arg(dump);
    } else {
        command.args(["--exit-on-error", "-d", database]).arg(dump);
    }
    let ended = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|source| RestoreError::Program { program, source })?;
    if ended.status.success() {
        return Ok(());
    }
    let said = complaint(&String::from_utf8_lossy(&ended.stderr));
    Err(RestoreError::Refused {
        dump: dump.to_owned(),
        said: if said.is_empty() {
            format!("`{program_name}` ended with {}", ended.status)
        } else {
            said
        },
    })
}

/// Whether the dump is a script; the other formats say at their start what they are.
fn is_plain(dump: &Path) -> Result<bool, RestoreError> {
    let unreadable = |source| RestoreError::Unreadable {
        dump: dump.to_owned(),
        source,
    };
    if std::fs::metadata(dump).map_err(unreadable)?.is_dir() {
        // The folder of the directory format; `pg_restore` says so if it is another.
        return Ok(false);
    }
    let mut head = Vec::with_capacity(512);
    std::fs::File::open(dump)
        .and_then(|file| file.take(512).read_to_end(&mut head))
        .map_err(unreadable)?;
    if head.is_empty() {
        return Err(RestoreError::Empty {
            dump: dump.to_owned(),
        });
    }
    let is_tar = head.get(257..262) == Some(b"ustar");
    Ok(!head.starts_with(b"PGDMP") && !is_tar)
}

/// Beside the server's own programs, else anywhere on this machine where it is new enough.
fn program(server: &Server, name: &'static str) -> Result<PathBuf, RestoreError> {
    let own = server.bin_dir().map(|folder| folder.join(name));
    if let Some(own) = own.filter(|program| program.is_file()) {
        return Ok(own);
    }
    let major = server.version_num() / 10_000;
    binaries::clients(name)
        .find(|(_, found)| *found >= major)
        .map(|(program, _)| program)
        .ok_or(RestoreError::NoProgram { program: name, major })
}

/// The first error of what a client program printed, with what it says of its place.
fn complaint(stderr: &str) -> String {
    let lines: Vec<&str> = stderr.lines().collect();
    let first = lines
        .iter()
        .position(|line| line.contains("ERROR:") || line.contains("error:") || line.contains("FATAL:"))
        .unwrap_or(0);
    let said = lines[first..lines.len().min(first + SHOWN)].join("\n");
    let said = said.replace("pg_restore: error: ", "pg_restore: ");
    said.chars().take(SHOWN_CHARACTERS).collect()
}
