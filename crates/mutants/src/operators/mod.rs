//! The operators: each changes one typed value, wherever a control plane has one of its kind.
//!
//! Not for: SQL. The one fact to know: nothing here is a list of mutants; a column, key, trigger, routine or
//! grant yields its own, so a new one is mutated from the day it is authored.

mod access;
mod routine;
mod table;

use manifest_model::ControlPlane;

use crate::change::Mutant;

/// Every mutant of a control plane, in the order of its definitions.
pub fn all(plane: &ControlPlane) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    let tables = plane.table_definitions();
    for definition in &tables {
        table::mutate(definition, &tables, &mut mutants);
    }
    routine::domains(plane, &mut mutants);
    routine::routines(plane, &mut mutants);
    access::grants(plane, &mut mutants);
    access::owners(plane, &mut mutants);
    mutants
}
