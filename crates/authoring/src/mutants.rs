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
    name: &'static str,
    sql: String,
}

/// Adds the files, one a table and one each for domains, routines and roles.
pub fn add(files: &mut Files, plane: &ControlPlane) {
    let mutants = mutants::all(plane);
    let mut of_file: BTreeMap<&str, Vec<Spec<'_>>> = BTreeMap::new();
    for mutant in &mutants {
        of_file.entry(mutant.file).or_default().push(spec(plane, mutant));
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
pub fn checks() -> Vec<Check> {
    vec![Check {
        name: "exact_set",
        sql: "select x.object_name from pg_temp.not_as_expected('{object}') x".to_owned(),
    }]
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
