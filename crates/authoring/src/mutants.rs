//! Manifest mutants as files: what each changes, the statements that change it, and what must notice.
//!
//! Not for: thinking of mutants (`mutants`) or running them (`rehearsal`). The one fact to know: they are
//! authored like negative tests, so a rehearsal runs bytes that people reviewed, and `--full` renders the
//! same change from nothing.

use std::collections::BTreeMap;

use manifest_model::ControlPlane;
use mutants::{Mutant, Red, delta};
use serde::Serialize;

use crate::files::Files;
use crate::index;
use crate::index::toml_text;
use crate::item::Version;
use crate::row_mutants;

/// Where they lie.
pub const FOLDER: &str = "rehearsal/mutants/";

#[derive(Serialize)]
struct MutantFile<'a> {
    format_version: u32,
    mutant: Vec<Spec<'a>>,
}

#[derive(Serialize)]
struct Spec<'a> {
    id: &'a str,
    subject: &'a str,
    words: &'a str,
    delta: Vec<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    or_refused: &'a [&'static str],
    check: &'static str,
    object: &'a str,
    name: &'a str,
}

/// A query that names what is not as it was approved, for one object.
#[derive(Serialize)]
pub struct Check {
    /// As mutants name it.
    pub name: &'static str,
    /// The query; `{object}` is the mutant's.
    pub sql: String,
}

/// Adds the files, one a table and one each for domains, routines and roles.
pub fn add(files: &mut Files, plane: &ControlPlane, versions: &[Version]) {
    let mutants = mutants::all(plane);
    let rows = row_mutants::all(plane, versions);
    let mut of_file: BTreeMap<&str, Vec<Spec<'_>>> = BTreeMap::new();
    for mutant in &mutants {
        of_file.entry(mutant.file).or_default().push(spec(plane, mutant));
    }
    for row in &rows {
        of_file.entry(row.table).or_default().push(Spec {
            id: &row.id,
            subject: &row.subject,
            words: &row.words,
            delta: row.delta.clone(),
            or_refused: row.or_refused,
            check: row.check,
            object: row.table,
            name: &row.name,
        });
    }
    for (name, mutant) in of_file {
        let file = MutantFile {
            format_version: 1,
            mutant,
        };
        files.add(format!("{FOLDER}{name}.toml"), toml_text(&file));
    }
}

fn spec<'a>(plane: &ControlPlane, mutant: &'a Mutant) -> Spec<'a> {
    let (check, object, name) = match &mutant.red {
        Red::ExactSet { relation, name } => ("exact_set", relation, name),
        Red::Source { routine } => ("sources", routine, routine),
        Red::Access { kind, object, answer } => (*kind, object, answer),
    };
    Spec {
        id: &mutant.id,
        subject: &mutant.subject,
        words: &mutant.words,
        delta: delta(plane, &mutant.change),
        or_refused: mutant.or_refused,
        check,
        object,
        name,
    }
}

/// The queries behind the checks' names.
pub fn checks(plane: &ControlPlane) -> Vec<Check> {
    let exact_set = Check {
        name: "exact_set",
        sql: "select x.object_name from pg_temp.not_as_expected('{object}') x".to_owned(),
    };
    let scope = plane.surfaces.iter().find(|surface| surface.rows_are_scope());
    let sources = scope.map(|scope| Check {
        name: "sources",
        sql: format!(
            "select a.object_identity from {0}.{1} a where a.object_class = 'routine' and a.object_identity = '{{object}}' and {0}.h06(pg_catalog.to_regprocedure(a.object_identity)) is distinct from a.source_sha256::bytea",
            plane.schema, scope.table
        ),
    });
    std::iter::once(exact_set)
        .chain(sources)
        .chain(row_mutants::checks(plane))
        .collect()
}

/// The migrations of a mutated control plane that differ from the committed ones, by path.
pub fn rebuilt(plane: &ControlPlane, mutant: &Mutant) -> BTreeMap<String, String> {
    let authored = |scripts: &[sql_render::Script]| {
        let mut files = Files::default();
        index::add_scripts(&mut files, "migrations", plane, scripts);
        files
    };
    let sound = authored(&sql_render::migrations(plane));
    let mutated = authored(&mutants::rebuilt(plane, &mutant.change));
    mutated
        .iter()
        .filter(|(path, text)| sound.get(path) != Some(*text))
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect()
}
