//! The folder of DOT scripts on a machine, as the guards are told of it: each file's digest, or why it can't be read.
//!
//! Not for: what a script does. The one fact to know: what can't be read is listed with its error, because a
//! script that nobody could read may be the one that overwrites (G-DOT-NOOVERWRITE c).

use crate::exit::CommandError;
use authoring::cutover_inputs::deployed;
use fix7_manifest::FIX7;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Text of a file, or the error of reading it, by its path.
type Listing = BTreeMap<String, Result<Vec<u8>, String>>;

/// The input document `dot` for `folder`. Paths begin with the folder's own name, as `dot_tools.script_path` has them.
pub(crate) fn document(folder: &Path) -> Result<Value, CommandError> {
    let unfit = |why: String| {
        CommandError::Usage(format!(
            "`--dot {}`: {why}; name the folder in which the DOT scripts lie",
            folder.display()
        ))
    };
    let whole = fs::canonicalize(folder).map_err(|error| unfit(error.to_string()))?;
    let name = whole.file_name().filter(|_| whole.is_dir());
    let name = name.ok_or_else(|| unfit("expected a folder, found none".to_owned()))?;
    let mut files = Listing::new();
    list(&whole, &name.to_string_lossy(), &mut files);
    let files: Vec<Value> = files
        .iter()
        .map(|(path, read)| deployed(path, read.as_deref().map_err(String::as_str)))
        .collect();
    Ok(json!({ "frozen": FIX7.rehearsal.frozen_tools, "files": files }))
}

fn list(folder: &Path, name: &str, files: &mut Listing) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            files.insert(name.to_owned(), Err(error.to_string()));
            return;
        }
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                files.insert(format!("{name}/?"), Err(error.to_string()));
                continue;
            }
        };
        let path = format!("{name}/{}", entry.file_name().to_string_lossy());
        // A link to a folder is read as a file, and that fails: it is listed, and never followed in a circle.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            list(&entry.path(), &path, files);
        } else {
            let read = fs::read(entry.path());
            files.insert(path, read.map_err(|error| error.to_string()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::document;
    use std::path::Path;

    fn estate() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../rehearsal/estate/dot")
    }

    #[test]
    fn the_estates_folder_is_listed_as_it_is_authored() {
        let authored = include_str!("../../rehearsal/inputs/dot.json");
        let mut authored: serde_json::Value = serde_json::from_str(authored).unwrap();
        authored.as_object_mut().unwrap().shift_remove("of_estate");
        assert_eq!(document(&estate()).unwrap(), authored);
    }

    #[test]
    fn what_is_no_folder_is_refused_by_its_name() {
        let file = estate().join("DOT-101.sh");
        let error = document(&file).unwrap_err().to_string();
        assert!(
            error.contains("DOT-101.sh") && error.contains("expected a folder"),
            "{error}"
        );
        assert!(document(Path::new("/nowhere/dot")).is_err());
    }
}
