//! A packet's files in memory, read from a folder that somebody else filled.
//!
//! Not for: what the files say. The one fact to know: nothing is followed and nothing is read above the
//! limit, so a link to a device, a pipe without an end or a file as large as the disk is named, not opened.

use crate::Error;
use crate::code::{Code, Refusal};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

/// Largest file of a packet, in bytes.
pub const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// A packet has seven files; above this number nobody counts the others.
const ENTRIES_MAX: usize = 100;

/// What is in the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Bytes by name.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What could not be taken as a file.
    pub refusals: Vec<Refusal>,
}

impl Folder {
    /// Reads a folder.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::read_but(path, &[])
    }

    /// Reads a folder but for folders of these names in it, which are packets by themselves.
    pub fn read_but(path: &Path, packets: &[&str]) -> Result<Self, Error> {
        let is_folder = fs::metadata(path).is_ok_and(|found| found.is_dir());
        if !is_folder {
            return Err(Error::NotAFolder {
                path: crate::escaped(&path.to_string_lossy()),
            });
        }
        let mut folder = Self::default();
        let entries = fs::read_dir(path).map_err(|source| failed(path, source))?;
        for entry in entries.take(ENTRIES_MAX) {
            let entry = entry.map_err(|source| failed(path, source))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && packets.contains(&name.as_str()) {
                continue;
            }
            folder.take(name, &entry.path())?;
        }
        folder.refusals.sort_by(|a, b| a.subject.cmp(&b.subject));
        Ok(folder)
    }

    fn take(&mut self, name: String, path: &Path) -> Result<(), Error> {
        let found = fs::symlink_metadata(path).map_err(|source| failed(path, source))?;
        if !found.is_file() {
            let kind = if found.is_symlink() {
                "a symlink"
            } else {
                "no file"
            };
            let message = format!("expected a regular file, found {kind}");
            self.refusals
                .push(Refusal::new(Code::FileNotRegular, &name, &message));
            return Ok(());
        }
        let mut bytes = Vec::new();
        if found.len() <= FILE_BYTES_MAX {
            let file = File::open(path).map_err(|source| failed(path, source))?;
            file.take(FILE_BYTES_MAX + 1)
                .read_to_end(&mut bytes)
                .map_err(|source| failed(path, source))?;
        }
        if found.len().max(bytes.len() as u64) > FILE_BYTES_MAX {
            let message = format!("expected {FILE_BYTES_MAX} bytes at most, found {}", found.len());
            self.refusals
                .push(Refusal::new(Code::FileTooLarge, &name, &message));
        } else {
            self.files.insert(name, bytes);
        }
        Ok(())
    }
}

pub(crate) fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::Io {
        path: crate::escaped(&path.to_string_lossy()),
        source,
    }
}
