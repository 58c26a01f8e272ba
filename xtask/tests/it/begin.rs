//! `cargo xtask new`: what it writes is refused or red until a person has decided it, and nothing is overwritten.
//!
//! Not for: what a surface or a guard is. The one fact to know: the lines that it prints are entered here in a copy
//! of the manifests, and the compiler says whether they are all, and which count it waits for.

use crate::rig::{Ended, Repository, put};
use crate::tidy::{file, root};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const REGISTRY: &str = "crates/fix7-manifest/src/guards.rs";
const LIST: &str = "crates/fix7-manifest/src/surfaces/mod.rs";

/// A copy with the manifests and their model, as a workspace of their own.
fn repository() -> Repository {
    let repository = Repository::copy();
    for folder in ["crates/fix7-manifest", "crates/manifest-model"] {
        for file in crate::tidy::files(&[folder]) {
            put(&repository.path().join(file.path), file.text);
        }
    }
    for path in ["docs/guards-source.md", "Cargo.lock"] {
        put(&repository.path().join(path), file(path));
    }
    let workspace = file("Cargo.toml");
    let (before, members) = workspace.split_once("members = [").unwrap();
    let (_, after) = members.split_once(']').unwrap();
    let two = "members = [\"crates/fix7-manifest\", \"crates/manifest-model\"]";
    put(
        &repository.path().join("Cargo.toml"),
        format!("{before}{two}{after}"),
    );
    repository
}

fn begun(repository: &Repository, what: &str, name: &str) -> Value {
    let ended = repository.run(&["new", what, name, "--format", "json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.json()["format_version"], 1);
    ended.json()
}

/// Enters the lines that were printed.
fn enter(repository: &Repository, said: &Value) {
    let edits = said["edits"].as_array().unwrap();
    assert!(edits.len() >= 3, "{said}");
    for edit in edits {
        let text = |key: &str| edit[key].as_str().unwrap();
        assert_eq!(
            repository.read(text("path")).matches(text("from")).count(),
            1,
            "{edit}"
        );
        repository.edit(text("path"), text("from"), text("to"));
    }
}

/// What the compiler says of the manifests of the copy; nothing is fetched.
fn compiled(repository: &Repository) -> Ended {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet", "-p", "fix7-manifest"])
        .current_dir(repository.path())
        .env("CARGO_TARGET_DIR", repository.path().join("target"))
        .env_remove("CARGO_MANIFEST_DIR")
        .output()
        .unwrap();
    Ended {
        id: 0,
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Each count that is to be raised: with the old one the compiler says exactly that, with the new one nothing.
fn waits_for_its_count(repository: &Repository, said: &Value, path: &str, list: &str) {
    let count = &said["counts"][0];
    assert_eq!(count["path"], path);
    let number = |key: &str| format!("{list}.len() == {}", count[key]);
    repository.edit(path, &number("becomes"), &number("is"));
    let refused = compiled(repository);
    assert_ne!(refused.code, Some(0));
    assert_eq!(refused.stderr.matches("error[").count(), 1, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("evaluation panicked: FIX7 has exactly"),
        "{}",
        refused.stderr
    );
    repository.edit(path, &number("is"), &number("becomes"));
    let accepted = compiled(repository);
    assert_eq!(accepted.code, Some(0), "{}", accepted.stderr);
    // What else holds the count is named, and does.
    for test in count["tests"].as_array().unwrap() {
        let text = file(test.as_str().unwrap());
        let is = count["is"].to_string();
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        assert!(words.into_iter().any(|word| word == is), "{test} holds no {is}");
    }
}

#[test]
fn a_new_surface_is_refused_until_it_is_listed_and_compiles_once_its_lines_are_entered() {
    let repository = repository();
    let path = "crates/fix7-manifest/src/surfaces/s28_try_manifest.rs";
    let said = begun(&repository, "surface", "try_manifest");
    assert_eq!(said["wrote"], serde_json::json!([path]));
    assert_eq!(
        said["counts"][0]["compile_error"],
        "FIX7 has exactly 27 authority surfaces"
    );
    // Not listed, it is no part of the binary: the folder says that it is there.
    let unlisted = ["no surface of the control plane has the file", path];
    repository.run(&["author", "--check"]).failed(1, &unlisted);
    repository.run(&["author"]).failed(1, &unlisted);

    enter(&repository, &said);
    waits_for_its_count(&repository, &said, LIST, "SURFACES");
    // Each decision that is open is a problem by name: `undecided_texts_and_rows_are_not_authored` of `authoring`.
    let manifest = repository.read(path);
    for open in [
        "doc: \"UNKNOWN_REQUIRES_REVIEW:",
        "key: \"UNKNOWN_REQUIRES_REVIEW\"",
        "UnknownRequiresReview(",
    ] {
        assert_eq!(manifest.matches(open).count(), 1, "{open}");
    }

    // Its number is taken now, and so is its place.
    let before = repository.read(path);
    repository
        .run(&["new", "surface", "try_manifest"])
        .failed(2, &[path, "is there already"]);
    assert_eq!(repository.read(path), before);
}

#[test]
fn a_new_guard_is_refused_until_it_is_decided_and_is_red_where_it_is_asked() {
    let repository = repository();
    let said = begun(&repository, "guard", "G-ZZ-TRY");
    let paths = [
        "rehearsal/guards/g_zz_try.sql",
        "rehearsal/guard_cases/g_zz_try.toml",
    ];
    assert_eq!(said["wrote"], serde_json::json!(paths));
    assert_eq!(said["counts"][0]["compile_error"], "FIX7 has exactly 35 guards");
    repository
        .run(&["author", "--check"])
        .failed(1, &["no guard of the registry has the file", paths[0]]);
    enter(&repository, &said);
    waits_for_its_count(&repository, &said, REGISTRY, "GUARDS");
    assert!(repository.read("docs/guards-source.md").ends_with("`owners_of_phase` |\n| G-ZZ-TRY | UNKNOWN_REQUIRES_REVIEW: which clause of the rule does this probe measure? | `unknown_requires_review` |\n"));
    for path in paths {
        std::fs::remove_file(repository.path().join(path)).unwrap();
    }

    // One that the registry has, and whose files are gone, is begun again; then its files alone stand in the way.
    let [guard, cases] = [
        "rehearsal/guards/g_auth_27.sql",
        "rehearsal/guard_cases/g_auth_27.toml",
    ];
    repository
        .run(&["new", "guard", "G-AUTH-27"])
        .failed(2, &["is there already", guard, cases]);
    let old = [guard, cases].map(|path| rehearsal::sha256_hex(repository.read(path).as_bytes()));
    for path in [guard, cases] {
        std::fs::remove_file(repository.path().join(path)).unwrap();
    }
    let said = begun(&repository, "guard", "G-AUTH-27");
    assert_eq!(
        (&said["edits"], &said["counts"]),
        (&serde_json::json!([]), &serde_json::json!([]))
    );
    let open = [
        "UNKNOWN_REQUIRES_REVIEW: what always holds",
        "which clause of the rule",
    ];
    repository
        .run(&["author"])
        .failed(1, &[&[guard, "waits for a person"], &open[..]].concat());

    // Whoever asks it anyway, by a plan that names these bytes, is told red.
    for (path, old) in [guard, cases].iter().zip(old) {
        let new = rehearsal::sha256_hex(repository.read(path).as_bytes());
        let plan = repository.read("rehearsal/plan.toml");
        put(
            &repository.path().join("rehearsal/plan.toml"),
            plan.replace(&old, &new),
        );
    }
    let asked = repository.run(&[
        "rehearse",
        "--postgres",
        "local",
        "--only",
        "G-AUTH-27",
        "--format",
        "json",
    ]);
    assert_eq!(asked.code, Some(1), "{}", asked.stderr);
    let runs = asked.json()["guards"]["runs"].as_array().unwrap().clone();
    assert!(
        !runs.is_empty() && runs.iter().all(|run| run["verdict"] == "fail"),
        "{runs:?}"
    );

    // The guard decided, its cases are still open.
    let decided = repository
        .read(guard)
        .replace("UNKNOWN_REQUIRES_REVIEW: ", "decided: ");
    put(&repository.path().join(guard), decided);
    repository.run(&["author"]).failed(
        1,
        &[
            cases,
            "which statement breaks the rule?",
            "at which step is it due?",
        ],
    );
}

#[test]
fn a_name_that_can_t_be_one_is_told_and_nothing_is_written() {
    let repository = repository();
    let there = || -> Vec<String> {
        let folder = |path: &Path| {
            std::fs::read_dir(path)
                .unwrap()
                .map(|entry| entry.unwrap().path().display().to_string())
        };
        let of = |path: &str| folder(&repository.path().join(path)).collect::<Vec<_>>();
        let mut all = [
            of("rehearsal/guards"),
            of("rehearsal/guard_cases"),
            of("crates/fix7-manifest/src/surfaces"),
        ]
        .concat();
        all.sort();
        all
    };
    let before = there();
    for (what, name, why) in [
        ("guard", "g-try", "expected the id of a guard"),
        ("guard", "G-", "expected the id of a guard"),
        ("guard", "G-../X", "expected the id of a guard"),
        ("guard", "G-\u{1b}[2J", "G-\\u{1b}"),
        ("surface", "Try", "expected lower-case ASCII letters"),
        ("surface", "", "expected a name"),
        ("surface", "../try", "expected lower-case ASCII letters"),
        (
            "surface",
            "quorum_manifest",
            "has a relation or type of this name",
        ),
        (
            "surface",
            "v_fix7_acceptance",
            "has a relation or type of this name",
        ),
        (
            "surface",
            "a_name_that_leaves_no_room_for_its_constraints_",
            "has at most 46 bytes; found 47",
        ),
    ] {
        repository.run(&["new", what, name]).failed(2, &[why]);
    }
    // A place that can't be found is a place that nobody can be told of.
    repository.edit(REGISTRY, "GUARDS.len() == 35", "GUARDS.len() == 34");
    repository
        .run(&["new", "guard", "G-TRY"])
        .failed(1, &[REGISTRY, "found it 0 times", "nothing was written"]);
    assert_eq!(there(), before);
    // One of two files is taken: neither is written, and the one that is there is left.
    repository.edit(REGISTRY, "GUARDS.len() == 34", "GUARDS.len() == 35");
    let taken = repository.path().join("rehearsal/guard_cases/g_try.toml");
    put(&taken, "mine");
    repository
        .run(&["new", "guard", "G-TRY"])
        .failed(2, &["rehearsal/guard_cases/g_try.toml", "is there already"]);
    assert!(!root().join("rehearsal/guards/g_try.sql").exists());
    assert!(!repository.path().join("rehearsal/guards/g_try.sql").exists());
    assert_eq!(std::fs::read_to_string(taken).unwrap(), "mine");
}
