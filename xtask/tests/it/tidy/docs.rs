//! Documents say what is there: decisions, rulings, paths, commands, and the tables of the control plane.
//!
//! Not for: prose. The one fact to know: with `REGENERATE=1` the tables of `docs/control-plane.md` are
//! written instead of compared.

use super::{File, demand_none, file, files, root};
use crate::xtask;
use fix7_manifest::FIX7;
use manifest_model::{Privilege, RoutineKind, Severity, TableClass};
use std::collections::BTreeSet;
use std::fmt::Write as _;

fn markdown() -> Vec<File> {
    let top = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    let mut found = files(&top);
    found.extend(
        files(&["docs", "rehearsal"])
            .into_iter()
            .filter(|file| file.has_extension("md")),
    );
    assert!(found.len() > 18, "only {} documents were looked at", found.len());
    found
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn decisions_are_numbered_once_and_listed() {
    let list = file("docs/adr/README.md");
    let mut numbers = BTreeSet::new();
    let decisions = files(&["docs/adr"]);
    for decision in decisions.iter().filter(|file| !file.path.ends_with("README.md")) {
        let name = decision.path.rsplit('/').next().unwrap();
        assert!(numbers.insert(&name[..4]), "`{name}`: its number is taken");
        assert!(name[..4].bytes().all(|byte| byte.is_ascii_digit()), "`{name}`");
        let title = decision.text.lines().next().unwrap().trim_start_matches("# ");
        assert!(
            title.ends_with('?'),
            "`{name}`: a title is a question, found `{title}`"
        );
        let line = format!("| [{}]({name}) | {title} |", &name[..4]);
        assert!(
            list.contains(&line),
            "`docs/adr/README.md` lacks this line:\n{line}"
        );
        for part in ["## Context\n", "## Decision\n", "## Consequences\n"] {
            assert!(decision.text.contains(part), "`{name}` lacks `{}`", part.trim());
        }
    }
    let lines = list.lines().filter(|line| line.starts_with("| [")).count();
    assert_eq!(lines, numbers.len(), "decisions listed, and decisions there");
}

#[test]
fn every_ruling_that_is_cited_is_explained() {
    let explained = file("docs/rulings.md");
    let mut cited = BTreeSet::new();
    for file in files(&[
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "README.md",
        "crates",
        "docs",
        "rehearsal",
        "xtask",
    ]) {
        for (at, _) in file.text.match_indices("ruling ") {
            let id: String = file.text[at + 7..]
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            let is_id =
                id.starts_with(['A', 'B']) && id.len() > 1 && id[1..].bytes().all(|b| b.is_ascii_digit());
            if is_id && !explained.contains(&format!("\n| {id} | ")) {
                cited.insert(format!("{id}, cited in `{}`", file.path));
            }
        }
    }
    demand_none(
        "rulings that `docs/rulings.md` does not explain",
        &Vec::from_iter(cited),
    );
}

#[test]
fn the_changelog_has_a_place_for_what_is_new() {
    assert!(file("CHANGELOG.md").contains("\n## Unreleased\n"));
}

#[test]
fn paths_in_documents_exist() {
    let tops = [
        ".ci/",
        "crates/",
        "docs/",
        "governance/",
        "migrations/",
        "rehearsal/",
        "scripts/",
        "seeds/",
        "snapshots/",
        "xtask/",
    ];
    let mut slips = Vec::new();
    let mut looked_at = 0;
    for document in markdown() {
        for path in quoted(&document.text) {
            let is_path = tops.iter().any(|top| path.starts_with(top));
            if is_path && !path.contains(['*', '<', '…', ' ']) && !path.contains("NAME") {
                looked_at += 1;
                if !root().join(path).exists() {
                    slips.push(format!("{}: `{path}`", document.path));
                }
            }
        }
    }
    demand_none("paths that are not there", &slips);
    assert!(looked_at > 50, "only {looked_at} paths were looked at");
}

#[test]
fn commands_in_documents_exist() {
    let mut slips = BTreeSet::new();
    let mut known = BTreeSet::new();
    for document in markdown() {
        for (at, _) in document.text.match_indices("cargo xtask ") {
            let command: String = document.text[at + 12..]
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '-')
                .collect();
            if command.is_empty() || known.contains(&command) {
                continue;
            }
            if xtask(&[&command, "--help"]).status.success() {
                known.insert(command);
            } else {
                slips.insert(format!("{}: `cargo xtask {command}`", document.path));
            }
        }
    }
    demand_none("commands that are not there", &Vec::from_iter(slips));
    assert!(known.len() >= 4, "{known:?}");
}

/// One sentence for a table cell.
fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), " --- |".repeat(head.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|value| cell(value)).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn tables(wanted: impl Fn(TableClass) -> bool) -> String {
    let definitions = FIX7.table_definitions();
    let wanted = definitions.iter().filter(|table| wanted(table.class));
    table(
        &["table", "step", "is for"],
        wanted.map(|table| {
            vec![
                format!("`{}`", table.name),
                table.step.label(),
                table.doc.to_owned(),
            ]
        }),
    )
}

/// A generated part of `docs/control-plane.md`.
fn part(name: &str) -> String {
    match name {
        "roles" => table(
            &["role", "may", "granted"],
            FIX7.roles.iter().map(|role| {
                let grants = FIX7.grants.iter().filter(|grant| grant.role == role.name);
                let granted: Vec<String> = grants
                    .map(|grant| match grant.privilege {
                        Privilege::SchemaUsage => "USAGE on the schema".to_owned(),
                        Privilege::Execute(routine) => format!("`{routine}`"),
                        Privilege::SelectAll => "SELECT on every relation".to_owned(),
                    })
                    .collect();
                vec![
                    format!("`{}`", role.name),
                    role.doc.to_owned(),
                    granted.join(", "),
                ]
            }),
        ),
        "tables" => tables(|class| {
            matches!(
                class,
                TableClass::Catalog | TableClass::Anchor | TableClass::Registry
            )
        }),
        "surfaces" => table(
            &["#", "table", "rows at", "its rows say"],
            FIX7.surfaces.iter().map(|surface| {
                vec![
                    format!("{:02}", surface.number),
                    format!("`{}`", surface.table),
                    surface.rows_step.label(),
                    surface.doc.to_owned(),
                ]
            }),
        ),
        "evidence" => tables(|class| class == TableClass::RuntimeEvidence),
        "gates" => table(
            &["gate", "is met when", "else"],
            FIX7.gates.iter().map(|gate| {
                vec![
                    gate.key.to_owned(),
                    gate.title.to_owned(),
                    format!("`{}`", gate.refusal),
                ]
            }),
        ),
        "hash_contracts" => table(
            &["contract", "over", "total order"],
            FIX7.hash_contracts.iter().map(|hash| {
                vec![
                    hash.id.to_owned(),
                    hash.title.to_owned(),
                    hash.total_order.to_owned(),
                ]
            }),
        ),
        "routines" => table(
            &["routine", "kind", "does"],
            FIX7.routines.iter().filter_map(|routine| {
                let kind = match routine.kind {
                    RoutineKind::LevelB { .. } => "entry point, Level-B",
                    RoutineKind::LevelA => "verifier, Level-A",
                    RoutineKind::Gateway => "writer gateway",
                    RoutineKind::Reader => "reader",
                    _ => return None,
                };
                Some(vec![
                    format!("`{}({})`", routine.name, routine.arguments),
                    kind.to_owned(),
                    routine.doc.to_owned(),
                ])
            }),
        ),
        "views" => table(
            &["view", "step", "shows"],
            FIX7.views
                .iter()
                .map(|view| vec![format!("`{}`", view.name), view.step.label(), view.doc.to_owned()]),
        ),
        "reasons" => table(
            &["code", "SQLSTATE", "severity", "means"],
            FIX7.reason_codes.iter().map(|reason| {
                let severity = match reason.severity {
                    Severity::Refusal => "refusal",
                    Severity::NoGo => "no-go",
                };
                vec![
                    format!("`{}`", reason.code),
                    reason.sqlstate.to_owned(),
                    severity.to_owned(),
                    reason.doc.to_owned(),
                ]
            }),
        ),
        _ => panic!("no part `{name}` is generated"),
    }
}

#[test]
fn the_control_planes_page_says_what_the_manifests_say() {
    const PATH: &str = "docs/control-plane.md";
    let page = file(PATH);
    let mut expected = String::new();
    let mut inside = false;
    let mut parts = 0;
    for line in page.lines() {
        inside &= line != "<!-- end -->";
        if !inside {
            let _ = writeln!(expected, "{line}");
        }
        if let Some(name) = line
            .strip_prefix("<!-- generated: ")
            .and_then(|rest| rest.strip_suffix(" -->"))
        {
            expected.push_str(&part(name));
            inside = true;
            parts += 1;
        }
    }
    assert_eq!(parts, 9);
    if std::env::var_os("REGENERATE").is_some() {
        authoring::atomic_write(&root().join(PATH), &expected).unwrap();
    } else {
        assert!(
            page == expected,
            "`{PATH}` is stale: `REGENERATE=1 cargo test -p xtask --test it tidy` writes it"
        );
    }
}
