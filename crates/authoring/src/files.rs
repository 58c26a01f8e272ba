//! Files as values: compare them with the disk, write what differs.
//!
//! Not for: their content. The one fact to know: authoring owns the folders in [`OWNED`]; a file there
//! that nothing authored is an orphan, reported by `--check` and removed by a write.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::AuthorError;

/// Folders whose every file is authored, but for those named in [`KEPT`].
const OWNED: &[&str] = &[
    "governance/proposed",
    "migrations",
    "seeds",
    "rehearsal/attacks",
    "rehearsal/estate",
    "rehearsal/inputs",
    "rehearsal/mutants",
    "rehearsal/steps",
];
/// Files in owned folders that only an approval changes.
const KEPT: &[&str] = &["migrations/design.lock", "seeds/exact-set"];

/// Relative path to text.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Files(BTreeMap<String, String>);

/// How one file differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drift {
    /// On disk with another text; a unified diff from the disk to what is authored.
    Stale {
        /// Relative path.
        path: String,
        /// First line that differs, from 1.
        line: usize,
        /// Unified diff.
        diff: String,
    },
    /// Not on disk.
    Missing {
        /// Relative path.
        path: String,
    },
    /// On disk, but nothing authors it.
    Orphaned {
        /// Relative path.
        path: String,
    },
}

impl Drift {
    /// The file.
    pub fn path(&self) -> &str {
        match self {
            Self::Stale { path, .. } | Self::Missing { path } | Self::Orphaned { path } => path,
        }
    }
}

impl Files {
    /// Adds a file.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.0.insert(path.into(), text.into());
    }

    /// Adds all of these.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Text of a file.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Path and text, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Every difference between the files and the disk.
pub fn check(files: &Files, root: &Path) -> Result<Vec<Drift>, AuthorError> {
    let mut found = Vec::new();
    for (path, text) in files.iter() {
        match std::fs::read_to_string(root.join(path)) {
            Ok(there) if there == text => {}
            Ok(there) => found.push(stale(path, &there, text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                found.push(Drift::Missing {
                    path: path.to_owned(),
                });
            }
            Err(source) => {
                return Err(AuthorError::Io {
                    path: root.join(path),
                    source,
                });
            }
        }
    }
    for path in owned_files(root)? {
        if files.get(&path).is_none() {
            found.push(Drift::Orphaned { path });
        }
    }
    Ok(found)
}

fn stale(path: &str, there: &str, text: &str) -> Drift {
    let line = there
        .lines()
        .zip(text.lines())
        .position(|(a, b)| a != b)
        .unwrap_or_else(|| there.lines().count().min(text.lines().count()))
        + 1;
    let diff = similar::TextDiff::from_lines(there, text)
        .unified_diff()
        .context_radius(2)
        .header(&format!("{path} (on disk)"), &format!("{path} (authored)"))
        .to_string();
    Drift::Stale {
        path: path.to_owned(),
        line,
        diff,
    }
}

/// Writes what differs and removes orphans; returns the paths touched. Each file appears whole or not at all.
pub fn write(files: &Files, root: &Path) -> Result<Vec<String>, AuthorError> {
    let mut touched = Vec::new();
    for drift in check(files, root)? {
        match drift {
            Drift::Stale { path, .. } | Drift::Missing { path } => {
                if let Some(text) = files.get(&path) {
                    atomic_write(&root.join(&path), text)?;
                }
                touched.push(path);
            }
            Drift::Orphaned { path } => {
                let full = root.join(&path);
                footprint::files::remove(&full).map_err(|source| AuthorError::Io { path: full, source })?;
                touched.push(path);
            }
        }
    }
    Ok(touched)
}

/// Writes a file beside its place, then renames it into it.
pub fn atomic_write(path: &Path, text: &str) -> Result<(), AuthorError> {
    footprint::files::write(path, text.as_bytes()).map_err(|source| AuthorError::Io {
        path: path.to_owned(),
        source,
    })
}

fn owned_files(root: &Path) -> Result<Vec<String>, AuthorError> {
    let mut found = Vec::new();
    for folder in OWNED {
        walk(root, &root.join(folder), &mut found)?;
    }
    found.retain(|path| {
        !KEPT
            .iter()
            .any(|kept| path == kept || path.starts_with(&format!("{kept}/")))
    });
    found.sort();
    Ok(found)
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) -> Result<(), AuthorError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => {
            return Err(AuthorError::Io {
                path: folder.to_owned(),
                source,
            });
        }
    };
    for entry in entries {
        let path: PathBuf = entry
            .map_err(|source| AuthorError::Io {
                path: folder.to_owned(),
                source,
            })?
            .path();
        if path.is_dir() {
            walk(root, &path, found)?;
        } else if let Ok(relative) = path.strip_prefix(root) {
            found.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}
