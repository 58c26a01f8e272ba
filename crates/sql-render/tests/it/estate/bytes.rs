//! The committed bytes of the reference estate.
//!
//! For: `rehearsal/estate/` equal to what the definitions render. Not for: single fragments. The fact to
//! know: nothing is skipped: no file may be missing, stale or too many.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fix7_manifest::estate::ESTATE;
use manifest_model::estate::EstateSize;
use sql_render::estate::{FOLDER, render};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../..")
        .join(FOLDER)
}

fn committed(folder: &Path, below: &Path, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = below.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            committed(folder, &path, files);
        } else {
            files.insert(
                path.to_str().unwrap().to_owned(),
                std::fs::read_to_string(entry.path()).unwrap(),
            );
        }
    }
}

#[test]
fn committed_estate_is_what_the_definitions_render() {
    let mut files = BTreeMap::new();
    committed(&folder(), Path::new(""), &mut files);
    let rendered: BTreeMap<String, String> = render(&ESTATE, &EstateSize::ONE)
        .into_iter()
        .map(|file| (file.path, file.text))
        .collect();
    let stale: Vec<&String> = rendered
        .iter()
        .filter(|(path, text)| files.get(*path) != Some(text))
        .map(|(path, _)| path)
        .collect();
    let orphaned: Vec<&String> = files
        .keys()
        .filter(|path| !rendered.contains_key(*path))
        .collect();
    assert!(
        stale.is_empty() && orphaned.is_empty(),
        "stale or missing: {stale:?}; orphaned: {orphaned:?}"
    );
    assert_eq!(
        rendered.len(),
        26,
        "14 scripts, 3 worlds and their table, 6 deployed files, README, index"
    );
}
