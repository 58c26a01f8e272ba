//! Mutants of rows: derived from every surface, and rendered anew from the changed row.

use std::collections::BTreeSet;

use authoring::{approved_versions, row_mutants};
use fix7_manifest::FIX7;

use crate::definitions::{LIVE, sources};
use crate::plane::root;

#[test]
fn every_surface_loses_rows_and_has_each_of_its_columns_changed() {
    let versions = approved_versions(&sources(&FIX7, Some(&LIVE)), &LIVE, &root()).unwrap();
    let mutants = row_mutants::all(&FIX7, &versions);
    let ids: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.id.as_str()).collect();
    assert_eq!(ids.len(), mutants.len(), "ids are unique");
    for version in &versions {
        let table = version.surface.table;
        let of = |operator: &str| {
            let start = format!("{table}/{operator}/");
            ids.iter().filter(|id| id.starts_with(&start)).count()
        };
        assert_eq!(of("row_left_out"), version.rows.len().min(12), "{table}");
        assert_eq!(of("ordinal_gap"), 1, "{table}");
        let typed = version
            .surface
            .columns
            .iter()
            .filter(|column| column.generated.is_none());
        for (column, at) in typed.zip(0..) {
            let is_changed = ids.iter().any(|id| {
                id.starts_with(&format!("{table}/value_changed/"))
                    && id.ends_with(&format!(".{}", column.name))
            });
            let has_value = version
                .rows
                .iter()
                .any(|row| row.values[at] != canonical::Value::Null);
            // A column that is NULL but in rows that were not taken is changed in none.
            assert!(
                is_changed || !has_value || version.rows.len() > 12,
                "{table}.{}",
                column.name
            );
        }
    }
}

#[test]
fn a_row_that_is_left_out_is_rendered_as_if_nobody_had_written_it() {
    let sources = sources(&FIX7, Some(&LIVE));
    let versions = approved_versions(&sources, &LIVE, &root()).unwrap();
    let mutants = row_mutants::all(&FIX7, &versions);
    let find = |id: &str| mutants.iter().find(|mutant| mutant.id == id).unwrap();
    let path = "seeds/10109_readiness_gate_manifest.up.sql";
    let committed = std::fs::read_to_string(root().join(path)).unwrap();

    let left_out = find("readiness_gate_manifest/row_left_out/CATALOG_SEALED");
    let files = row_mutants::rebuilt(&sources, &versions, left_out).unwrap();
    let text = &files[path];
    // Expected still, and not there; what follows from the rows is another.
    assert_eq!(text.matches("'CATALOG_SEALED'").count(), 1, "{text}");
    assert!(committed.matches("'CATALOG_SEALED'").count() > 1);

    let changed = mutants
        .iter()
        .find(|mutant| {
            mutant.id.starts_with("readiness_gate_manifest/value_changed/")
                && mutant.id.rsplit('.').next() == Some("title")
        })
        .unwrap();
    let files = row_mutants::rebuilt(&sources, &versions, changed).unwrap();
    let differing = files[path].lines().zip(committed.lines()).filter(|(a, b)| a != b);
    let differing: Vec<_> = differing.filter(|(a, _)| !a.starts_with("-- object:")).collect();
    assert_eq!(differing.len(), 1, "{differing:?}");
}
