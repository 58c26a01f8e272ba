//! Committed files, each verified by its digest as it is read.
//!
//! It knows formats and no rule between them. The one fact to know: the digest of each file is kept, and the
//! bytes of those alone that fixtures may ask for; the rest is in memory once, as what it was read into.

use super::Package;
use super::error::PlanError;
use super::load::StepFile;
use super::packet_file::PacketFile;
use crate::world::WorldsFile;
use guards::{CommittedFiles, Guard};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

#[derive(Deserialize)]
struct Index {
    format_version: u32,
    #[serde(default)]
    file: Vec<IndexEntry>,
}

#[derive(Deserialize)]
struct IndexEntry {
    step: String,
    name: String,
    up_sha256: String,
    down_sha256: String,
}

/// Reads below a root, and keeps all that it verified.
pub(super) struct Reader {
    pub(super) root: Arc<Path>,
    /// Texts that stand in for the files of these paths; their digests are verified like any other.
    pub(super) instead: BTreeMap<String, String>,
    pub(super) verified: BTreeMap<String, VerifiedFile>,
    /// What fixtures see.
    pub(super) files: CommittedFiles,
}

/// A file that had the digest that something vouched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedFile {
    /// SHA-256 of its bytes, lower hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

impl Reader {
    /// Reads a file whose bytes fixtures may ask for.
    pub(super) fn keep(&mut self, path: &str, expected: &str) -> Result<(), PlanError> {
        let bytes = self.bytes(path, Some(expected))?;
        self.files.insert(path.to_owned(), bytes);
        Ok(())
    }

    fn bytes(&mut self, path: &str, expected: Option<&str>) -> Result<Vec<u8>, PlanError> {
        let bytes = match self.instead.get(path) {
            Some(text) => text.clone().into_bytes(),
            None => read(&self.root, path)?,
        };
        if let Some(expected) = expected {
            demand_digest(path, &bytes, expected)?;
            let size = bytes.len() as u64;
            let sha256 = expected.to_owned();
            self.verified
                .insert(path.to_owned(), VerifiedFile { sha256, size });
        }
        Ok(bytes)
    }

    pub(super) fn text(&mut self, path: &str, expected: Option<&str>) -> Result<String, PlanError> {
        utf8(path, self.bytes(path, expected)?)
    }

    /// A file of a packet that was read and verified: its text comes when it runs.
    pub(super) fn packet_file(&self, path: &str, sha256: &str) -> PacketFile {
        match self.instead.get(path) {
            Some(text) => text.clone().into(),
            None => PacketFile::committed(&self.root, path, sha256),
        }
    }

    /// A guard's file; it holds the guard of this id.
    pub(super) fn guard(&mut self, id: &str, path: &str, expected: Option<&str>) -> Result<Guard, PlanError> {
        let text = self.text(path, expected)?;
        let guard = Guard::parse(&text).map_err(|error| PlanError::Malformed {
            path: path.to_owned(),
            what: "guard",
            message: error.to_string(),
        })?;
        if guard.id == id {
            return Ok(guard);
        }
        Err(PlanError::Inconsistent(format!(
            "`{path}` holds guard `{}`, expected `{id}` as the plan says",
            guard.id
        )))
    }

    pub(super) fn parse<T: DeserializeOwned>(
        &mut self,
        path: &str,
        expected: Option<&str>,
        what: &'static str,
    ) -> Result<T, PlanError> {
        let text = self.text(path, expected)?;
        toml::from_str(&text).map_err(|error| PlanError::Malformed {
            path: path.to_owned(),
            what,
            message: error.to_string(),
        })
    }

    pub(super) fn package_files(
        &mut self,
        source: &str,
        package: &Package,
    ) -> Result<Vec<StepFile>, PlanError> {
        let index_path = format!("{source}/index.toml");
        let index: Index = self.parse(&index_path, None, "index")?;
        demand_format(&index_path, index.format_version)?;
        let mut files = Vec::new();
        for entry in index
            .file
            .iter()
            .filter(|entry| package.steps.contains(&entry.step))
        {
            let up_path = format!("{source}/{}.up.sql", entry.name);
            let down_path = format!("{source}/{}.down.sql", entry.name);
            files.push(StepFile {
                step: entry.step.clone(),
                name: entry.name.clone(),
                up: self.text(&up_path, Some(&entry.up_sha256))?,
                down: self.text(&down_path, Some(&entry.down_sha256))?,
                up_path,
            });
        }
        Ok(files)
    }

    pub(super) fn worlds(&mut self, path: &str, sha256: &str) -> Result<WorldsFile, PlanError> {
        let mut worlds: WorldsFile = self.parse(path, Some(sha256), "index of worlds")?;
        for world in &mut worlds.world {
            let Some(delta) = world.delta_path.clone() else {
                continue;
            };
            let Some(expected) = world.delta_sha256.clone() else {
                return Err(PlanError::Inconsistent(format!(
                    "world `{}` in `{path}` has no `delta_sha256`, expected the digest of `{delta}`; run `cargo xtask author`",
                    world.id
                )));
            };
            world.delta = self.text(&delta, Some(&expected))?;
        }
        Ok(worlds)
    }
}

pub(super) fn read(root: &Path, path: &str) -> Result<Vec<u8>, PlanError> {
    std::fs::read(root.join(path)).map_err(|source| PlanError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

pub(super) fn demand_digest(path: &str, bytes: &[u8], expected: &str) -> Result<(), PlanError> {
    let found = sha256_hex(bytes);
    if found == expected {
        return Ok(());
    }
    Err(PlanError::Tampered {
        path: path.to_owned(),
        expected: expected.to_owned(),
        found,
    })
}

pub(super) fn utf8(path: &str, bytes: Vec<u8>) -> Result<String, PlanError> {
    String::from_utf8(bytes).map_err(|error| PlanError::Malformed {
        path: path.to_owned(),
        what: "UTF-8 text",
        message: error.to_string(),
    })
}

pub(super) fn demand_format(path: &str, found: u32) -> Result<(), PlanError> {
    if found == 1 {
        return Ok(());
    }
    Err(PlanError::Inconsistent(format!(
        "`{path}` has format_version {found}, expected 1"
    )))
}

/// SHA-256 of `bytes` as lower-case hex: how the plan and the indexes write digests.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
