//! The door for files: whatever this tool writes or takes away outside a server's own folder.
//!
//! Not for: reading. The one fact to know: each function notes the place before it touches it, so a failure
//! in the middle is noted as well.

use crate::record::{Act, Place, Touched, note};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn touch(act: Act, path: &Path) {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    note(|record| {
        record.files.insert(Touched { act, path });
    });
}

/// Says that what is below `folder` is the tool's own: made by it, taken away by it, no part of any result.
pub fn own(folder: &Path) {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    note(|record| {
        record.own.insert(Place(folder));
    });
}

/// Writes a file beside its place, then renames it into it; it appears whole or not at all.
///
/// # Errors
/// The disk's.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    touch(Act::Written, path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder)?;
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(bytes)?;
    // A temporary file is private to its owner; what is written here is for whoever gets it.
    readable(beside.as_file())?;
    beside.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Writes a file that is not there yet: it appears whole or not at all, and never in place of another.
///
/// # Errors
/// The disk's; that it exists is one.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    touch(Act::Written, path);
    let mut beside = tempfile::NamedTempFile::new_in(parent(path))?;
    beside.write_all(bytes)?;
    readable(beside.as_file())?;
    beside.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(unix)]
fn readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(Permissions::from_mode(0o644))
}

/// Makes a file that is not there yet; of two who try, one succeeds.
///
/// # Errors
/// The disk's; that it exists is one.
pub fn create_new(path: &Path) -> io::Result<File> {
    touch(Act::Written, path);
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Makes a folder and those above it.
///
/// # Errors
/// The disk's.
pub fn create_dir_all(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    touch(Act::Written, path);
    fs::create_dir_all(path)
}

/// Copies a file.
///
/// # Errors
/// The disk's.
pub fn copy(from: &Path, to: &Path) -> io::Result<u64> {
    touch(Act::Written, to);
    fs::copy(from, to)
}

/// Takes a file away.
///
/// # Errors
/// The disk's.
pub fn remove(path: &Path) -> io::Result<()> {
    touch(Act::Removed, path);
    fs::remove_file(path)
}

/// Puts a folder that was made by [`beside`] in its place, where there is none.
///
/// # Errors
/// The disk's; a folder that is not empty at `to` is one.
pub fn into_place(from: &Path, to: &Path) -> io::Result<()> {
    touch(Act::Written, to);
    fs::rename(from, to)
}

/// Notes that `path` is about to be replaced in a way that only its caller knows.
pub fn replaces(path: &Path) {
    touch(Act::Written, path);
}

/// A folder beside a place, which goes with its handle unless it is put there; readable for everybody.
///
/// # Errors
/// The disk's.
pub fn beside(parent: &Path, prefix: &str) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(Permissions::from_mode(0o755));
    }
    let folder = builder.tempdir_in(parent)?;
    own(folder.path());
    Ok(folder)
}

/// A temporary folder, which goes with its handle.
///
/// # Errors
/// The disk's.
pub fn scratch() -> io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    own(folder.path());
    Ok(folder)
}

/// The parent of a path, or the current folder.
pub fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
