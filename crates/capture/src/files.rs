//! A capture as a folder: written whole or not at all, loaded only if no byte was changed.
//!
//! Not for: reading a database. The one fact to know: the new folder is finished beside the old one and
//! swapped with it in one step, so nobody ever sees half a capture.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use footprint::files;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::digest::{Capture, CaptureDigest, Head, INDEX};
use crate::error::{LoadError, WriteError};
use crate::model::Facts;

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
        files::create_dir_all(parent)?;
        let staged = files::beside(parent, ".capture-")?;
        let new = staged.path().join("new");
        files::create_dir_all(&new)?;
        for (name, text) in self.files() {
            let mut file = files::create_new(&new.join(name))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
        }
        fs::File::open(&new)?.sync_all()?;
        if folder.exists() {
            // The old folder goes where the staged one was, and with it at the end of the scope.
            files::replaces(folder);
            renameat_with(CWD, &new, CWD, folder, RenameFlags::EXCHANGE)?;
        } else {
            files::into_place(&new, folder)?;
        }
        fs::File::open(parent)?.sync_all()?;
        Ok(true)
    }

    /// Whether the folder holds this very capture, byte by byte, and nothing else: loading it would say the same.
    pub fn is_in(&self, folder: &Path) -> bool {
        let names = names(folder).unwrap_or_default();
        names.iter().eq(self.files().keys())
            && self
                .files()
                .iter()
                .all(|(name, text)| fs::read(folder.join(name)).is_ok_and(|bytes| bytes == text.as_bytes()))
    }

    /// The server's major as the index of a capture says it: nothing else of it is read or verified.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn major_of(folder: &Path) -> Result<u32, LoadError> {
        let path = folder.join(INDEX);
        Ok(index(&path, &read(&path)?)?.server_major)
    }

    /// The role whose reads are captured, likewise.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn reader_of(folder: &Path) -> Result<String, LoadError> {
        let path = folder.join(INDEX);
        Ok(index(&path, &read(&path)?)?.reader)
    }

    /// Loads a capture and verifies the digest of every file and of the whole.
    ///
    /// # Errors
    /// See [`LoadError`]; a changed, missing or additional file is one.
    pub fn load(folder: &Path) -> Result<Self, LoadError> {
        let index_path = folder.join(INDEX);
        let index_text = read(&index_path)?;
        let index = index(&index_path, &index_text)?;
        let present = names(folder).map_err(|source| LoadError::Read {
            path: folder.to_owned(),
            source,
        })?;
        let listed: BTreeSet<&str> = index.file.iter().map(|file| file.name.as_str()).collect();
        if let Some(file) = present
            .iter()
            .find(|name| *name != INDEX && !listed.contains(name.as_str()))
        {
            return Err(LoadError::Files {
                path: folder.to_owned(),
                what: "an unlisted file",
                file: file.clone(),
            });
        }
        let mut files = BTreeMap::new();
        for file in &index.file {
            if !present.contains(&file.name) {
                return Err(LoadError::Files {
                    path: folder.to_owned(),
                    what: "no file",
                    file: file.name.clone(),
                });
            }
            let path = folder.join(&file.name);
            let text = read(&path)?;
            let found = CaptureDigest::of(text.as_bytes()).to_string();
            if found != file.sha256 {
                return Err(LoadError::Tampered {
                    path,
                    expected: file.sha256.clone(),
                    found,
                });
            }
            files.insert(file.name.clone(), text);
        }
        let head = Head {
            database: &index.database,
            server_major: index.server_major,
            reader: &index.reader,
            system_identifier: index.system_identifier.as_deref(),
        };
        let (digest, expected_text) = head.index(&files);
        if digest.to_string() != index.capture_sha256 || expected_text != index_text {
            let (expected, found) = (index.capture_sha256, digest.to_string());
            return Err(LoadError::Tampered {
                path: index_path,
                expected,
                found,
            });
        }
        let facts = facts(folder, &files)?;
        let named = [
            (&index.database, &facts.database.database.name),
            (&index.reader, &facts.select_set.reader),
        ];
        if let Some((head, file)) = named.into_iter().find(|(head, file)| head != file) {
            let message = format!("it names `{head}`, the files name `{file}`");
            return Err(LoadError::Form {
                path: index_path,
                message,
            });
        }
        files.insert(INDEX.to_owned(), index_text);
        Ok(Self::loaded(
            index.server_major,
            index.system_identifier,
            facts,
            digest,
            files,
        ))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    format_version: i64,
    database: String,
    server_major: u32,
    reader: String,
    system_identifier: Option<String>,
    capture_sha256: String,
    file: Vec<IndexedFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexedFile {
    name: String,
    sha256: String,
}

fn index(path: &Path, text: &str) -> Result<Index, LoadError> {
    let index: Index = parse(path, text)?;
    if index.format_version == 1 {
        return Ok(index);
    }
    Err(LoadError::Version {
        path: path.to_owned(),
        found: index.format_version,
    })
}

fn facts(folder: &Path, files: &BTreeMap<String, String>) -> Result<Facts, LoadError> {
    fn file<T: DeserializeOwned>(
        folder: &Path,
        files: &BTreeMap<String, String>,
        name: &str,
    ) -> Result<T, LoadError> {
        let Some(text) = files.get(name) else {
            return Err(LoadError::Files {
                path: folder.to_owned(),
                what: "no file",
                file: name.to_owned(),
            });
        };
        parse(&folder.join(name), text)
    }
    // Half of the text is one file: what else there is, is read beside it.
    std::thread::scope(|scope| {
        let relations = scope.spawn(|| file(folder, files, "relations.toml"));
        Ok(Facts {
            database: file(folder, files, "database.toml")?,
            roles: file(folder, files, "roles.toml")?,
            constraints: file(folder, files, "constraints.toml")?,
            sequences: file(folder, files, "sequences.toml")?,
            types: file(folder, files, "types.toml")?,
            routines: file(folder, files, "routines.toml")?,
            views: file(folder, files, "views.toml")?,
            triggers: file(folder, files, "triggers.toml")?,
            dependencies: file(folder, files, "dependencies.toml")?,
            select_set: file(folder, files, "select_set.toml")?,
            flags: file(folder, files, "flags.toml")?,
            comments: file(folder, files, "comments.toml")?,
            relations: relations
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?,
        })
    })
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

fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, LoadError> {
    toml::from_str(text).map_err(|error| LoadError::Form {
        path: path.to_owned(),
        message: error.message().to_owned(),
    })
}
