//! A capture as a folder: written whole or not at all, loaded only if no byte was changed.
//!
//! Not for: reading a database. The one fact to know: the new folder is finished beside the old one and
//! swapped with it in one step, so nobody ever sees half a capture.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde_json::{Map, Value};

use crate::digest::{Capture, CaptureDigest};
use crate::error::{LoadError, WriteError};

impl Capture {
    /// Writes the capture's files to a folder, which then holds nothing else. Says whether anything
    /// changed.
    ///
    /// # Errors
    /// The folder is then as it was.
    pub fn write(&self, folder: &Path) -> Result<bool, WriteError> {
        self.write_files(folder).map_err(|source| WriteError {
            path: folder.to_owned(),
            source,
        })
    }

    fn write_files(&self, folder: &Path) -> io::Result<bool> {
        if self.is_in(folder) {
            return Ok(false);
        }
        let parent = folder
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        fs::create_dir_all(parent)?;
        let staged = tempfile::Builder::new().prefix(".capture-").tempdir_in(parent)?;
        let new = staged.path().join("new");
        fs::create_dir(&new)?;
        for (name, text) in self.files() {
            let mut file = fs::File::create_new(new.join(name))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
        }
        fs::File::open(&new)?.sync_all()?;
        if folder.exists() {
            // The old folder goes where the staged one was, and with it at the end of the scope.
            renameat_with(CWD, &new, CWD, folder, RenameFlags::EXCHANGE)?;
        } else {
            fs::rename(&new, folder)?;
        }
        fs::File::open(parent)?.sync_all()?;
        Ok(true)
    }

    fn is_in(&self, folder: &Path) -> bool {
        let names = names(folder).unwrap_or_default();
        names.iter().eq(self.files().keys())
            && self
                .files()
                .iter()
                .all(|(name, text)| fs::read(folder.join(name)).is_ok_and(|bytes| bytes == text.as_bytes()))
    }

    /// Loads a capture and verifies the digest of every file and of the whole.
    ///
    /// # Errors
    /// See [`LoadError`]; a changed, missing or additional file is one.
    pub fn load(folder: &Path) -> Result<Self, LoadError> {
        let index_path = folder.join("capture.toml");
        let index = parse(&index_path, &read(&index_path)?)?;
        match index.get("format_version").and_then(Value::as_i64) {
            Some(1) => {}
            found => {
                return Err(LoadError::Version {
                    path: index_path,
                    found: found.unwrap_or_default(),
                });
            }
        }
        let listed: Vec<(&str, &str)> = index["file"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|file| Some((file["name"].as_str()?, file["sha256"].as_str()?)))
            .collect();
        let present = names(folder).map_err(|source| LoadError::Read {
            path: folder.to_owned(),
            source,
        })?;
        if let Some(file) = present
            .iter()
            .find(|name| *name != "capture.toml" && listed.iter().all(|(listed, _)| listed != name))
        {
            return Err(LoadError::Files {
                path: folder.to_owned(),
                what: "an unlisted file",
                file: file.clone(),
            });
        }
        let mut facts = Map::new();
        for (name, expected) in listed {
            if !present.contains(name) {
                return Err(LoadError::Files {
                    path: folder.to_owned(),
                    what: "no file",
                    file: name.to_owned(),
                });
            }
            let path = folder.join(name);
            let text = read(&path)?;
            let found = CaptureDigest::of(text.as_bytes()).to_string();
            if found != expected {
                return Err(LoadError::Tampered {
                    path,
                    expected: expected.to_owned(),
                    found,
                });
            }
            let value = parse(&path, &text)?;
            facts.insert(name.trim_end_matches(".toml").to_owned(), value);
        }
        let form = |message: String| LoadError::Form {
            path: folder.to_owned(),
            message,
        };
        let facts = serde_json::from_value(Value::Object(facts)).map_err(|error| form(error.to_string()))?;
        let major = index["server_major"]
            .as_u64()
            .and_then(|major| u32::try_from(major).ok());
        let identifier = index
            .get("system_identifier")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let capture = Self::new(
            major.ok_or_else(|| form("no server_major".to_owned()))?,
            identifier,
            facts,
        );
        let expected = index["capture_sha256"].as_str().unwrap_or_default();
        let found = capture.digest().to_string();
        if found != expected
            || capture.files().get("capture.toml").map(String::as_str) != Some(read(&index_path)?.as_str())
        {
            return Err(LoadError::Tampered {
                path: index_path,
                expected: expected.to_owned(),
                found,
            });
        }
        Ok(capture)
    }
}

fn names(folder: &Path) -> io::Result<BTreeSet<String>> {
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

fn read(path: &Path) -> Result<String, LoadError> {
    fs::read_to_string(path).map_err(|source| LoadError::Read {
        path: path.to_owned(),
        source,
    })
}

fn parse(path: &Path, text: &str) -> Result<Value, LoadError> {
    toml::from_str(text).map_err(|error| LoadError::Form {
        path: path.to_owned(),
        message: error.message().to_owned(),
    })
}
