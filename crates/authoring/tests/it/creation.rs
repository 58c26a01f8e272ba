//! What PKG-E's parts are made of: the files of PKG-A and PKG-B byte for byte, and nothing that reaches for the estate.
//!
//! Not for: running them (`creation_walk`). The one fact to know: statements are looked at one by one, so that what is
//! not allowed anywhere is found wherever it stands.

use crate::plane::{read, root};
use fix7_manifest::estate;
use squawk_syntax::SourceFile;
use squawk_syntax::ast::AstNode as _;
use std::collections::{BTreeMap, BTreeSet};

const FOLDER: &str = "rehearsal/packages/PKG-E";
const PARTS: [&str; 6] = [
    "10_create_and_seal",
    "15_evidence",
    "20_signoff",
    "30_activate",
    "40_prior_payload",
    "50_return",
];

fn file(name: &str) -> String {
    read(&format!("{FOLDER}/{name}.sql"))
}

fn statements(name: &str) -> Vec<String> {
    let sql = file(name);
    let parsed = SourceFile::parse(&sql);
    assert_eq!(parsed.errors(), &[], "{name}");
    let of = |statement: squawk_syntax::ast::Stmt| {
        let text = statement.syntax().text().to_string();
        text.trim_end_matches(';').to_owned()
    };
    parsed.tree().stmts().map(of).collect()
}

fn listed(folder: &str) -> Vec<String> {
    let index: toml::Table = toml::from_str(&read(&format!("{folder}/index.toml"))).unwrap();
    let files = index["file"].as_array().unwrap().iter();
    files
        .map(|file| file["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_first_part_holds_every_file_in_order_but_the_roles_a_dba_makes() {
    let part = file("10_create_and_seal");
    let (mut at, mut found) = (0, 0);
    for folder in ["migrations", "seeds"] {
        for name in listed(folder).into_iter().filter(|name| name != "01001_roles") {
            let text = read(&format!("{folder}/{name}.up.sql"));
            let place = part[at..].find(&text);
            at += place.unwrap_or_else(|| panic!("`{folder}/{name}` is not where it belongs")) + text.len();
            found += 1;
        }
    }
    assert_eq!(found, 96);
    let roles = read("migrations/01001_roles.up.sql");
    let made = roles.lines().filter(|line| line.starts_with("create role "));
    let dba = read(&format!("{FOLDER}/dba_roles.sql"));
    assert_eq!(made.filter(|line| dba.contains(*line)).count(), 6);
}

#[test]
fn the_way_back_drops_what_the_first_part_made_and_deletes_nothing() {
    let part = file("rollback");
    let mut at = part.len();
    for name in listed("migrations")
        .into_iter()
        .filter(|name| name != "01001_roles")
    {
        let text = read(&format!("migrations/{name}.down.sql"));
        at = part[..at]
            .rfind(&text)
            .unwrap_or_else(|| panic!("`{name}` is not where it belongs"));
    }
    for name in PARTS.iter().chain(&["rollback"]) {
        for statement in statements(name) {
            let first = statement.split_whitespace().next().unwrap_or_default();
            assert!(!["delete", "truncate"].contains(&first), "{name}: `{statement}`");
            assert!(!statement.ends_with(" cascade"), "{name}: `{statement}`");
            if ["alter", "set"].contains(&first) {
                for word in ["disable trigger", "session_replication_role"] {
                    assert!(!statement.contains(word), "{name}: `{statement}`");
                }
            }
        }
    }
}

#[test]
fn each_part_is_one_transactions_content_by_somebody_who_is_asked() {
    let words = [
        "alter", "comment", "create", "do", "drop", "grant", "insert", "reset", "revoke", "select", "set",
    ];
    for name in PARTS.iter().chain(&["rollback"]) {
        let statements = statements(name);
        assert_eq!(statements[0], "set default_transaction_read_only = on", "{name}");
        assert!(statements[1].contains("OUTSIDE_TRANSACTION"), "{name}");
        for statement in &statements {
            let first = statement
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_lowercase();
            assert!(words.contains(&first.as_str()), "{name}: `{statement}`");
        }
        let run = if *name == "rollback" {
            "run-rollback.psql".to_owned()
        } else {
            format!("run-{}.psql", &name[..2])
        };
        let run = read(&format!("{FOLDER}/{run}"));
        assert!(
            run.contains("begin isolation level repeatable read;")
                && run.ends_with(&format!("\\ir {name}.sql\ncommit;\n")),
            "{name}: {run}"
        );
    }
}

#[test]
fn no_part_names_what_no_package_may_open_or_touch_outside_of_sealed_rows_and_guards() {
    let forbidden: BTreeSet<&str> = estate::DO_NOT_TOUCH
        .iter()
        .copied()
        .chain([estate::repoint::PERMIT.0])
        .map(|identity| identity.split('(').next().unwrap_or_default())
        .collect();
    let mut looked_at = 0;
    for name in PARTS.iter().chain(&["rollback"]) {
        for statement in statements(name) {
            let first = statement.split_whitespace().next().unwrap_or_default();
            // Guards read the estate, settings hold what they are told, and rows of #20 name what is sealed.
            if ["do", "select", "set", "reset"].contains(&first)
                || statement.starts_with("insert into qt001_cp.")
            {
                continue;
            }
            looked_at += 1;
            for object in &forbidden {
                assert!(!statement.contains(object), "{name}: {object} in `{statement}`");
            }
            let outside = statement.split(['$', '\'']).next().unwrap_or_default();
            assert!(!outside.contains("public."), "{name}: `{outside}`");
        }
    }
    assert!(looked_at > 800, "only {looked_at} statements were looked at");
}

#[test]
fn the_scope_is_what_the_first_part_makes() {
    let declared: toml::Table = toml::from_str(&read(&format!("{FOLDER}/packet.toml"))).unwrap();
    let objects = declared["objects"].as_array().unwrap().iter();
    let objects: BTreeSet<String> = objects.map(|one| one.as_str().unwrap().to_owned()).collect();
    let mut made = BTreeSet::from(["qt001_cp".to_owned()]);
    for statement in statements("10_create_and_seal") {
        let mut words = statement.split_whitespace();
        if words.next() != Some("create") {
            continue;
        }
        let kind = words.next().unwrap_or_default();
        if ["table", "view", "function"].contains(&kind) {
            let name = words.next().unwrap_or_default();
            made.insert(name.split('(').next().unwrap_or_default().to_owned());
        }
    }
    let names: BTreeSet<String> = objects
        .iter()
        .map(|object| object.split('(').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(names, made);
    assert!(objects.len() > 130 && root().join(FOLDER).exists());
}

#[test]
fn each_part_begins_where_another_one_ended() {
    let declared: toml::Table = toml::from_str(&read(&format!("{FOLDER}/packet.toml"))).unwrap();
    let mut ended = BTreeMap::new();
    let mut begun_by_none = BTreeSet::new();
    for part in declared["part"].as_array().unwrap() {
        let of = |key: &str| part[key].as_str().unwrap();
        match ended.get(of("from")) {
            Some(state) => assert_eq!(*state, of("state_before_sha256"), "{}", of("file")),
            None => drop(begun_by_none.insert(of("from"))),
        }
        ended.insert(of("to"), of("state_after_sha256"));
    }
    // The way back of the next package leads to the second.
    assert_eq!(begun_by_none, BTreeSet::from(["absent", "withdrawn"]));
    let states: BTreeSet<&&str> = ended.values().collect();
    assert_eq!(states.len(), ended.len(), "two stages look the same");
}
