//! Files that a person committed and the plan names with their digest.

use std::path::Path;

use super::model::{FileRef, InputRef};
use crate::error::AuthorError;
use crate::files::Files;
use crate::header::sha256_hex;
use crate::inputs;

/// The guards' inputs: authored documents, and the vectors as they are committed.
pub(super) fn inputs(files: &Files, root: &Path) -> Result<Vec<InputRef>, AuthorError> {
    let prefix = format!("{}/", inputs::FOLDER);
    let mut refs: Vec<InputRef> = files
        .iter()
        .filter_map(|(path, text)| {
            let key = path.strip_prefix(&prefix)?.strip_suffix(".json")?;
            Some(InputRef {
                key: key.to_owned(),
                path: path.to_owned(),
                sha256: sha256_hex(text.as_bytes()),
            })
        })
        .collect();
    let (key, path) = inputs::VECTORS;
    let bytes = std::fs::read(root.join(path)).map_err(|source| AuthorError::Io {
        path: root.join(path),
        source,
    })?;
    refs.push(InputRef {
        key: key.to_owned(),
        path: path.to_owned(),
        sha256: sha256_hex(&bytes),
    });
    refs.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(refs)
}

/// The lock files of the exact sets, as an approval left them.
pub(super) fn exact_sets(root: &Path) -> Result<Vec<FileRef>, AuthorError> {
    let folder = "seeds/exact-set";
    let io = |source| AuthorError::Io {
        path: root.join(folder),
        source,
    };
    let mut refs = Vec::new();
    for entry in std::fs::read_dir(root.join(folder)).map_err(io)? {
        let entry = entry.map_err(io)?;
        let bytes = std::fs::read(entry.path()).map_err(io)?;
        refs.push(FileRef {
            path: format!("{folder}/{}", entry.file_name().to_string_lossy()),
            sha256: sha256_hex(&bytes),
        });
    }
    refs.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(refs)
}

pub(super) fn file_ref(root: &Path, path: String) -> Result<FileRef, AuthorError> {
    let bytes = std::fs::read(root.join(&path)).map_err(|source| AuthorError::Io {
        path: root.join(&path),
        source,
    })?;
    Ok(FileRef {
        sha256: sha256_hex(&bytes),
        path,
    })
}
