//! What people and programs rely on: help texts and the shape of the JSON.
//!
//! The keys that the first format promised stand here in code, so that accepting a snapshot can
//! add a key and never rename one.

use crate::rig::Running;
use crate::tidy::root;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// clap pads empty lines; the repository's text files have no blanks at the end.
fn snapshot(name: &str, text: &str) {
    let text: Vec<&str> = text.lines().map(str::trim_end).collect();
    let text = text.join("\n");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots/cli"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn each_command_tells_what_it_does() {
    let main = Running::start(&["--help"]).end();
    assert_eq!(main.code, Some(0), "{}", main.stderr);
    snapshot("help", &main.stdout);
    let mut without_format = Vec::new();
    let mut commands: Vec<Vec<String>> = commands(&main.stdout).map(|one| vec![one]).collect();
    assert!(commands.contains(&vec!["rehearse".to_owned()]), "{commands:?}");
    while let Some(command) = commands.pop() {
        let mut words: Vec<&str> = command.iter().map(String::as_str).collect();
        words.push("--help");
        let help = Running::start(&words).end();
        assert_eq!(help.code, Some(0), "{}", help.stderr);
        snapshot(&format!("help_{}", command.join("_")), &help.stdout);
        let further: Vec<String> = self::commands(&help.stdout).collect();
        // A word that only has verbs below it does nothing itself.
        if !help.stdout.contains("--format <FORMAT>")
            && (further.is_empty() || help.stdout.contains("[OPTIONS]"))
        {
            without_format.push(command.join(" "));
        }
        commands.extend(
            further
                .into_iter()
                .map(|verb| [command.clone(), vec![verb]].concat()),
        );
    }
    without_format.sort();
    assert_eq!(without_format, WRITES_FOR_OTHERS);
}

/// What gives no object on stdout, for it writes files for others or hands on what another program says.
const WRITES_FOR_OTHERS: [&str; 9] = [
    "authorization new",
    "bench",
    "capture",
    "completions",
    "lane",
    "man",
    "reaudit new",
    "record",
    "test",
];

/// The commands that a help text lists.
fn commands(help: &str) -> impl Iterator<Item = String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
}

#[test]
fn what_people_read_machines_read_as_one_object() {
    let object = |args: &[&str]| {
        let ended = Running::start(&[args, &["--format", "json"]].concat()).end();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let object = ended.json();
        assert_eq!(object["format_version"], 1, "{args:?}");
        object
    };
    let authored = object(&["author", "--check"]);
    assert_eq!(authored["drifts"], json!([]));
    assert!(
        authored["files"].as_u64().is_some_and(|files| files > 400),
        "{authored}"
    );
    let packet = object(&["packet", "PKG-G"]);
    let listed = std::fs::read(root().join("rehearsal/packages/PKG-G/SHA256SUMS")).unwrap();
    assert_eq!(packet["packet_sha256"], rehearsal::sha256_hex(&listed));
    assert!(
        packet["objects"]
            .as_array()
            .is_some_and(|objects| objects.len() > 200)
    );
    let said = object(&["explain", "OUT_OF_ORDER"]);
    assert!(
        said["said"][0]
            .as_str()
            .is_some_and(|said| said.contains("docs/packets.md")),
        "{said}"
    );
    assert!(object(&["sweep"])["swept"].is_u64());
    let shut = ["lane", "check", "--format", "json", "--delegation"];
    let shut = Running::start(&[&shut[..], &["Cargo.toml"]].concat()).end();
    assert_eq!((shut.code, &shut.json()["verdict"]), (Some(1), &json!("fail")));
    assert_eq!(object(&["lane", "check"])["verdict"], "pass");
}

/// Format version 1 as it was promised.
fn promised() -> Value {
    let guard = json!({"guard": "text", "step": "text", "verdict": "text"});
    json!({
        "format_version": "number",
        "verdict": "text",
        "postgres": {"provider": "text", "version": "text", "major": "number"},
        "counts": {
            "surfaces": "number", "runtime_tables": "number", "gates": "number",
            "hash_contracts": "number", "catalog_families": "number",
        },
        "packages": [{"id": "text", "verdict": "text", "validation": [guard]}],
        "rollback": {"before": "text", "after_apply": "text", "after_rollback": "text", "xid_status": "text"},
        "negatives": {
            "tests": "number", "accepted_twins": "number", "rejected": "number", "sole_cause": "number", "uncovered": "number", "arrange_failed": "number",
        },
        "mutants": {
            "schema": {"total": "number", "killed": "number", "survivors": "number"},
            "manifest": {"total": "number", "killed": "number", "survivors": "number", "equivalent": "number"},
        },
        "attacks": {"families": "number", "attempts": "number", "repelled": "number"},
        "committed": {
            "verdict": "text", "xid_status": "text", "dump": {"verdict": "text", "observer": "text"},
            "logins": {"verdict": "text", "cells": "number", "differences": "number"},
        },
        "worlds": [{"id": "text", "expected": ["text"], "realized": ["text"]}],
        "elapsed_ms": {"postgres_start": "number", "total": "number"},
    })
}

/// Every value as the name of its type; a list as all that its entries are together.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => json!("null"),
        Value::Bool(_) => json!("true or false"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("text"),
        Value::Array(entries) => {
            let merged = entries.iter().map(shape).reduce(merge);
            Value::Array(merged.into_iter().collect())
        }
        Value::Object(keys) => keys
            .iter()
            .map(|(key, value)| (key.clone(), shape(value)))
            .collect(),
    }
}

fn merge(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(mut one), Value::Object(other)) => {
            for (key, value) in other {
                let merged = match one.remove(&key) {
                    Some(known) => merge(known, value),
                    None => value,
                };
                one.insert(key, merged);
            }
            Value::Object(one)
        }
        (Value::Array(one), Value::Array(other)) => {
            Value::Array(one.into_iter().chain(other).reduce(merge).into_iter().collect())
        }
        (one, _) => one,
    }
}

/// Without what depends on the verdict: lists of texts, and lists that are empty when all is well.
/// Keys are sorted.
fn settled(shape: Value) -> Value {
    match shape {
        Value::Array(entries) if !entries.iter().any(Value::is_object) => json!("list"),
        Value::Array(entries) => entries.into_iter().map(settled).collect(),
        Value::Object(keys) => {
            let sorted: BTreeMap<_, _> = keys
                .into_iter()
                .map(|(key, value)| (key, settled(value)))
                .collect();
            sorted.into_iter().collect()
        }
        scalar => scalar,
    }
}

/// What `found` lacks of `expected`, or has otherwise.
fn lacks(at: &str, expected: &Value, found: &Value) -> Vec<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => expected
            .iter()
            .flat_map(|(key, value)| lacks(&format!("{at}.{key}"), value, &found[key]))
            .collect(),
        (Value::Array(expected), Value::Array(found)) => match (expected.first(), found.first()) {
            (Some(expected), Some(found)) => lacks(&format!("{at}[]"), expected, found),
            _ => vec![format!("{at} is empty")],
        },
        _ if expected == found => Vec::new(),
        _ => vec![format!("{at}: expected {expected}, found {found}")],
    }
}

#[test]
fn the_json_has_the_keys_that_were_promised_and_no_unseen_one() {
    let args = ["rehearse", "--postgres", "local", "--format", "json"];
    let ended = Running::start(&args).end();
    let json = ended.json();
    assert_eq!(json["format_version"], 1);
    let mut found = shape(&json);
    assert_eq!(lacks("", &promised(), &found), Vec::<String>::new());
    assert_eq!(json["counts"].as_object().map(Map::len), Some(5));
    // Which parts are timed is nobody's contract.
    if let Some(times) = found["elapsed_ms"].as_object_mut() {
        times.retain(|key, _| ["postgres_start", "total"].contains(&key.as_str()));
    }
    let settled = serde_json::to_string_pretty(&settled(found)).unwrap();
    snapshot("rehearse_json_shape", &settled);
    ended.left_nothing();
}
