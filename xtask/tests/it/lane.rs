//! The lane, the probes and the record of the doors, as people run them.
//!
//! Not for: each document and check (`crates/lane`). The one fact to know: one test runs the whole lane, and looks
//! at everything that its packet says.

use crate::rerun::{THIS_BUILD, cargo};
use crate::rig::{Repository, Running, run_script};
use crate::tidy::{file, root};
use footprint::{Footprint, Whose};
use serde_json::Value;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a command with its footprint.
fn traced(args: &[&str]) -> (Option<i32>, String, Footprint) {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("footprint.json");
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(args)
        .env("CARGO_MANIFEST_DIR", root().join("xtask"))
        .env("XTASK_FOOTPRINT", &trace)
        .stdin(Stdio::null())
        .process_group(0)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let found = serde_json::from_slice(&fs::read(&trace).unwrap()).unwrap();
    (output.status.code(), String::from_utf8(said).unwrap(), found)
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap())
        .unwrap_or_else(|error| panic!("`{name}`: {error}"))
}

#[test]
fn the_committed_delegation_and_pins_hold() {
    let ended = Running::start(&["lane", "check"]).end();
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    for words in ["FIX7-P0-PLAN-EXEC-AUTH-1", "TKT-OBJ-442 to TKT-OBJ-461"] {
        assert!(ended.stdout.contains(words), "{}", ended.stdout);
    }
    assert!(file("governance/pins.toml").matches("[[pin]]").count() >= 10);
}

#[test]
fn a_lane_leaves_a_packet_from_which_everything_follows() {
    let folder = tempfile::tempdir().unwrap();
    let packet = folder.path().join("packet");
    let place = packet.to_str().unwrap();
    let ended = Running::start(&["lane", "--postgres", "local", "--packet", place]).end();
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    for stage in ["S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7"] {
        assert!(
            ended.stdout.contains(&format!("  {stage}  pass  ")),
            "{}",
            ended.stdout
        );
    }
    ended.left_nothing();

    let verified = Running::start(&["lane", "verify", place, "--this-checkout", "--format", "json"]).end();
    let report = verified.json();
    assert_eq!(
        (verified.code, &report["verification"]),
        (Some(0), &Value::from("pass")),
        "{report}"
    );
    let proof = json(&packet, "forbidden-surface-proof.json");
    let surfaces = proof["surfaces"].as_array().unwrap();
    assert_eq!(surfaces.len(), 16);
    for surface in surfaces {
        let status = surface["status"].as_str().unwrap();
        assert!(["UNTOUCHED", "NOT_REQUESTED"].contains(&status), "{surface}");
    }
    assert_eq!(proof["any_forbidden_surface_attempted"], false);
    let probes = json(&packet, "probes.json");
    let classes = probes["classes"].as_array().unwrap();
    assert_eq!(classes.len(), 15);
    for class in classes {
        let probes = class["probes"].as_array().unwrap();
        assert!(
            probes.len() >= 3 && probes.iter().all(|probe| probe["refused"] == true),
            "{class}"
        );
    }
    let gate = json(&packet, "rollback-gate.json");
    assert_eq!(gate["production_rollback_status"], "NOT_APPLICABLE");
    assert_eq!(
        gate["mutations_fabricated"],
        serde_json::json!([
            "ROLLBACK_APPLY_DID_NOT_MUTATE:M-1",
            "ROLLBACK_APPLY_DID_NOT_MUTATE:M-2"
        ])
    );
    for id in ["rehearsal", "committed"] {
        let twins = gate["gate"]["fabricated"].as_array().unwrap();
        let noticed = format!("ROLLBACK_APPLY_DID_NOT_MUTATE:{id}");
        assert!(
            twins
                .iter()
                .any(|twin| twin.as_str().unwrap().starts_with(&noticed)),
            "{twins:?}"
        );
    }
    let map = json(&packet, "production-readiness-blocker-map.json");
    assert_eq!(
        (&map["production"], &map["default"]),
        (&Value::from("BLOCKED"), &Value::from("HOLD"))
    );
    let addendum = json(&packet, "governance-addendum.json");
    let ids: Vec<&str> = addendum["objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!((ids.len(), ids[0], ids[19]), (20, "TKT-OBJ-442", "TKT-OBJ-461"));
    let environment = json(&packet, "environment.json");
    assert!(
        environment["statements"]["made"].as_u64().unwrap() > 1000,
        "{environment}"
    );
    // Nothing of this machine stands in the tree.
    for entry in fs::read_dir(&packet).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file()
            && !path
                .file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("environment")
        {
            let text = fs::read_to_string(&path).unwrap();
            for words in [
                "/tmp/",
                "/dev/shm",
                &*root().to_string_lossy(),
                &*folder.path().to_string_lossy(),
            ] {
                assert!(!text.contains(words), "`{}` holds `{words}`", path.display());
            }
        }
    }

    its_script_compares_whatever_a_lane_gives(&packet, folder.path());
    let gate = Running::start(&["rollback-gate", packet.join("rehearsal").to_str().unwrap()]).end();
    assert_eq!(gate.code, Some(0), "{}", gate.stdout);
    let taken = Running::start(&["lane", "--packet", place]).end();
    taken.failed(2, &["EVIDENCE_EXISTS", "never overwritten"]);
}

/// `RERUN.sh` with a cargo whose lane is a copy, whole or with another tree; the verification is the real one.
fn its_script_compares_whatever_a_lane_gives(packet: &Path, folder: &Path) {
    let checkout = root();
    let script = packet.join("RERUN.sh");
    let run = |spoil: &str| {
        let does = format!(
            "if test \"$2\" = verify; then {THIS_BUILD}; fi\n\
             test \"$1 $2 $3 $4\" = 'lane --postgres local --packet' || exit 98\n\
             cp -r '{}' \"$5\"\n{spoil}",
            packet.display()
        );
        run_script(
            &script,
            &cargo(folder, &does),
            &[checkout.to_str().unwrap(), "--postgres", "local"],
        )
    };
    let same = run("");
    assert_eq!(same.code, Some(0), "{}{}", same.stdout, same.stderr);
    assert!(
        same.stdout.ends_with("the rerun gave the same tree\n"),
        "{}",
        same.stdout
    );
    for words in ["those of this checkout", "PostgreSQL ", "VERIFIED"] {
        assert!(same.stdout.contains(words), "no `{words}`: {}", same.stdout);
    }
    let other = run("sed -i.bak 's/\"size\": 1/\"size\": 2/' \"$5/lane.json\"");
    assert_eq!(other.code, Some(1), "{}{}", other.stdout, other.stderr);
    assert!(
        other.stderr.contains("the rerun gave another tree"),
        "{}",
        other.stderr
    );
    let stopped = run("exit 1");
    assert_eq!(stopped.code, Some(1), "{}{}", stopped.stdout, stopped.stderr);
    assert!(!stopped.stdout.contains("the same tree"), "{}", stopped.stdout);
}

#[test]
fn a_lane_without_its_delegation_stops_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let packet = folder.path().join("packet");
    let (code, said, found) = traced(&[
        "lane",
        "--packet",
        packet.to_str().unwrap(),
        "--delegation",
        folder.path().join("nowhere").to_str().unwrap(),
    ]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("DELEGATION_MISSING") && said.contains("STOPPED at S0"),
        "{said}"
    );
    assert!(!packet.exists());
    assert!(
        found.connections.is_empty() && found.programs.is_empty(),
        "{found:?}"
    );
}

#[test]
fn a_lane_stops_at_the_first_stage_that_fails_and_leaves_nothing() {
    let repository = Repository::copy();
    let packet = repository.path().join("packet");
    let place = packet.to_str().unwrap().to_owned();
    let stopped = |stage: &str, words: &[&str]| {
        let ended = repository.run(&["lane", "--postgres", "local", "--packet", &place]);
        assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
        let at = format!("STOPPED at {stage}: no packet was written");
        assert!(ended.stdout.contains(&at), "{}", ended.stdout);
        for word in words {
            assert!(ended.stdout.contains(word), "no `{word}`: {}", ended.stdout);
        }
        assert!(!packet.exists());
        ended.left_nothing();
    };
    let seed = "seeds/09102_principal_manifest.up.sql";
    repository.edit(seed, "human.owner", "human.somebody");
    stopped("S1", &["LANE_DOCUMENT_DIFFERS:S1", seed]);
    let register = "governance/canonical/register.toml";
    let before = repository.read(register);
    repository.edit(register, "TKT-OBJ-441", "TKT-OBJ-442");
    stopped(
        "S0",
        &[
            "PIN_CHANGED:governance/canonical/register.toml",
            "expected sha256",
        ],
    );
    // With its pin moved as well, the ids still tell.
    let digest = |text: &str| rehearsal::sha256_hex(text.as_bytes());
    let after = repository.read(register);
    repository.edit("governance/pins.toml", &digest(&before), &digest(&after));
    stopped("S0", &["GOVERNANCE_CEILING", "GOVERNANCE_ID_TAKEN:TKT-OBJ-442"]);
    let frozen = "crates/evidence/frozen/outcome.json";
    repository.edit(frozen, "pass", "fail");
    stopped("S0", &["PIN_CHANGED:crates/evidence/frozen/outcome.json"]);
    repository.edit("governance/delegation.toml", "asks = []", "asks = [\"CUTOVER\"]");
    stopped("S0", &["DELEGATION_ASKS_FORBIDDEN:CUTOVER"]);
}

#[test]
fn a_forbidden_surface_is_refused_by_its_name_and_a_url_without_its_password() {
    for (args, surface) in [
        (&["cutover"][..], "CUTOVER"),
        (&["rehearse", "--real-run"], "REAL_RUN"),
        (&["evidence", "delete", "x"], "EVIDENCE_DELETION"),
    ] {
        let ended = Running::start(args).end();
        ended.failed(1, &[&format!("FORBIDDEN_SURFACE:{surface}"), "HOLD"]);
    }
    let ended = Running::start(&[
        "rehearse",
        "--postgres",
        "https://somebody:hunter2@cms.example.invalid",
    ])
    .end();
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    assert_eq!(Running::start(&["rehearse", "--sideways"]).end().code, Some(2));
}

#[test]
fn status_shows_hold_and_every_blocker() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_str().unwrap();
    let ended = Running::start(&["status", "--state", state]).end();
    assert!(ended.stdout.contains("PRODUCTION: HOLD"), "{}", ended.stdout);
    let ids = [
        "FIX7-P0-PROD-BIRTH-SURFACE-1",
        "FIX7-P0-PROD-CI-SCOPE-1",
        "FIX7-P0-DRYRUN-PROD-ROLLBACK-1",
        "FIX7-P0-PLAN-REALRUN-1",
        "FIX7-P0-PLAN-SEPARATE-AUTH-1",
        "FIX7-P0-PROD-OPT4-1",
        "FIX7-P0-OPERATOR-INPUT-1",
    ];
    for id in ids {
        assert!(ended.stdout.contains(id), "no `{id}`: {}", ended.stdout);
    }
    let json = Running::start(&["status", "--state", state, "--format", "json"])
        .end()
        .json();
    let production = &json["production"];
    assert_eq!(
        (&production["production"], &production["default"]),
        (&Value::from("BLOCKED"), &Value::from("HOLD"))
    );
    let found: Vec<&str> = production["blockers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(found, ids);
}

/// What a rehearsal leaves at the doors, and that a live database does not go unseen.
#[tokio::test]
async fn the_doors_record_whose_server_is_reached() {
    let (_, said, found) = traced(&["rehearse", "--postgres", "local", "--format", "json", "PKG-A"]);
    assert!(found.counted, "{said}");
    assert!(found.connections[&Whose::Made] > 2, "{found:?}");
    assert!(found.statements[&Whose::Made].statements > 500, "{found:?}");
    assert_eq!(
        (found.foreign_connections(), found.foreign_statements()),
        (0, 0),
        "{found:?}"
    );
    assert!(
        found.statements[&Whose::Made].naming["system_issues"] > 0,
        "{found:?}"
    );
    let outside: Vec<_> = found.outside().collect();
    assert!(outside.is_empty(), "{outside:?}");

    let server = throwaway_postgres::start(&throwaway_postgres::Options::for_local_tests().unwrap())
        .await
        .unwrap();
    let socket = server.socket_dir().unwrap().display().to_string();
    let url = format!("postgres://postgres@localhost:5432/postgres?host={socket}");
    let (_, said, live) = traced(&["guards", &url]);
    assert!(live.connections[&Whose::Live] > 0, "{said}");
    assert!(live.statements[&Whose::Live].statements > 0, "{said}");
    assert!(live.foreign_statements() > 0, "{live:?}");
    let (_, said, approved) = traced(&["rehearse", "--postgres", &url, "PKG-A"]);
    assert!(said.contains("TARGET_NOT_APPROVED"), "{said}");
    assert_eq!(approved.connections[&Whose::Approved], 1, "{approved:?}");
    server.stop().await.unwrap();
}
