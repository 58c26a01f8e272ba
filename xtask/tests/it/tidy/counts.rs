//! The counts that the blueprint fixes, wherever they are written down.
//!
//! Not for: the counts of a database (the rehearsal takes those). The one fact to know: a drifted manifest
//! does not compile; this looks at what was committed.

use super::{file, files};
use fix7_manifest::FIX7;
use manifest_model::TableClass;
use std::collections::BTreeSet;

/// Keys of a lock file.
fn accepted(path: &str) -> Vec<String> {
    file(path)
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn manifests_have_the_counts_of_the_blueprint() {
    let evidence = FIX7
        .tables
        .iter()
        .filter(|table| table.class == TableClass::RuntimeEvidence);
    assert_eq!(FIX7.surfaces.len(), 27);
    assert_eq!(evidence.count(), 11);
    assert_eq!(FIX7.gates.len(), 14);
    assert_eq!(FIX7.hash_contracts.len(), 7);
    assert_eq!(FIX7.guards.len(), 35);
    assert_eq!(FIX7.families.len(), 3);
    assert_eq!(FIX7.packages.len(), 9);
    let guards: BTreeSet<&str> = FIX7.guards.iter().map(|guard| guard.id).collect();
    assert_eq!(guards.len(), 35, "guards are distinct");
    let cells: usize = FIX7.guards.iter().map(|guard| guard.steps.len()).sum();
    assert_eq!(
        cells, 90,
        "numbered cells of the guard table; two more are `each rollback`"
    );
}

#[test]
fn plan_has_every_cell_of_the_guards_once_and_the_page_every_guard() {
    let plan: toml::Table = file("rehearsal/plan.toml").parse().unwrap();
    let list = |table: &toml::Table, key: &str| -> Vec<toml::Table> {
        let list = table.get(key).and_then(toml::Value::as_array);
        list.map_or(Vec::new(), |list| {
            list.iter()
                .map(|entry| entry.as_table().unwrap().clone())
                .collect()
        })
    };
    let text = |table: &toml::Table, key: &str| table[key].as_str().unwrap().to_owned();
    let mut planned: Vec<(String, String, String)> = list(&plan, "guard")
        .iter()
        .map(|cell| (text(cell, "id"), text(cell, "step"), "after".to_owned()))
        .collect();
    for state in list(&plan, "state") {
        let cells = list(&state, "guard");
        planned.extend(
            cells
                .iter()
                .map(|cell| (text(cell, "id"), text(&state, "step"), text(&state, "moment"))),
        );
    }
    planned.sort();
    let mut registered: Vec<(String, String, String)> = FIX7
        .guard_cells()
        .into_iter()
        .map(|(id, step, moment)| (id.to_owned(), step.label(), moment.word().to_owned()))
        .collect();
    registered.sort();
    assert_eq!(planned, registered);
    let page = file("docs/guards.md");
    let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let guards: Vec<&str> = FIX7.guards.iter().map(|guard| guard.id).collect();
    assert_eq!(sections, guards);
}

#[test]
fn committed_files_have_the_counts_of_the_blueprint() {
    let plan: toml::Table = file("rehearsal/plan.toml").parse().unwrap();
    let counts = plan["counts"].as_table().unwrap();
    for (name, count) in [
        ("surfaces", 27),
        ("runtime_tables", 11),
        ("gates", 14),
        ("hash_contracts", 7),
        ("catalog_families", 3),
    ] {
        assert_eq!(counts[name].as_integer(), Some(count), "`{name}` of the plan");
    }
    let migrations = files(&["migrations"]);
    let created = |step: &str| {
        let head = format!("migrations/{step}");
        let is_up = |path: &str| path.starts_with(&head) && path.ends_with(".up.sql");
        migrations.iter().filter(|file| is_up(&file.path)).count()
    };
    assert_eq!(created("05"), 27, "files of S05");
    assert_eq!(created("07"), 11, "files of S07");
    assert_eq!(files(&["seeds/exact-set"]).len(), 27);
    assert_eq!(accepted("seeds/exact-set/01_surface_manifest.lock").len(), 27);
    assert_eq!(
        accepted("seeds/exact-set/09_readiness_gate_manifest.lock").len(),
        14
    );
    let contracts: BTreeSet<String> = accepted("seeds/exact-set/10_hash_component_manifest.lock")
        .iter()
        .map(|key| key[..3].to_owned())
        .collect();
    assert_eq!(contracts.len(), 7, "{contracts:?}");
}

#[test]
fn every_table_has_its_negative_spec() {
    let tables: BTreeSet<String> = FIX7
        .table_definitions()
        .iter()
        .map(|table| format!("migrations/negative/{}.toml", table.name))
        .collect();
    let specs: BTreeSet<String> = files(&["migrations/negative"])
        .into_iter()
        .map(|spec| spec.path)
        .collect();
    let missing: Vec<&String> = tables.difference(&specs).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(tables.len() > 45);
}
