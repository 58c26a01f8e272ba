//! Lock files: what a person has approved, changed by an approval alone.
//!
//! `migrations/design.lock` holds the digest of each object's approved definition; `seeds/exact-set/`
//! holds the exact set of item keys of each surface [ruling B12]. The one fact to know: authoring reads
//! them and never writes them, so that a changed definition and its approval are two changes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use manifest_model::ControlPlane;
use sql_render::Script;

use crate::error::{AuthorError, DesignChange, SetChange};
use crate::files::Files;
use crate::header::unit_digest;
use crate::item::SurfaceRows;

/// Where approved designs stand.
pub const DESIGN_LOCK: &str = "migrations/design.lock";

const DESIGN_HEAD: &str = "# Approved definitions: object, tab, sha256. Changed only by `cargo xtask author --approve-design OBJECT`.\n";

fn exact_set_path(rows: &SurfaceRows) -> String {
    set_path(rows.surface.number, rows.surface.table)
}

fn set_path(number: u8, table: &str) -> String {
    format!("seeds/exact-set/{number:02}_{table}.lock")
}

fn read(root: &Path, path: &str) -> Result<Option<String>, AuthorError> {
    match std::fs::read_to_string(root.join(path)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(AuthorError::Io {
            path: root.join(path),
            source,
        }),
    }
}

fn approved_designs(root: &Path) -> Result<BTreeMap<String, String>, AuthorError> {
    let text = read(root, DESIGN_LOCK)?.unwrap_or_default();
    let mut approved = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        match line.split_once('\t') {
            Some((object, digest)) if digest.len() == 64 => {
                approved.insert(object.to_owned(), digest.to_owned());
            }
            _ => {
                return Err(AuthorError::BadLock {
                    path: root.join(DESIGN_LOCK),
                    line: number + 1,
                    expected: "an object, a tab and a sha256",
                    found: line.to_owned(),
                });
            }
        }
    }
    Ok(approved)
}

fn design_changes(scripts: &[Script], root: &Path) -> Result<Vec<DesignChange>, AuthorError> {
    let mut approved = approved_designs(root)?;
    let mut changes = Vec::new();
    for unit in scripts.iter().flat_map(|script| &script.units) {
        let found = unit_digest(unit);
        let lock = approved.remove(&unit.name);
        if lock.as_ref() != Some(&found) {
            changes.push(DesignChange {
                object: unit.name.clone(),
                source: unit.source.clone(),
                approved: lock,
                found: Some(found),
            });
        }
    }
    changes.extend(approved.into_iter().map(|(object, digest)| DesignChange {
        object,
        source: DESIGN_LOCK.to_owned(),
        approved: Some(digest),
        found: None,
    }));
    Ok(changes)
}

/// Class and identity of each accepted item of the authority scope, each once.
///
/// # Errors
/// A lock that can't be read.
pub(crate) fn accepted_scope(
    plane: &ControlPlane,
    root: &Path,
) -> Result<BTreeSet<(String, String)>, AuthorError> {
    let Some(surface) = plane.surfaces.iter().find(|surface| surface.rows_are_scope()) else {
        return Ok(BTreeSet::new());
    };
    let path = set_path(surface.number, surface.table);
    let text = read(root, &path)?.unwrap_or_default();
    let items = text.lines().filter(|line| !line.starts_with('#'));
    let identity = |rest: &str| {
        rest.rsplit_once('@')
            .map_or(rest, |(identity, _)| identity)
            .to_owned()
    };
    Ok(items
        .filter_map(|line| line.split_once(':'))
        .map(|(class, rest)| (class.to_owned(), identity(rest)))
        .collect())
}

/// Stops when a definition is not the approved one.
pub fn require_approved_designs(scripts: &[Script], root: &Path) -> Result<(), AuthorError> {
    let changes = design_changes(scripts, root)?;
    if changes.is_empty() {
        Ok(())
    } else {
        Err(AuthorError::UnapprovedDesigns(changes))
    }
}

/// Adds the design lock with these objects approved as they are now.
pub fn approve_designs(
    scripts: &[Script],
    root: &Path,
    names: &[String],
    files: &mut Files,
) -> Result<(), AuthorError> {
    let mut approved = approved_designs(root)?;
    let changes = design_changes(scripts, root)?;
    for name in names {
        let Some(change) = changes.iter().find(|change| &change.object == name) else {
            let known = changes.iter().map(|change| change.object.clone()).collect();
            return Err(AuthorError::UnknownApproval {
                name: name.clone(),
                known,
            });
        };
        match &change.found {
            Some(digest) => approved.insert(name.clone(), digest.clone()),
            None => approved.remove(name),
        };
    }
    let lines: String = approved
        .iter()
        .map(|(object, digest)| format!("{object}\t{digest}\n"))
        .collect();
    files.add(DESIGN_LOCK, format!("{DESIGN_HEAD}{lines}"));
    Ok(())
}

/// Names of every object whose definition differs from its approved design.
pub fn unapproved(scripts: &[Script], root: &Path) -> Result<Vec<String>, AuthorError> {
    Ok(design_changes(scripts, root)?
        .into_iter()
        .map(|change| change.object)
        .collect())
}

/// The accepted keys of each surface, by table, or every surface whose rows have others.
pub fn require_accepted_sets(
    surfaces: &[SurfaceRows],
    root: &Path,
) -> Result<BTreeMap<String, Vec<String>>, AuthorError> {
    let (mut accepted, mut changes) = (BTreeMap::new(), Vec::new());
    for rows in surfaces {
        let (keys, change) = compare_set(rows, root)?;
        changes.extend(change);
        accepted.insert(rows.surface.table.to_owned(), keys);
    }
    if changes.is_empty() {
        Ok(accepted)
    } else {
        Err(AuthorError::UnacceptedSets(changes))
    }
}

fn compare_set(rows: &SurfaceRows, root: &Path) -> Result<(Vec<String>, Option<SetChange>), AuthorError> {
    let text = read(root, &exact_set_path(rows))?.unwrap_or_default();
    let locked: BTreeSet<String> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let found: BTreeSet<String> = rows.rows.iter().map(|row| row.key.clone()).collect();
    let change = (locked != found).then(|| SetChange {
        surface: rows.surface.table.to_owned(),
        added: found.difference(&locked).cloned().collect(),
        removed: locked.difference(&found).cloned().collect(),
    });
    Ok((locked.into_iter().collect(), change))
}

/// Adds the lock files of these surfaces with the keys that their rows have now.
pub fn accept_sets(surfaces: &[SurfaceRows], names: &[String], files: &mut Files) -> Result<(), AuthorError> {
    for name in names {
        let Some(rows) = surfaces.iter().find(|rows| rows.surface.table == name) else {
            let known = surfaces
                .iter()
                .map(|rows| rows.surface.table.to_owned())
                .collect();
            return Err(AuthorError::UnknownApproval {
                name: name.clone(),
                known,
            });
        };
        let mut keys: Vec<&str> = rows.rows.iter().map(|row| row.key.as_str()).collect();
        keys.sort_unstable();
        let lines: String = keys.iter().map(|key| format!("{key}\n")).collect();
        let head = format!(
            "# The exact set of item keys of `{name}`. Changed only by `cargo xtask author --accept-set {name}`.\n"
        );
        files.add(exact_set_path(rows), format!("{head}{lines}"));
    }
    Ok(())
}

/// Tables of every surface whose keys differ from its lock.
pub fn unaccepted(surfaces: &[SurfaceRows], root: &Path) -> Result<Vec<String>, AuthorError> {
    let mut names = Vec::new();
    for rows in surfaces {
        names.extend(compare_set(rows, root)?.1.map(|change| change.surface));
    }
    Ok(names)
}
