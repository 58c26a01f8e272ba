//! Which guard is due where: in packages, in states, and with which faults.

use std::path::Path;

use manifest_model::{ControlPlane, Moment, Step};

use super::STATES;
use super::disk::file_ref;
use super::model::{CellRef, FileRef, GuardRef, InputRef, ReadsRef, StateRef};
use crate::error::AuthorError;
use crate::guard_files::GuardFiles;

/// Every cell that doc 06 or doc 07 puts into a rehearsed package. A guard whose file is not there is
/// listed without one, and is then not measured.
pub(super) fn guards(plane: &ControlPlane, guard_files: &GuardFiles) -> Vec<GuardRef> {
    let mut refs = Vec::new();
    for package in plane
        .packages
        .iter()
        .filter(|package| plane.rehearsal.packages.contains(&package.id))
    {
        let population = plane
            .rehearsal
            .population
            .iter()
            .find(|(id, _)| *id == package.id);
        for step in package.steps {
            let first = plane.rehearsal.again.iter().find(|(again, _)| again == step);
            let is_due = |at: &Step| at == step || first.is_some_and(|(_, first)| first == at);
            for guard in plane.guards {
                let by_table = guard.steps.iter().any(is_due);
                let by_package = guard
                    .packages
                    .iter()
                    .any(|(id, at)| *id == package.id && is_due(at));
                if !by_table && !by_package {
                    continue;
                }
                let is_static = by_package && plane.rehearsal.is_fixture(package.id, guard.id);
                if is_static {
                    refs.push(GuardRef {
                        id: guard.id.to_owned(),
                        package: package.id.to_owned(),
                        step: step.label(),
                        path: None,
                        sha256: None,
                        rows_of: None,
                    });
                    continue;
                }
                let (path, sha256) = guard_files.reference(guard.id);
                refs.push(GuardRef {
                    id: guard.id.to_owned(),
                    package: package.id.to_owned(),
                    step: step.label(),
                    path,
                    sha256,
                    rows_of: population.map(|(_, rows_of)| (*rows_of).to_owned()),
                });
            }
        }
    }
    refs
}

/// Every state with the cells of the registry that no package of the plan has; a guard whose file is not there
/// is listed without one, and is then not measured.
pub(super) fn states(
    plane: &ControlPlane,
    root: &Path,
    guard_files: &GuardFiles,
) -> Result<Vec<StateRef>, AuthorError> {
    let packaged: Vec<(String, String)> = guards(plane, guard_files)
        .into_iter()
        .map(|cell| (cell.id, cell.step))
        .collect();
    let cells = plane.guard_cells();
    let mut refs = Vec::new();
    if plane.guards.is_empty() {
        return Ok(refs);
    }
    for state in plane.rehearsal.states {
        let mut guard = Vec::new();
        for (id, step, moment) in &cells {
            let is_packaged =
                *moment == Moment::After && packaged.contains(&((*id).to_owned(), step.label()));
            if *step != state.step || *moment != state.moment || is_packaged {
                continue;
            }
            let (path, sha256) = guard_files.reference(id);
            let waits = plane.rehearsal.waits.iter();
            let mut waits = waits.filter(|wait| (wait.0, wait.1, wait.2) == (*id, *step, *moment));
            guard.push(CellRef {
                id: (*id).to_owned(),
                waits: waits.next().map(|wait| wait.3),
                path,
                sha256,
            });
        }
        let below = |file: &str| format!("{STATES}/{file}");
        let remember = state
            .remembers
            .iter()
            .map(|(key, file)| {
                let FileRef { path, sha256 } = file_ref(root, below(file))?;
                Ok(InputRef {
                    key: (*key).to_owned(),
                    path,
                    sha256,
                })
            })
            .collect::<Result<Vec<_>, AuthorError>>()?;
        let reads = plane.rehearsal.tried_reads.filter(|_| state.tries_reads);
        let reads = reads
            .map(|(role, file)| {
                let FileRef { path, sha256 } = file_ref(root, below(file))?;
                Ok::<_, AuthorError>(ReadsRef { role, path, sha256 })
            })
            .transpose()?;
        refs.push(StateRef {
            step: state.step.label(),
            moment: state.moment.word(),
            stands_on: state.stands_on.word(),
            mends: state.mends.map(|file| file_ref(root, below(file))).transpose()?,
            file: state.file.map(|file| file_ref(root, below(file))).transpose()?,
            packet: state.packet.map(|(package, _)| package),
            part: state.packet.map(|(_, part)| part.word()),
            remember,
            reads,
            guard,
        });
    }
    Ok(refs)
}

/// The faults of every guard that has some.
pub(super) fn guard_cases(plane: &ControlPlane, guard_files: &GuardFiles) -> Vec<FileRef> {
    let cases = plane.guards.iter().filter_map(|guard| {
        let sha256 = guard_files.cases(guard.id)?.sha256.clone();
        let path = case_path(guard.id);
        Some(FileRef { path, sha256 })
    });
    cases.collect()
}

/// Where a guard's file lies.
pub fn guard_path(id: &str) -> String {
    format!("rehearsal/guards/{}.sql", id.to_lowercase().replace('-', "_"))
}

/// Where the faults of a guard lie.
pub fn case_path(id: &str) -> String {
    format!(
        "rehearsal/guard_cases/{}.toml",
        id.to_lowercase().replace('-', "_")
    )
}
