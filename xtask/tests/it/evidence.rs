//! Packets by the commands that people run: exit codes, columns, and the three parts of the gate.
//!
//! Not for: each reason to refuse (`crates/evidence`). The one fact to know: the frozen packet is a real one,
//! so what passes here has been written by `rehearse --evidence`.

use crate::rig::Running;
use crate::tidy::{file, root};
use serde_json::Value;
use std::fs::{self, File};
use std::io::Write as _;

const FROZEN: &str = "crates/evidence/frozen";

/// The frozen packet with `from` replaced in one of its files.
pub(crate) fn tampered(name: &str, from: &str, to: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(root().join(FROZEN)).unwrap() {
        let entry = entry.unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        let text = if entry.file_name() == name {
            assert!(text.contains(from), "`{name}` holds no `{from}`");
            text.replacen(from, to, 1)
        } else {
            text
        };
        let mut copy = File::create_new(folder.path().join(entry.file_name())).unwrap();
        copy.write_all(text.as_bytes()).unwrap();
    }
    folder
}

fn run(args: &[&str], folder: &str) -> (Option<i32>, Value) {
    let ended = Running::start(&[args, &[folder, "--format", "json"]].concat()).end();
    (ended.code, ended.json())
}

#[test]
fn a_real_packet_is_verified_in_three_columns() {
    let folder = root().join(FROZEN);
    let ended = Running::start(&["evidence", "verify", folder.to_str().unwrap()]).end();
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    for column in [
        "  recomputed  ",
        "  rerun       ",
        "  believed    environment.json: PostgreSQL ",
    ] {
        assert!(ended.stdout.contains(column), "no `{column}`: {}", ended.stdout);
    }
    assert!(ended.stdout.ends_with("VERIFIED: the packet is what it says\n"));
}

#[test]
fn a_tampered_packet_is_a_finding_with_its_code() {
    let folder = tampered("outcome.json", "\"pass\"", "\"fail\"");
    let (code, json) = run(&["evidence", "verify"], folder.path().to_str().unwrap());
    assert_eq!(code, Some(1));
    assert_eq!(json["verification"], "fail");
    assert_eq!(json["refusals"][0]["code"], "FILE_DIGEST");
    assert_eq!(json["refusals"][0]["subject"], "outcome.json");
    assert_eq!(json["columns"]["recomputed"], Value::Array(vec![]));
}

#[test]
fn the_gate_passes_real_evidence_and_refuses_each_fabricated_twin() {
    let (code, json) = run(&["rollback-gate"], root().join(FROZEN).to_str().unwrap());
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["verdict"], "pass");
    for part in ["frozen", "packet"] {
        assert_eq!(json[part], Value::Array(vec![]));
    }
    for part in ["frozen_fabricated", "fabricated"] {
        assert_eq!(json[part][0]["code"], "ROLLBACK_APPLY_DID_NOT_MUTATE");
        assert_eq!(json[part][0]["subject"], "rehearsal");
    }
}

#[test]
fn the_gate_refuses_a_packet_that_was_tampered_with() {
    let folder = tampered("rollback.json", "\"aborted\"", "\"aborteD\"");
    let (code, json) = run(&["rollback-gate"], folder.path().to_str().unwrap());
    assert_eq!(code, Some(1));
    assert_eq!(json["packet"][0]["code"], "FILE_DIGEST");
}

#[test]
fn no_packet_is_a_usage_error() {
    let nowhere = root().join("crates/evidence/nowhere");
    for command in [&["evidence", "verify"][..], &["rollback-gate"]] {
        let ended = Running::start(&[command, &[nowhere.to_str().unwrap()]].concat()).end();
        ended.failed(
            2,
            &["PACKET_NOT_THERE", "crates/evidence/nowhere", "is no folder"],
        );
    }
}

#[test]
fn evidence_is_never_overwritten_and_says_so_before_a_server_is_started() {
    let folder = tampered("plan.json", "", "");
    let args = [
        "rehearse",
        "--pg-bin",
        "/nowhere",
        "--evidence",
        folder.path().to_str().unwrap(),
    ];
    Running::start(&args)
        .end()
        .failed(2, &["is not empty", "never overwritten"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 7);
}

#[test]
fn the_packet_has_a_place_for_every_key_of_the_outcome() {
    let text = file("snapshots/cli/rehearse_json_shape.snap");
    let json: Value = serde_json::from_str(text.splitn(3, "---\n").nth(2).unwrap()).unwrap();
    let mut expected: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    // They stand in `environment.json`.
    expected.retain(|key| !["postgres", "elapsed_ms"].contains(key));
    let mut known = ::evidence::OUTCOME_KEYS.to_vec();
    known.sort_unstable();
    assert_eq!(
        known, expected,
        "a new key of the outcome belongs into `OUTCOME_KEYS` of `crates/evidence`"
    );
}
