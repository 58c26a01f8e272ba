//! The operators: each changes one typed value, wherever a control plane has one of its kind.
//!
//! Not for: SQL. The one fact to know: nothing here is a list of mutants; a column, key, trigger, routine or
//! grant yields its own, so a new one is mutated from the day it is authored.

mod access;
mod routine;
mod table;

use std::collections::BTreeSet;

use manifest_model::{ControlPlane, Language, Routine};
use sql_render::routine::{surface_item_view, surface_table_view};

use crate::change::Mutant;

/// Every mutant of a control plane, in the order of its definitions.
pub fn all(plane: &ControlPlane) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    let tables = plane.table_definitions();
    let read = read_by_views(plane);
    for definition in &tables {
        table::mutate(definition, &tables, &read, &mut mutants);
    }
    routine::domains(plane, &mut mutants);
    routine::routines(plane, &mut mutants);
    access::grants(plane, &mut mutants);
    access::owners(plane, &mut mutants);
    mutants
}

/// Every word of views, and of bodies that are stored parsed: a column that one of them reads keeps its type.
fn read_by_views(plane: &ControlPlane) -> BTreeSet<String> {
    let parsed = |routine: &&&Routine| routine.language == Language::SqlAtomic;
    let views = plane.views.iter().map(|view| view.query.to_owned());
    let bodies = plane
        .routines
        .iter()
        .filter(parsed)
        .map(|routine| routine.body.to_owned());
    let made = [surface_table_view(plane), surface_item_view(plane)];
    views
        .chain(bodies)
        .chain(made)
        .flat_map(|text| {
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            text.split(|c| !is_word(c)).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}
