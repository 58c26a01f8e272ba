//! Finds `initdb` and `postgres` of a supported major on this machine.
//!
//! Not here: installing any. The fact to know: versions are asked as the account
//! that will run the server, so a folder that it can't reach is found out here,
//! and not as a cryptic failure later.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::StartError;
use crate::account::Account;

/// Majors that rehearsals run on.
pub const SUPPORTED_MAJORS: std::ops::RangeInclusive<u32> = 15..=18;

/// A folder with a server's programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    pub(crate) dir: PathBuf,
    /// As `postgres --version` says, such as `postgres (PostgreSQL) 15.18`.
    pub(crate) version: String,
}

impl Binaries {
    /// The best that there is: `pg_bin` alone if given, else the first supported of
    /// PATH, `pg_config --bindir`, and the packagers' folders, newest major first; of `wanted` alone if that is given.
    pub(crate) fn find(
        pg_bin: Option<&Path>,
        wanted: Option<u32>,
        account: &Account,
    ) -> Result<Self, StartError> {
        let is_wanted = |major: u32| match wanted {
            Some(wanted) => major == wanted,
            None => SUPPORTED_MAJORS.contains(&major),
        };
        // A folder that is named from here is meant from here, and the server is started elsewhere.
        let pg_bin = pg_bin.map(|dir| std::path::absolute(dir).unwrap_or_else(|_| dir.to_path_buf()));
        let dirs: Box<dyn Iterator<Item = PathBuf>> = match &pg_bin {
            Some(dir) => Box::new(std::iter::once(dir.clone())),
            None => Box::new(candidates()),
        };
        let mut unsupported = Vec::new();
        let mut unusable = None;
        for dir in dirs.filter(|dir| is_complete(dir)) {
            match version(&dir, account) {
                Ok(version) if major(&version).is_some_and(is_wanted) => {
                    return Ok(Self {
                        dir: resolved(&dir),
                        version,
                    });
                }
                Ok(version) => unsupported.push(format!("`{version}` in `{}`", dir.display())),
                Err(error) => unusable = Some(error),
            }
        }
        if !unsupported.is_empty() {
            let found = unsupported.join(", ");
            return Err(match wanted {
                Some(asked) => StartError::OtherMajor { asked, found },
                None => StartError::UnsupportedMajor { found },
            });
        }
        Err(unusable.unwrap_or_else(|| StartError::NoBinaries {
            looked: match &pg_bin {
                Some(dir) => format!("`{}`", dir.display()),
                None => {
                    "PATH, `pg_config --bindir`, `/usr/lib/postgresql/*/bin`, `/usr/pgsql-*/bin` and Homebrew"
                        .to_owned()
                }
            },
        }))
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

fn is_complete(dir: &Path) -> bool {
    dir.is_absolute() && dir.join("initdb").is_file() && dir.join("postgres").is_file()
}

/// The folder behind links: a link to `postgres` alone hides the client programs beside it.
fn resolved(dir: &Path) -> PathBuf {
    fs::canonicalize(dir.join("postgres"))
        .ok()
        .and_then(|program| program.parent().map(Path::to_path_buf))
        .filter(|real| is_complete(real))
        .unwrap_or_else(|| dir.to_path_buf())
}

/// Client programs of this name on this machine, each with its major.
pub(crate) fn clients(name: &'static str) -> impl Iterator<Item = (PathBuf, u32)> {
    candidates()
        .map(move |dir| dir.join(name))
        .filter(|program| program.is_absolute() && program.is_file())
        .filter_map(|program| {
            footprint::program(&program);
            let output = Command::new(&program).arg("--version").output().ok()?;
            let major = major(String::from_utf8_lossy(&output.stdout).trim())?;
            Some((program, major))
        })
}

/// Each place is looked at when those before it had nothing: asking `pg_config` takes longer than
/// asking `postgres` itself.
fn candidates() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH");
    let in_path: Vec<PathBuf> = path
        .map(|path| env::split_paths(&path).collect())
        .unwrap_or_default();
    in_path
        .into_iter()
        .chain(std::iter::once_with(pg_config_bindir).flatten())
        .chain(std::iter::once_with(packaged).flatten())
}

/// The packagers' folders, newest major first.
pub(crate) fn packaged() -> Vec<PathBuf> {
    let mut packaged: Vec<(u32, PathBuf)> = [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql@"),
        ("/usr/local/opt", "postgresql@"),
        ("/home/linuxbrew/.linuxbrew/opt", "postgresql@"),
    ]
    .iter()
    .flat_map(|(parent, prefix)| majors_below(Path::new(parent), prefix))
    .collect();
    packaged.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    packaged.into_iter().map(|(_, dir)| dir).collect()
}

fn pg_config_bindir() -> Option<PathBuf> {
    footprint::program(Path::new("pg_config"));
    let output = Command::new("pg_config")
        .arg("--bindir")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| PathBuf::from(text.trim()))
}

/// `PARENT/PREFIX<major>/bin`, with the major.
fn majors_below(parent: &Path, prefix: &str) -> Vec<(u32, PathBuf)> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let major = name.to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((major, entry.path().join("bin")))
        })
        .collect()
}

fn version(dir: &Path, account: &Account) -> Result<String, StartError> {
    let program = dir.join("postgres");
    let failed = |source| StartError::Program {
        program: program.clone(),
        account: account.name.clone(),
        source,
    };
    footprint::program(&program);
    let output = account
        .apply(Command::new(&program).arg("--version"))
        .output()
        .map_err(failed)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(failed(std::io::Error::other(said)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// `postgres (PostgreSQL) 15.18 (Debian …)` → 15; `18beta1` → 18.
pub(crate) fn major(version: &str) -> Option<u32> {
    let number = version.split(") ").nth(1)?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn majors_are_read_from_what_packagers_print() {
        assert_eq!(
            major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("postgres (EnterpriseDB) 9.6.24"), Some(9));
        assert_eq!(major("nonsense"), None);
    }
}
