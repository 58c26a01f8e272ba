//! Files that a person has begun and not decided: nothing is authored while one is there.
//!
//! Not for: texts of the manifests themselves, which are typed and judged before (`validate`). The one fact to know:
//! a surface's file that no list names would not even be compiled, so the folder is looked at, and a guard that says
//! UNKNOWN_REQUIRES_REVIEW is no guard yet, whatever it answers.

use std::collections::BTreeSet;
use std::path::Path;

use guards::Guard;
use manifest_model::ControlPlane;
use manifest_model::validate::undecided;

use crate::error::AuthorError;
use crate::guard_files::GuardFiles;
use crate::plan::{case_path, guard_path};

/// Refuses surfaces and guards that wait for a person, each by its file and its questions.
pub(crate) fn demand_none(plane: &ControlPlane, root: &Path, guards: &GuardFiles) -> Result<(), AuthorError> {
    let found = unlisted_surfaces(plane, root);
    if !found.is_empty() {
        return Err(AuthorError::UnlistedSurfaces { found });
    }
    for guard in plane.guards {
        let of_guard = guards.guard(guard.id).map(in_guard).unwrap_or_default();
        let of_cases = guards.cases(guard.id).map(|cases| in_cases(&cases.text));
        for (path, questions) in [
            (guard_path(guard.id), of_guard),
            (case_path(guard.id), of_cases.unwrap_or_default()),
        ] {
            if !questions.is_empty() {
                return Err(AuthorError::Undecided { path, questions });
            }
        }
    }
    Ok(())
}

/// Files beside those of the surfaces that are none of theirs, where each surface has a file of its own.
fn unlisted_surfaces(plane: &ControlPlane, root: &Path) -> Vec<String> {
    let listed: BTreeSet<&str> = plane.surfaces.iter().map(|surface| surface.source).collect();
    if listed.len() != plane.surfaces.len() {
        return Vec::new();
    }
    let folders: BTreeSet<&str> = listed
        .iter()
        .filter_map(|source| Some(source.rsplit_once('/')?.0))
        .collect();
    let mut found = Vec::new();
    for folder in folders {
        let entries = std::fs::read_dir(root.join(folder));
        for entry in entries.into_iter().flatten().flatten() {
            let name = entry.file_name();
            let is_code = Path::new(&name).extension().is_some_and(|end| end == "rs");
            let Some(name) = name.to_str().filter(|name| is_code && *name != "mod.rs") else {
                continue;
            };
            let path = format!("{folder}/{name}");
            if !listed.contains(path.as_str()) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What the header of a guard leaves open.
fn in_guard(guard: &Guard) -> Vec<String> {
    let declared = guard.probes.iter().chain(&guard.inputs);
    let declared = declared.chain(guard.stage_inputs.iter().map(|(_, input)| input));
    let texts = [&guard.invariant, &guard.why].into_iter();
    let texts = texts.chain(declared.map(|one| &one.clause));
    texts
        .filter_map(|text| undecided(text))
        .map(str::to_owned)
        .collect()
}

/// What the cases of a guard leave open, in whatever field.
fn in_cases(text: &str) -> Vec<String> {
    let mut open = Vec::new();
    if let Ok(table) = text.parse::<toml::Table>() {
        collect(&toml::Value::Table(table), &mut open);
    }
    open
}

fn collect(value: &toml::Value, open: &mut Vec<String>) {
    match value {
        toml::Value::String(text) => open.extend(undecided(text).map(str::to_owned)),
        toml::Value::Array(values) => values.iter().for_each(|value| collect(value, open)),
        toml::Value::Table(table) => table.values().for_each(|value| collect(value, open)),
        _ => {}
    }
}
