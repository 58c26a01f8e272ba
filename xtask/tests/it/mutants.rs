//! `cargo xtask mutants`: shards that are disjoint, merged only if they are whole, and the road from nothing.

use crate::rig::Running;
use std::path::PathBuf;

/// Runs a shard and keeps what it printed.
#[track_caller]
fn shard(folder: &tempfile::TempDir, arguments: &[&str], name: &str) -> PathBuf {
    let mut all = vec!["mutants", "--postgres", "local", "--format", "json"];
    all.extend(arguments);
    let ended = Running::start(&all).end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let path = folder.path().join(name);
    let mut file = std::fs::File::create(&path).unwrap();
    std::io::Write::write_all(&mut file, ended.stdout.as_bytes()).unwrap();
    path
}

fn merged(files: &[&PathBuf]) -> (Option<i32>, String, String) {
    let mut arguments = vec!["mutants", "--format", "json", "--merge"];
    arguments.extend(files.iter().map(|path| path.to_str().unwrap()));
    let ended = Running::start(&arguments).end();
    (ended.code, ended.stdout, ended.stderr)
}

#[test]
fn shards_are_disjoint_and_merge_to_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let one = shard(&folder, &["--shard", "1/2"], "1.json");
    let two = shard(&folder, &["--shard", "2/2"], "2.json");
    let (code, out, error) = merged(&[&one, &two]);
    assert_eq!(code, Some(0), "{error}");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(report["total"].as_u64().unwrap() > 1000, "{}", report["total"]);
    assert_eq!(report["total"], report["of"]);
    assert_eq!(report["survivors"], 0);

    let (code, _, error) = merged(&[&one, &one]);
    assert_eq!(code, Some(1));
    assert!(error.contains("overlaps another shard"), "{error}");
    let (code, _, error) = merged(&[&two]);
    assert_eq!(code, Some(1));
    assert!(error.contains("the shards leave a gap"), "{error}");
}

#[test]
fn a_mutant_that_survived_in_a_shard_is_red_after_the_merge() {
    let folder = tempfile::tempdir().unwrap();
    let whole = shard(&folder, &[], "whole.json");
    let text = std::fs::read_to_string(&whole).unwrap();
    let survived = text.replacen(
        "\"delta\": \"killed\"",
        "\"delta\": {\"survived\": \"nobody looked\"}",
        1,
    );
    assert_ne!(survived, text);
    let mut file = std::fs::File::create(&whole).unwrap();
    std::io::Write::write_all(&mut file, survived.as_bytes()).unwrap();
    let (code, out, _) = merged(&[&whole]);
    assert_eq!(code, Some(1));
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["survivors"], 1);
}

#[test]
fn from_nothing_each_mutant_ends_as_its_delta_does() {
    let folder = tempfile::tempdir().unwrap();
    // Every 400th: one of each kind of file; CI runs them all, in shards.
    let path = shard(&folder, &["--full", "--shard", "7/400"], "full.json");
    let report: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(report["disagreements"], 0);
    let mutants = report["mutants"].as_object().unwrap();
    assert!(mutants.len() > 3, "{mutants:?}");
    assert!(
        mutants
            .values()
            .all(|mutant| mutant["from_nothing"] != serde_json::Value::Null)
    );
}

#[test]
fn what_a_body_does_that_is_no_longer_volatile_is_refused_from_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let id = "routines/volatility_swapped/sealed_rows_immutable";
    let path = shard(&folder, &["--full", "--only", id], "one.json");
    let report: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(report["total"], 1);
    assert_eq!(report["mutants"][id]["delta"], "killed");
    assert_eq!(report["mutants"][id]["from_nothing"]["refused"], "0A000");
}

#[test]
fn a_mutant_that_is_none_is_a_usage_error() {
    let ended = Running::start(&["mutants", "--only", "routines/none"]).end();
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("found `routines/none`"), "{}", ended.stderr);
}

#[test]
fn a_shard_that_is_none_is_a_usage_error() {
    for shard in ["0/2", "3/2", "1/0", "half"] {
        let ended = Running::start(&["mutants", "--shard", shard]).end();
        assert_eq!(ended.code, Some(2), "{shard}: {}", ended.stderr);
    }
}
