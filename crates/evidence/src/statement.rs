//! The packet as in-toto Statements, so that tools for attestations can carry and sign it.
//!
//! Not for: signing. The one fact to know: a statement follows from the tree alone, so it stands beside the tree
//! and a statement that does not follow is refused; its subjects are the files that say what was rehearsed.

use crate::document::{Packet, Plan, PlannedFile, printed};
use crate::tree::{REHEARSAL_STATEMENT, TEST_STATEMENT};
use serde_json::{Value, json};

/// in-toto's own type.
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// The predicate that any reader of test results knows.
pub const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";
/// The predicate of this format; `docs/evidence.md` describes it.
pub const MIGRATION_REHEARSAL: &str = "urn:attestation:migration-rehearsal:v0.1";

/// Name and bytes of each statement.
pub(crate) fn statements(packet: &Packet, plan: &Plan, outcome: &Value) -> Vec<(&'static str, Vec<u8>)> {
    let of = |predicate_type: &str, predicate: Value| {
        printed(&json!({
            "_type": STATEMENT,
            "subject": subjects(plan),
            "predicateType": predicate_type,
            "predicate": predicate,
        }))
    };
    vec![
        (
            REHEARSAL_STATEMENT,
            of(MIGRATION_REHEARSAL, rehearsal(packet, plan, outcome)),
        ),
        (
            TEST_STATEMENT,
            of(TEST_RESULT, test_result(packet, plan, outcome)),
        ),
    ]
}

/// The plan and the indexes: each names every file below it by digest.
fn subjects(plan: &Plan) -> Vec<Value> {
    let is_subject = |file: &&PlannedFile| file.path == plan.plan || file.path.ends_with("/index.toml");
    plan.files.iter().filter(is_subject).map(descriptor).collect()
}

fn descriptor(file: &PlannedFile) -> Value {
    json!({ "name": file.path, "digest": { "sha256": file.sha256 } })
}

/// Tests are the guards: each is one that has a name people know.
fn test_result(packet: &Packet, plan: &Plan, outcome: &Value) -> Value {
    let mut worst: std::collections::BTreeMap<&str, &str> = std::collections::BTreeMap::new();
    let runs = outcome.pointer("/guards/runs").and_then(Value::as_array);
    for run in runs.into_iter().flatten() {
        let word = |key: &str| run[key].as_str().unwrap_or_default();
        let known = worst.entry(word("guard")).or_insert("pass");
        *known = match (*known, word("verdict")) {
            ("fail", _) | (_, "fail") => "fail",
            ("pass", "pass") => "pass",
            _ => "not_measured",
        };
    }
    let of = |verdict: &str| -> Vec<&str> {
        let found = worst.iter().filter(|(_, found)| **found == verdict);
        found.map(|(guard, _)| *guard).collect()
    };
    let configuration = plan
        .files
        .iter()
        .filter(|file| file.path == plan.plan)
        .map(descriptor);
    let packet_digest = json!({ "name": "packet", "digest": { "sha256": packet.tree_sha256 } });
    json!({
        // What was not measured has not passed.
        "result": if packet.verdict.value == "pass" { "PASSED" } else { "FAILED" },
        "configuration": configuration.chain([packet_digest]).collect::<Vec<_>>(),
        "passedTests": of("pass"),
        "warnedTests": of("not_measured"),
        "failedTests": of("fail"),
    })
}

fn rehearsal(packet: &Packet, plan: &Plan, outcome: &Value) -> Value {
    let packages: Vec<Value> = outcome["packages"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .map(|package| json!({ "id": package["id"], "verdict": package["verdict"] }))
        .collect();
    json!({
        "packet": { "tree_sha256": packet.tree_sha256, "format_version": packet.format_version },
        "verdict": packet.verdict.value,
        "rests_on": packet.verdict.rests_on,
        "shape": outcome["shape"],
        "committed": plan.committed,
        "packages": packages,
        "rollback": outcome["rollback"],
        "negatives": outcome["negatives"],
        "findings": outcome["findings"].as_array().map_or(0, Vec::len),
    })
}
