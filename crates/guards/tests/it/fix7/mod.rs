//! The committed guards as a set: registry of the plan, SQL files, cases and clauses name the same.
//!
//! Not for: running them; a rehearsal makes every fault where the guard is due, and counts those that were
//! seen. The one fact to know: what is compared here are committed files, so a guard, a probe or a case that
//! is forgotten anywhere fails without a server.

#![expect(
    clippy::unwrap_used,
    reason = "a committed file that can't be read fails the test, and that is all there is to say"
)]

use guards::Guard;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Faults that a guard has at least, one of them a vacuity.
const FAULTS_MIN: usize = 3;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn toml_table(path: &str) -> toml::Table {
    text(path).parse().unwrap()
}

fn entries<'a>(table: &'a toml::Table, key: &str) -> Vec<&'a toml::Table> {
    let Some(list) = table.get(key) else {
        return Vec::new();
    };
    list.as_array()
        .unwrap()
        .iter()
        .map(|entry| entry.as_table().unwrap())
        .collect()
}

fn field<'a>(entry: &'a toml::Table, key: &str) -> &'a str {
    entry[key]
        .as_str()
        .unwrap_or_else(|| panic!("`{key}` of {entry}"))
}

/// Stems of the files in a folder below `rehearsal/`.
fn stems(folder: &str) -> BTreeSet<String> {
    std::fs::read_dir(root().join("rehearsal").join(folder))
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

/// The committed guards, by their stem.
fn committed() -> BTreeMap<String, Guard> {
    stems("guards")
        .into_iter()
        .map(|stem| {
            let guard = Guard::parse(&text(&format!("rehearsal/guards/{stem}.sql"))).unwrap();
            assert_eq!(guard.id.to_lowercase().replace('-', "_"), stem);
            (stem, guard)
        })
        .collect()
}

/// Guard, step and moment of every cell of the plan whose guard has a file.
fn cells(plan: &toml::Table) -> BTreeSet<(String, String, String)> {
    let mut cells = BTreeSet::new();
    let mut add = |cell: &toml::Table, step: &str, moment: &str| {
        if cell.contains_key("path") {
            cells.insert((field(cell, "id").to_owned(), step.to_owned(), moment.to_owned()));
        }
    };
    for cell in entries(plan, "guard") {
        add(cell, field(cell, "step"), "after");
    }
    for state in entries(plan, "state") {
        for cell in entries(state, "guard") {
            add(cell, field(state, "step"), field(state, "moment"));
        }
    }
    cells
}

#[test]
fn every_guard_has_cases_and_every_case_file_a_guard() {
    assert_eq!(stems("guards"), stems("guard_cases"));
}

#[test]
fn every_probe_has_a_fault_and_every_guard_three_a_vacuity_and_a_near_miss() {
    let (plan, mut wrong) = (toml_table("rehearsal/plan.toml"), Vec::new());
    let cells = cells(&plan);
    for (stem, guard) in committed() {
        let cases = toml_table(&format!("rehearsal/guard_cases/{stem}.toml"));
        assert_eq!(field(&cases, "guard"), guard.id);
        let faults = entries(&cases, "fault");
        let near = entries(&cases, "near_miss");
        // A probe that defers has a fault over which the guard is not measured; one that waits is red in the end, too.
        for one in &guard.deferred {
            let own = || faults.iter().filter(|fault| field(fault, "probe") == one.probe);
            let deferred = own().filter(|fault| fault.contains_key("unmeasured")).count();
            let red = own().count() - deferred;
            if deferred == 0 || (red == 0) != one.until.is_none() {
                wrong.push(format!(
                    "{stem}: `{}` defers, {deferred} faults are not measured and {red} are red",
                    one.probe
                ));
            }
        }
        let probes: BTreeSet<&str> = guard.probe_names().collect();
        let faulted: BTreeSet<&str> = faults.iter().map(|fault| field(fault, "probe")).collect();
        wrong.extend(
            probes
                .symmetric_difference(&faulted)
                .map(|probe| format!("{stem}: `{probe}` is a probe or has a fault, not both")),
        );
        let vacuities = faults
            .iter()
            .filter(|fault| fault.contains_key("vacuity"))
            .count();
        if faults.len() < FAULTS_MIN || vacuities == 0 || near.is_empty() {
            wrong.push(format!(
                "{stem}: {} faults, {vacuities} of them a vacuity, {} near misses",
                faults.len(),
                near.len()
            ));
        }
        for case in faults.iter().chain(&near) {
            let moment = case
                .get("moment")
                .map_or("after", |moment| moment.as_str().unwrap());
            let cell = (
                guard.id.clone(),
                field(case, "step").to_owned(),
                moment.to_owned(),
            );
            if !cells.contains(&cell) {
                wrong.push(format!(
                    "{stem}: a case at {} {moment}, where it is not due",
                    cell.1
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_committed_guard_is_named_by_the_plan() {
    let plan = toml_table("rehearsal/plan.toml");
    let states = entries(&plan, "state");
    let named: BTreeSet<String> = entries(&plan, "guard")
        .into_iter()
        .chain(states.into_iter().flat_map(|state| entries(state, "guard")))
        .filter_map(|entry| entry.get("path")?.as_str())
        .map(str::to_owned)
        .collect();
    let files: BTreeSet<String> = stems("guards")
        .into_iter()
        .map(|stem| format!("rehearsal/guards/{stem}.sql"))
        .collect();
    assert_eq!(named, files);
}

#[test]
fn every_clause_of_the_source_is_a_probe_of_its_guard() {
    let guards = committed();
    let mut listed: BTreeSet<(String, String)> = BTreeSet::new();
    for line in text("docs/guards-source.md")
        .lines()
        .filter(|line| line.starts_with("| G-"))
    {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [guard, _clause, probe] = cells.as_slice() else {
            panic!("expected guard, clause and probe: {line}");
        };
        listed.insert(((*guard).to_owned(), probe.trim_matches('`').to_owned()));
    }
    let declared: BTreeSet<(String, String)> = guards
        .values()
        .flat_map(|guard| {
            guard
                .probes
                .iter()
                .map(|probe| (guard.id.clone(), probe.name.clone()))
        })
        .collect();
    let missing: Vec<_> = listed.symmetric_difference(&declared).collect();
    assert!(missing.is_empty(), "listed or declared, not both: {missing:?}");
}
