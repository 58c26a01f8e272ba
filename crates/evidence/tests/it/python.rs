//! The verifier of other hands: `scripts/verify_packet.py` says of each packet what this crate says.
//!
//! The one fact to know: it shares no line with this crate, so a packet that only one of the two accepts is a
//! fault of one of them; whatever any test here expects of the one is demanded of the other (`agrees`).

use crate::{built, outcome, put};
use evidence::{Folder, frozen, resealed, verify, with_apply_as_before};
use serde_json::json;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/verify_packet.py")
}

/// Whether a program is here. Where it isn't, that is said past the harness, which swallows what a passing
/// test prints; CI must have it.
fn has(program: &str, argument: &str) -> bool {
    let found = Command::new(program).arg(argument).output();
    if let Err(error) = &found {
        assert!(std::env::var_os("CI").is_none(), "no `{program}`: {error}");
        let _ = writeln!(std::io::stderr(), "not tried in Python: no `{program}`: {error}");
    }
    found.is_ok()
}

/// Python itself, which may stand behind a script that looks for it; asked once, none where it is not here.
fn interpreter() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let asked = ["-c", "import sys; print(sys.executable)"];
        has("python3", "--version").then(|| {
            let said = Command::new("python3").args(asked).output().unwrap();
            String::from_utf8(said.stdout).unwrap().trim_end().to_owned()
        })
    });
    found.as_deref()
}

/// Demands of Python the answer that was expected of this crate; 1 for a finding, 2 for what can't be read.
#[track_caller]
pub(crate) fn agrees(folder: &Folder, is_good: bool) {
    // What only a disk can hold, a link or a device, is demanded where it is made (`on_disk`).
    if interpreter().is_some() && folder.refusals.is_empty() {
        agrees_at(written(folder).path(), is_good);
    }
}

/// The same of a folder on the disk.
#[track_caller]
pub(crate) fn agrees_at(packet: &Path, is_good: bool) {
    if interpreter().is_none() {
        return;
    }
    let said = python(packet, &[]);
    let err = String::from_utf8_lossy(&said.stderr);
    assert_eq!(
        said.status.code() == Some(0),
        is_good,
        "Python says {:?}: {err}",
        said.status.code()
    );
    // A fault of the script itself is no refusal.
    assert!(!err.contains("Traceback"), "{err}");
}

fn written(folder: &Folder) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    for (name, bytes) in &folder.files {
        let mut file = fs::File::create_new(place.path().join(name)).unwrap();
        file.write_all(bytes).unwrap();
    }
    place
}

fn python(packet: &Path, more: &[&str]) -> Output {
    Command::new(interpreter().unwrap())
        .arg(script())
        .arg(packet)
        .args(more)
        .output()
        .unwrap()
}

/// Both verifiers on one packet; `expected` is what Python names, nothing for a good packet.
#[track_caller]
fn both(folder: &Folder, expected: &str) {
    let place = written(folder);
    let said = python(place.path(), &[]);
    let (out, err) = (
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr),
    );
    let report = verify(folder);
    assert_eq!(
        report.refusals.is_empty(),
        expected.is_empty(),
        "{:#?}",
        report.refusals
    );
    if expected.is_empty() {
        assert_eq!(said.status.code(), Some(0), "{err}");
        assert!(out.contains(&report.tree_sha256.unwrap()), "{out}");
    } else {
        assert_ne!(said.status.code(), Some(0), "{out}");
        assert!(err.contains(expected), "no `{expected}`: {err}");
    }
}

#[track_caller]
fn replaced(name: &str, from: &str, to: &str) -> Folder {
    let mut folder = built(outcome(1)).unwrap();
    let text = String::from_utf8(folder.files[name].clone()).unwrap();
    assert!(text.contains(from), "`{name}` holds no `{from}`");
    folder
        .files
        .insert(name.to_owned(), text.replacen(from, to, 1).into_bytes());
    folder
}

#[test]
fn python_knows_the_keys_of_an_outcome_and_no_other() {
    let text = fs::read_to_string(script()).unwrap();
    let known = text.split("OUTCOME = \"\"\"").nth(1).unwrap();
    let known: Vec<&str> = known.split("\"\"\"").next().unwrap().split_whitespace().collect();
    let (mut known, mut expected) = (known, evidence::OUTCOME_KEYS.to_vec());
    known.sort_unstable();
    expected.sort_unstable();
    assert_eq!(known, expected, "`OUTCOME` of scripts/verify_packet.py");
}

#[test]
fn good_packets_of_both_versions_are_recomputed_in_python() {
    if interpreter().is_none() {
        return;
    }
    both(&frozen(), "");
    both(&built(outcome(1)).unwrap(), "");
}

#[test]
fn tampered_packets_are_refused_in_python_as_well() {
    if interpreter().is_none() {
        return;
    }
    both(
        &replaced("outcome.json", "\"pass\"", "\"fail\""),
        "FILE_DIGEST: 'outcome.json'",
    );
    both(
        &replaced("packet.json", "\"size\": 1", "\"size\": 2"),
        "FILE_DIGEST",
    );
    both(&replaced("environment.json", "1", "2"), "ENVIRONMENT_DIGEST");
    both(
        &replaced(
            "packet.json",
            "\"rests_on\": [",
            "\"rests_on\": [\n      \"environment.json#\",",
        ),
        "TREE_DIGEST",
    );
    let mut added = built(outcome(1)).unwrap();
    added.files.insert("more".to_owned(), vec![]);
    both(&added, "FILE_ADDED: 'more'");
    let mut missing = built(outcome(1)).unwrap();
    missing.files.remove("hashes.jsonl");
    both(&missing, "FILE_MISSING: 'hashes.jsonl'");
    both(
        &with_apply_as_before(&frozen()).unwrap(),
        "ROLLBACK_APPLY_DID_NOT_MUTATE: 'rehearsal'",
    );
}

#[test]
fn forged_digests_under_a_good_seal_are_refused_in_python_as_well() {
    if interpreter().is_none() {
        return;
    }
    for (from, to) in [
        ("\"text\",\"k\"", "\"text\",\"l\""),
        ("\"subject\":\"09 k\"", "\"subject\":\"09 l\""),
        ("[[\"k\"]]", "[[\"k\",\"m\"]]"),
    ] {
        both(
            &resealed(replaced("hashes.jsonl", from, to)).unwrap(),
            "HASH_DIFFERS",
        );
    }
    for (name, from, to) in [
        ("mutants.jsonl", "\"by\":\"row 1\"", "\"by\":\"row 9\""),
        ("mutants.jsonl", "\"catalog_alone 0\"", "\"catalog_alone 1\""),
        ("mutants.jsonl", "\"catalog_alone\"", "\"by_accident\""),
        ("mutants.jsonl", "\"catalog_alone\"", "\"survived\""),
        ("mutants.jsonl", "\"id\":\"schema 7\"", "\"id\":\"schema 8\""),
        ("rejections.jsonl", "\"sole_cause\":true", "\"sole_cause\":false"),
        ("accepted.jsonl", "\"accepted\":true", "\"accepted\":false"),
        ("outcome.json", "\"catalog_alone\": 2", "\"catalog_alone\": 3"),
    ] {
        both(&resealed(replaced(name, from, to)).unwrap(), "EXHIBIT_DIFFERS");
    }
    both(
        &resealed(replaced("RERUN.sh", "    cmp ", "    true ")).unwrap(),
        "RERUN_DIFFERS",
    );
    both(
        &replaced("test-result.intoto.json", "PASSED", "FAILED"),
        "STATEMENT_DIFFERS: test-result.intoto.json",
    );
    for (from, to) in [
        ("\"verified\": 3", "\"verified\": 2"),
        ("\"ended\": \"refused: 42501\"", "\"ended\": \"BYPASS_SUCCEEDED\""),
        ("\"fresh\": 2", "\"fresh\": 1"),
    ] {
        both(
            &resealed(replaced("outcome.json", from, to)).unwrap(),
            "EXHIBIT_DIFFERS",
        );
    }
    let mut older = built(outcome(1)).unwrap();
    let text = String::from_utf8(older.files["packet.json"].clone()).unwrap();
    let text = text.replacen("\"format_version\": 4", "\"format_version\": 2", 1);
    older.files.insert("packet.json".to_owned(), text.into_bytes());
    both(&older, "FORMAT_UNKNOWN");
    let mut found = frozen();
    let mut outcome: serde_json::Value = serde_json::from_slice(&found.files["outcome.json"]).unwrap();
    outcome["findings"] = json!([{ "code": "X", "package": null, "message": "", "details": [] }]);
    put(&mut found, "outcome.json", &outcome);
    both(&resealed(found).unwrap(), "VERDICT_DIFFERS");
}

#[test]
fn a_hostile_name_reaches_no_terminal_through_python() {
    if interpreter().is_none() {
        return;
    }
    let mut folder = built(outcome(1)).unwrap();
    folder.files.insert("\u{1b}]0;owned\u{7}".to_owned(), vec![]);
    let place = written(&folder);
    let said = python(place.path(), &[]);
    assert_eq!(said.status.code(), Some(1));
    assert!(
        said.stderr
            .iter()
            .all(|byte| *byte == b'\n' || (0x20..0x7f).contains(byte))
    );
    assert!(String::from_utf8_lossy(&said.stderr).contains("owned"));
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed_in_python_either() {
    if interpreter().is_none() {
        return;
    }
    let place = written(&built(outcome(1)).unwrap());
    fs::remove_file(place.path().join("plan.json")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", place.path().join("plan.json")).unwrap();
    let said = python(place.path(), &[]);
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stderr).contains("FILE_NOT_REGULAR"));
}

#[test]
fn signatures_are_judged_by_the_key_the_namespace_and_the_bytes() {
    if interpreter().is_none() || !has("ssh-keygen", "-?") {
        return;
    }
    let place = written(&built(outcome(1)).unwrap());
    let desk = tempfile::tempdir().unwrap();
    let key = desk.path().join("key");
    let run = |arguments: &[&str]| {
        let ended = Command::new("ssh-keygen").args(arguments).output().unwrap();
        assert!(
            ended.status.success(),
            "{}",
            String::from_utf8_lossy(&ended.stderr)
        );
    };
    run(&[
        "-q",
        "-t",
        "ed25519",
        "-N",
        "",
        "-C",
        "",
        "-f",
        key.to_str().unwrap(),
    ]);
    let public = fs::read_to_string(key.with_extension("pub")).unwrap();
    let signers = desk.path().join("allowed_signers");
    fs::File::create_new(&signers)
        .unwrap()
        .write_all(format!("auditor {public}").as_bytes())
        .unwrap();
    let record = desk.path().join("reaudit.json");
    let sign = |content: &str, namespace: &str| {
        let _ = fs::remove_file(&record);
        let mut file = fs::File::create_new(&record).unwrap();
        file.write_all(content.as_bytes()).unwrap();
        run(&[
            "-q",
            "-Y",
            "sign",
            "-f",
            key.to_str().unwrap(),
            "-n",
            namespace,
            record.to_str().unwrap(),
        ]);
        let made = record.with_extension("json.sig");
        fs::rename(made, record.with_extension("json.auditor.sig")).unwrap();
    };
    let judged = || {
        let more = [
            "--signed",
            record.to_str().unwrap(),
            "--allowed-signers",
            signers.to_str().unwrap(),
        ];
        python(place.path(), &more).status.code()
    };
    sign("[\"reaudit\",\"v1\",[]]\n", "fix7-reaudit");
    assert_eq!(judged(), Some(0));
    sign("[\"reaudit\",\"v1\",[]]\n", "fix7-operator-authorization");
    assert_eq!(judged(), Some(1), "another namespace");
    sign("[\"reaudit\",\"v1\",[]]\n", "fix7-reaudit");
    fs::OpenOptions::new()
        .append(true)
        .open(&record)
        .unwrap()
        .write_all(b"\n")
        .unwrap();
    assert_eq!(judged(), Some(1), "other bytes");
    fs::remove_file(record.with_extension("json.auditor.sig")).unwrap();
    assert_eq!(judged(), Some(1), "no signature");
}
