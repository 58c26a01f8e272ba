//! What `ARCHITECTURE.md` claims, as tests: crates, sources, authored SQL, counts, documents.
//!
//! Not for: behaviour. The one fact to know: each test ends by asserting how much it looked at, so that a
//! moved folder can't make it pass over nothing.

mod counts;
mod crates;
mod docs;
mod doors;
mod findings;
mod licences;
mod metadata;
mod source;
mod sql;

use std::fs;
use std::path::{Path, PathBuf};

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies below the root")
        .to_owned()
}

/// A file of the repository.
pub(crate) struct File {
    /// From the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|found| found == extension)
    }
}

/// Every text file below `folders` (or files named there), sorted by path; what builds and tools leave
/// is not ours.
pub(crate) fn files(folders: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    for folder in folders {
        collect(&root().join(folder), &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(path: &Path, found: &mut Vec<File>) {
    if path.is_dir() {
        let name = path.file_name().unwrap_or_default();
        if name == "target" || name == ".git" {
            return;
        }
        for entry in fs::read_dir(path).expect("a folder is readable") {
            collect(&entry.expect("an entry is readable").path(), found);
        }
        return;
    }
    if path.extension().is_some_and(|extension| extension == "new") {
        return;
    }
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()));
    let path = path
        .strip_prefix(root())
        .expect("files lie below the root")
        .to_string_lossy()
        .replace('\\', "/");
    found.push(File { path, text });
}

/// One file.
pub(crate) fn file(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("`{path}`: {error}"))
}

/// Fails with all of `slips`, a line each.
#[track_caller]
pub(crate) fn demand_none(what: &str, slips: &[String]) {
    assert!(slips.is_empty(), "{what}:\n  {}", slips.join("\n  "));
}
