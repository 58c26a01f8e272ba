//! FIX7 again and again, each time under another schema: what a rehearsal of ten or a hundred times the
//! surfaces works on.
//!
//! Nothing of it is written to the repository. The one fact to know: a copy is authored as the original is,
//! digests, seals, negative tests and all, so its suite is the same suite; the copies share the roles, which
//! the first one makes.

use authoring::{Approvals, AuthorError, LiveFacts, approve, atomic_write, author, locks, surface_rows};
use fix7_manifest::FIX7;
use manifest_model::{ControlPlane, Item, RowSource, Surface, V};
use rehearsal::{Committed, PlanError};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It could not be authored.
    #[error(transparent)]
    Author(#[from] AuthorError),
    /// What was authored does not load.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// No room for it.
    #[error("can't make a folder for a copy of the plane: {0}")]
    Io(#[from] std::io::Error),
}

/// `count` planes: the committed one, and copies of it. Those at other places than `tried` are only
/// applied: what else belongs to them is let go, for a hundred are many.
pub(crate) fn planes(
    root: &Path,
    live: &LiveFacts,
    count: usize,
    tried: &BTreeSet<usize>,
) -> Result<Vec<Committed>, Error> {
    let mut planes = vec![rehearsal::load(root)?];
    let mut shape: Option<Authored> = None;
    for number in 1..count {
        let mut plane = if tried.contains(&number) {
            let authored = copy(root, live, number + 1)?;
            let plane = authored.load()?;
            shape.get_or_insert(authored);
            plane
        } else {
            let shape = match &mut shape {
                Some(shape) => shape,
                None => shape.insert(copy(root, live, number + 1)?),
            };
            shape.under(number + 1)?
        };
        plane.files = Arc::default();
        plane.estate.clear();
        plane.inputs.clear();
        planes.push(plane);
    }
    Ok(planes)
}

/// A copy as files.
struct Authored {
    /// Its locks and vectors.
    folder: tempfile::TempDir,
    schema: &'static str,
    texts: BTreeMap<String, String>,
}

impl Authored {
    fn load(&self) -> Result<Committed, Error> {
        let mut committed = rehearsal::load_instead(self.folder.path(), self.texts.clone())?;
        let made: Vec<String> = committed
            .operator
            .iter()
            .flat_map(|operator| operator.operator.made_before.clone())
            .collect();
        for package in &mut committed.packages {
            package.files.retain(|file| !made.contains(&file.name));
        }
        Ok(committed)
    }

    /// Another copy of the same files, to be applied and no more: its rows name the new schema, and digests are not
    /// computed anew, which nothing of it asks for.
    fn under(&self, number: usize) -> Result<Committed, Error> {
        let schema = schema_of(number);
        let mut plane = self.load()?;
        plane.negatives.clear();
        plane.acts.clear();
        plane.plan.schema = schema.clone();
        for file in plane.packages.iter_mut().flat_map(|package| &mut package.files) {
            file.up = file.up.replace(self.schema, &schema);
            file.down = file.down.replace(self.schema, &schema);
        }
        Ok(plane)
    }
}

fn schema_of(number: usize) -> String {
    format!("{}_{number:03}", FIX7.schema)
}

/// A copy, in a folder of its own where everything is approved.
fn copy(root: &Path, live: &LiveFacts, number: usize) -> Result<Authored, Error> {
    let folder = footprint::files::scratch()?;
    let vectors = "crates/canonical/vectors";
    copy_files(&root.join(vectors), &folder.path().join(vectors))?;
    let plane = renamed(leak(schema_of(number)));
    let sources = authoring::Sources {
        plane: &plane,
        creation: None,
        packets: &[],
        reserved: None,
        ..crate::sources::fix7(Some(live))
    };
    let approvals = Approvals {
        designs: locks::unapproved(&sql_render::migrations(&plane), folder.path())?,
        sets: locks::unaccepted(&surface_rows::all(&sources, live)?, folder.path())?,
    };
    let approved = approve(&sources, folder.path(), &approvals)?;
    for (path, text) in approved.iter() {
        atomic_write(&folder.path().join(path), text)?;
    }
    let files = author(&sources, folder.path())?;
    let texts = files
        .iter()
        .map(|(path, text)| (path.to_owned(), text.to_owned()));
    let texts = texts.collect();
    Ok(Authored {
        folder,
        schema: plane.schema,
        texts,
    })
}

pub(crate) fn copy_files(from: &Path, to: &Path) -> Result<(), std::io::Error> {
    footprint::files::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_files(&source, &target)?;
        } else {
            footprint::files::copy(&source, &target)?;
        }
    }
    Ok(())
}

/// FIX7 under `schema`, rows that name one of its routines included, without what a copy's suite does not run: a
/// hundred are authored.
fn renamed(schema: &'static str) -> ControlPlane {
    let surfaces = FIX7
        .surfaces
        .iter()
        .map(|surface| renamed_surface(surface, schema));
    ControlPlane {
        schema,
        surfaces: surfaces.collect::<Vec<_>>().leak(),
        guards: &[],
        attacks: &[],
        bypasses: &[],
        ..FIX7
    }
}

fn renamed_surface(surface: &'static Surface, schema: &str) -> &'static Surface {
    let RowSource::Listed(items) = surface.rows else {
        return surface;
    };
    let value = |value: &V| match value {
        V::T(text) => match text
            .strip_prefix(FIX7.schema)
            .and_then(|rest| rest.strip_prefix('.'))
        {
            Some(rest) => V::T(leak(format!("{schema}.{rest}"))),
            None => *value,
        },
        _ => *value,
    };
    let item = |item: &Item| Item {
        values: item.values.iter().map(value).collect::<Vec<_>>().leak(),
        ..*item
    };
    Box::leak(Box::new(Surface {
        rows: RowSource::Listed(items.iter().map(item).collect::<Vec<_>>().leak()),
        ..*surface
    }))
}

/// Definitions are `'static`: a copy of them lives as long as the process, which ends with the bench.
fn leak(text: String) -> &'static str {
    text.leak()
}

#[cfg(test)]
mod tests {
    use super::planes;
    use crate::sources;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn copy_has_the_tests_of_the_original_under_another_schema() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let capture = sources::load_capture(root, sources::REFERENCE_CAPTURE).unwrap();
        let live = sources::live_facts(root, &capture.unwrap()).unwrap();
        let planes = planes(root, &live, 3, &BTreeSet::from([2])).unwrap();
        let [original, applied, copy] = planes.as_slice() else {
            panic!("{} planes", planes.len());
        };
        let of = |plane: &rehearsal::Committed| -> BTreeSet<String> {
            let groups = plane.negatives.iter().flat_map(|spec| &spec.group);
            let tests = groups.flat_map(|group| &group.test);
            tests.map(|test| test.id.clone()).collect()
        };
        assert_eq!(of(copy), of(original));
        assert_eq!(rehearsal::objects(copy), rehearsal::objects(original));
        assert_eq!(
            [original, applied, copy].map(|plane| plane.plan.schema.as_str()),
            ["qt001_cp", "qt001_cp_002", "qt001_cp_003"]
        );
        // What is only applied is the same text under its own name, and no test of it is run.
        let up = |plane: &rehearsal::Committed, schema: &str| -> Vec<String> {
            let files = plane.packages.iter().flat_map(|package| &package.files);
            files.map(|file| file.up.replace(schema, "…")).collect()
        };
        assert_eq!(up(applied, "qt001_cp_002").len(), up(copy, "qt001_cp_003").len());
        assert!(
            up(applied, "qt001_cp_002")
                .iter()
                .all(|text| !text.contains("qt001_cp_0"))
        );
        assert!(applied.negatives.is_empty());
    }
}
