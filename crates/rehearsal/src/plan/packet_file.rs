//! A file of a packet: verified with the plan, and read again, to the same digest, whenever it runs.
//!
//! Not for: files that a rehearsal needs from its start. The one fact to know: packets are a third of all that a plan
//! names and each has its turn, so their texts are in memory only then; a byte that changed meanwhile is refused.

use super::error::PlanError;
use super::reader::{demand_digest, read, utf8};
use crate::error::RehearseError;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A file of a packet.
#[derive(Clone, Debug)]
pub struct PacketFile(Text);

#[derive(Clone, Debug)]
enum Text {
    /// As it was verified.
    Committed {
        root: Arc<Path>,
        path: String,
        sha256: String,
    },
    /// Another text in its place.
    Instead(String),
}

impl PacketFile {
    pub(super) fn committed(root: &Arc<Path>, path: &str, sha256: &str) -> Self {
        Self(Text::Committed {
            root: Arc::clone(root),
            path: path.to_owned(),
            sha256: sha256.to_owned(),
        })
    }

    /// Its text.
    ///
    /// # Errors
    /// The file is no longer what was verified.
    pub fn text(&self) -> Result<Cow<'_, str>, PlanError> {
        match &self.0 {
            Text::Instead(text) => Ok(Cow::Borrowed(text)),
            Text::Committed { root, path, sha256 } => {
                let bytes = read(root, path)?;
                demand_digest(path, &bytes, sha256)?;
                utf8(path, bytes).map(Cow::Owned)
            }
        }
    }
}

/// The text of one of a packet's files.
pub(crate) fn text_of<'a>(
    files: &'a BTreeMap<String, PacketFile>,
    package: &str,
    name: &str,
) -> Result<Cow<'a, str>, RehearseError> {
    let file = files
        .get(name)
        .ok_or_else(|| RehearseError::Stop(format!("the packet of `{package}` has no `{name}`")))?;
    Ok(file.text()?)
}

impl From<String> for PacketFile {
    /// This text, whatever is committed.
    fn from(text: String) -> Self {
        Self(Text::Instead(text))
    }
}

#[cfg(test)]
mod tests {
    use super::PacketFile;
    use crate::plan::{PlanError, sha256_hex};
    use std::path::Path;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a temp folder that nobody else reads")]
    fn a_byte_that_changed_since_it_was_verified_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("apply.sql");
        std::fs::write(&path, "select 1;").unwrap();
        let file = PacketFile::committed(&root.path().into(), "apply.sql", &sha256_hex(b"select 1;"));
        assert_eq!(file.text().unwrap(), "select 1;");
        std::fs::write(&path, "select 2;").unwrap();
        assert!(matches!(file.text(), Err(PlanError::Tampered { path, .. }) if path == "apply.sql"));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(file.text(), Err(PlanError::Unreadable { path, .. }) if path == "apply.sql"));
    }

    #[test]
    fn a_text_in_its_place_needs_no_file() {
        let file = PacketFile::from("select 3;".to_owned());
        assert_eq!(file.text().unwrap(), "select 3;");
        assert!(!Path::new("select 3;").exists());
    }
}
