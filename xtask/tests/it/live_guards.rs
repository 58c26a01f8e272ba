//! `guards URL` on a database with the estate, and with the control plane that somebody committed there.
//!
//! Not for: what a guard finds (`crates/guards`). The one fact to know: the server is this test's own, and
//! what is committed on it dies with it.

use crate::rig::{Repository, put};
use crate::tidy::root;
use serde_json::Value;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, PgConnection};
use throwaway_postgres::{Options, Server};

/// A server with the estate, and a login `watcher` that nobody granted anything.
async fn live() -> (Server, PgConnection) {
    let committed = rehearsal::load(&root()).unwrap();
    let options = rehearsal::server_options(&Options::for_tests(), &committed);
    let server = throwaway_postgres::start(&options).await.unwrap();
    let mut admin = server
        .connect_options(&committed.plan.database)
        .connect()
        .await
        .unwrap();
    admin.execute("create role watcher login").await.unwrap();
    (server, admin)
}

/// Migrations and seeds, each file a transaction, as stock tools run them.
async fn commit_control_plane(admin: &mut PgConnection) {
    for folder in ["migrations", "seeds"] {
        let index: toml::Table = std::fs::read_to_string(root().join(folder).join("index.toml"))
            .unwrap()
            .parse()
            .unwrap();
        for file in index["file"].as_array().unwrap() {
            let path = format!("{folder}/{}.up.sql", file["name"].as_str().unwrap());
            let sql = std::fs::read_to_string(root().join(&path)).unwrap();
            let sql = format!("begin;\n{sql}\ncommit;");
            admin.execute(AssertSqlSafe(sql)).await.unwrap();
        }
    }
}

fn url(server: &Server, login: &str) -> String {
    server
        .connect_options_as("directus", login)
        .to_url_lossy()
        .to_string()
}

fn run<'a>(json: &'a Value, guard: &str) -> &'a Value {
    json["guards"]["runs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|run| run["guard"] == guard)
        .unwrap_or_else(|| panic!("no run of {guard}: {json:#}"))
}

#[tokio::test(flavor = "current_thread")]
async fn a_guard_is_green_for_an_auditor_and_not_measured_for_a_stranger() {
    let (server, mut admin) = live().await;
    commit_control_plane(&mut admin).await;
    let repository = Repository::copy();
    let watcher = url(&server, "watcher");
    let due = ["guards", &watcher, "--phase", "S11", "--format", "json"];

    let stranger = repository.run(&due);
    assert_eq!(stranger.code, Some(1), "{}", stranger.stderr);
    let json = stranger.json();
    assert_eq!(json["verdict"], "not_measured");
    assert_eq!(json["target"]["control_plane"], true);
    assert_eq!(json["target"]["superuser"], false);
    assert_eq!(json["guards"]["green"], 0);
    assert_eq!(json["guards"]["not_measured"], json["guards"]["total"]);
    assert!(
        run(&json, "G-EXACTSET-20")["reasons"]
            .to_string()
            .contains("42501")
    );

    admin.execute("grant qt001_cp_auditor to watcher").await.unwrap();
    let auditor = repository.run(&due);
    let json = auditor.json();
    assert_eq!(
        (auditor.code, &json["verdict"]),
        (Some(0), &"pass".into()),
        "{json:#}"
    );
    assert_eq!(json["guards"]["total"], 11, "seed 002 lists 11 guards at S11");
    assert_eq!(json["guards"]["green"], 11);

    let fault =
        "alter table qt001_cp.readiness_gate_manifest drop constraint readiness_gate_manifest_gate_no_check";
    admin.execute(fault).await.unwrap();
    let red = repository.run(&due);
    let json = red.json();
    assert_eq!(
        (red.code, &json["verdict"]),
        (Some(1), &"fail".into()),
        "{json:#}"
    );
    let exact = run(&json, "G-EXACTSET-20");
    assert_eq!(exact["verdict"], "fail");
    assert!(
        exact["reasons"]
            .to_string()
            .contains("readiness_gate_manifest_gate_no_check"),
        "{exact:#}"
    );
    drop(admin);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn what_compares_with_a_capture_wants_one_of_this_database() {
    let (server, mut admin) = live().await;
    commit_control_plane(&mut admin).await;
    admin.execute("grant qt001_cp_auditor to watcher").await.unwrap();
    let repository = Repository::copy();
    let (watcher, superuser) = (url(&server, "watcher"), url(&server, "postgres"));
    let due = |capture: &[&str]| {
        let args = ["guards", &watcher, "--phase", "S09", "--format", "json"];
        repository.run(&[&args, capture].concat())
    };

    let json = due(&[]).json();
    let read = run(&json, "G-DIRECTUS-READ");
    assert_eq!(read["verdict"], "not_measured");
    assert!(read["reasons"].to_string().contains("select_set"), "{read:#}");

    due(&["--capture", "nowhere"]).failed(2, &["nowhere", "cargo xtask capture URL --name nowhere"]);

    let taken = repository.run(&["capture", &superuser, "--name", "live"]);
    assert_eq!(taken.code, Some(0), "{}", taken.stderr);
    let json = due(&["--capture", "live"]).json();
    assert_eq!(run(&json, "G-DIRECTUS-READ")["verdict"], "pass", "{json:#}");

    let identifier = format!("system_identifier = \"{}\"", server.system_identifier());
    repository.edit(
        "rehearsal/captures/live/capture.toml",
        &identifier,
        "system_identifier = \"7\"",
    );
    let foreign = due(&["--capture", "live"]);
    assert_eq!(foreign.code, Some(1), "an edited capture: {}", foreign.stderr);
    drop(admin);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn the_reference_capture_is_not_of_another_database() {
    let (server, mut admin) = live().await;
    admin.execute("create table public.born_later ()").await.unwrap();
    let superuser = url(&server, "postgres");
    let ended = Repository::copy().run(&["guards", &superuser, "--capture", "reference", "--phase", "S09"]);
    ended.failed(2, &["capture `reference` is of another database: capture digest"]);
    drop(admin);
    server.stop().await.unwrap();
}

#[test]
fn a_step_without_guards_is_a_usage_error() {
    let ended = Repository::copy().run(&["guards", "postgres://localhost/x", "--phase", "S03"]);
    ended.failed(2, &["no guard is due at `S03`", "S19"]);
}

#[tokio::test(flavor = "current_thread")]
async fn the_guards_over_scripts_are_told_of_the_folder_that_is_named() {
    let (server, mut admin) = live().await;
    admin
        .execute("grant select on public.dot_tools to watcher")
        .await
        .unwrap();
    let repository = Repository::copy();
    let watcher = url(&server, "watcher");
    let dot = repository.path().join("rehearsal/estate/dot");
    let due = ["guards", &watcher, "--phase", "S00", "--format", "json"];

    let untold = repository.run(&due).json();
    assert_eq!(run(&untold, "G-DOT-FROZEN")["verdict"], "not_measured");

    let named = ["--dot", dot.to_str().unwrap()];
    let told = [&due[..], &named[..]].concat();
    let json = repository.run(&told).json();
    assert_eq!(run(&json, "G-DOT-FROZEN")["verdict"], "pass", "{json:#}");

    std::fs::remove_file(dot.join("DOT-119.sql")).unwrap();
    let json = repository.run(&told).json();
    let gone = run(&json, "G-DOT-FROZEN");
    assert_eq!(gone["verdict"], "fail", "{gone:#}");
    assert!(gone["reasons"].to_string().contains("DOT-119"), "{gone:#}");
    drop(admin);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn every_guard_before_the_control_plane_is_green_with_a_capture_and_the_scripts() {
    let (server, mut admin) = live().await;
    admin
        .execute("grant select on public.dot_tools to watcher")
        .await
        .unwrap();
    let repository = Repository::copy();
    let (watcher, superuser) = (url(&server, "watcher"), url(&server, "postgres"));
    let taken = repository.run(&["capture", &superuser, "--name", "live"]);
    assert_eq!(taken.code, Some(0), "{}", taken.stderr);
    let dot = repository.path().join("rehearsal/estate/dot");
    let dot = dot.to_str().unwrap();
    let due = [
        "guards",
        &watcher,
        "--phase",
        "S00",
        "--capture",
        "live",
        "--dot",
        dot,
        "--format",
        "json",
    ];
    let ended = repository.run(&due);
    let json = ended.json();
    assert_eq!(
        (ended.code, &json["verdict"]),
        (Some(0), &"pass".into()),
        "{json:#}"
    );
    assert_eq!(json["guards"]["green"], 6, "seed 002 lists 6 guards at S00");
    // What a script would overwrite is read from the folder, and decided by the flag in the database.
    admin
        .execute("update public.dot_tools set frozen = false where code = 'DOT-118'")
        .await
        .unwrap();
    let json = repository.run(&due).json();
    let overwritten = run(&json, "G-DOT-NOOVERWRITE");
    assert_eq!(overwritten["verdict"], "fail", "{overwritten:#}");
    assert!(
        overwritten["reasons"]
            .to_string()
            .contains("dot/DOT-118.sql would create routine public.fn_birth_registry_auto"),
        "{overwritten:#}"
    );
    drop(admin);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn a_database_that_nobody_here_made_is_told_what_has_no_subject_in_it() {
    let (server, mut admin) = live().await;
    admin.execute("create database shop").await.unwrap();
    let reach = |login: &str| {
        server
            .connect_options_as("shop", login)
            .to_url_lossy()
            .to_string()
    };
    let repository = Repository::copy();
    let taken = repository.run(&["capture", &reach("postgres"), "--name", "shop"]);
    assert_eq!(taken.code, Some(0), "{}", taken.stderr);
    let ended = repository.run(&[
        "guards",
        &reach("watcher"),
        "--capture",
        "shop",
        "--format",
        "json",
    ]);
    let json = ended.json();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(json["guards"]["green"], 0, "{json:#}");
    for guard in [
        "G-PGNATIVE",
        "G-UNKNOWN-ZERO",
        "G-NOLEGACY-PRE",
        "G-LEGACY-TARGET-SEALED",
        // One whose rows would be the control plane's, and one that finds no view to look at.
        "G-WRITER-GATEWAY-IDENTITY",
        "G-DIRECTUS-READ",
    ] {
        let found = run(&json, guard);
        assert_eq!(found["verdict"], "not_measured", "{found:#}");
        assert!(
            found["reasons"]
                .to_string()
                .contains("not applicable: none of the 262 objects"),
            "{found:#}"
        );
    }
    // Nobody named the folder: that is another reason.
    let scripts = run(&json, "G-DOT-FROZEN");
    assert!(
        scripts["reasons"]
            .to_string()
            .contains("it must be told `dot`: --dot DIR"),
        "{scripts:#}"
    );
    drop(admin);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn what_stood_there_before_a_step_is_remembered_then_and_handed_over_later() {
    let (server, mut admin) = live().await;
    admin
        .execute("grant pg_read_all_data, pg_read_all_stats to watcher")
        .await
        .unwrap();
    let repository = Repository::copy();
    let watcher = url(&server, "watcher");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("before.json");
    let path = file.to_str().unwrap();
    let kept = repository.run(&[
        "guards",
        &watcher,
        "--phase",
        "S00",
        "--remember",
        path,
        "--format",
        "json",
    ]);
    let json = kept.json();
    assert_eq!(
        json["remembered"]["keys"],
        serde_json::json!(["birth_baseline", "permit_baseline"]),
        "{json:#}"
    );
    commit_control_plane(&mut admin).await;
    admin.execute("grant qt001_cp_auditor to watcher").await.unwrap();
    let due = ["guards", &watcher, "--phase", "S17", "--format", "json"];
    let birth = |more: &[&str]| {
        let json = repository.run(&[&due[..], more].concat()).json();
        run(&json, "G-BIRTH-NEUTRAL").clone()
    };

    let untold = birth(&[]);
    assert_eq!(untold["verdict"], "not_measured");
    assert_eq!(
        untold["reasons"],
        serde_json::json!([
            "it must be told `birth_baseline`: --remembered FILE, which `cargo xtask guards URL --phase S00 --moment after --remember FILE` wrote at that moment"
        ])
    );
    let told = birth(&["--remembered", path]);
    assert_eq!(told["verdict"], "pass", "{told:#}");
    admin
        .execute(
            "insert into public.birth_registry (entity_code, collection_name) values ('NOBODY-1', 'nowhere')",
        )
        .await
        .unwrap();
    let disturbed = birth(&["--remembered", path]);
    assert_eq!(disturbed["verdict"], "fail", "{disturbed:#}");

    // A file of another database, one given twice, one that somebody edited, and one that is none.
    let other = url(&server, "watcher").replace("/directus?", "/postgres?");
    assert_ne!(other, watcher);
    let foreign = repository.run(&["guards", &other, "--phase", "S00", "--remembered", path]);
    foreign.failed(2, &["it is of database `directus`", "expected `postgres`"]);
    let twice = repository.run(&[&due[..], &["--remembered", path, "--remembered", path]].concat());
    twice.failed(2, &["`birth_baseline` was given already"]);
    let text = std::fs::read_to_string(&file).unwrap();
    put(&file, text.replace("\"rows\": ", "\"rows\": 1"));
    let edited = repository.run(&[&due[..], &["--remembered", path]].concat());
    edited.failed(2, &["it has changed since it was written"]);
    put(&file, "{}");
    let none = repository.run(&[&due[..], &["--remembered", path]].concat());
    none.failed(2, &["can't be handed to a guard", "--remember FILE"]);
    let nothing = repository.run(&["guards", &watcher, "--phase", "S19", "--remember", path]);
    nothing.failed(
        2,
        &[
            "nothing is remembered at S19 (after)",
            "--phase S15 --moment before",
        ],
    );
    drop(admin);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn guards_over_rows_that_are_not_here_take_the_verdict_of_a_rehearsal_on_the_same_capture() {
    let (server, admin) = live().await;
    let repository = Repository::copy();
    let (watcher, superuser) = (url(&server, "watcher"), url(&server, "postgres"));
    let taken = repository.run(&["capture", &superuser, "--name", "live"]);
    assert_eq!(taken.code, Some(0), "{}", taken.stderr);
    let index: toml::Table = repository
        .read("rehearsal/captures/live/capture.toml")
        .parse()
        .unwrap();
    let captured = index["capture_sha256"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rehearsed.json");
    let path = file.to_str().unwrap();
    let due = [
        "guards",
        &watcher,
        "--phase",
        "S13",
        "--capture",
        "live",
        "--format",
        "json",
    ];
    let untold = repository.run(&due).json();
    let gateway = run(&untold, "G-WRITER-GATEWAY-IDENTITY");
    assert_eq!(gateway["verdict"], "not_measured");
    assert!(
        gateway["reasons"][0]
            .as_str()
            .unwrap()
            .contains("--rehearsed FILE"),
        "{gateway:#}"
    );

    let asked = |verdict: &str, of: &str, cell: &str| {
        let outcome = serde_json::json!({
            "verdict": verdict,
            "estate": {"capture_sha256": of},
            "guards": {"runs": [{"guard": "G-WRITER-GATEWAY-IDENTITY", "step": "S13", "moment": "after", "verdict": cell}]},
        });
        put(&file, outcome.to_string());
        repository.run(&[&due[..], &["--rehearsed", path]].concat())
    };
    let told = asked("pass", captured, "pass").json();
    let gateway = run(&told, "G-WRITER-GATEWAY-IDENTITY");
    assert_eq!(
        (&gateway["verdict"], &gateway["measured_by"]),
        (&"pass".into(), &"rehearsal".into())
    );
    // What it says of another guard is not taken where this database can be asked, nor where it says nothing.
    assert_eq!(run(&told, "G-UNKNOWN-ZERO")["measured_by"], "database");
    assert_eq!(run(&told, "G-NOLEGACY-PRE")["verdict"], "not_measured");
    for (verdict, cell) in [("fail", "pass"), ("pass", "fail"), ("pass", "not_measured")] {
        let json = asked(verdict, captured, cell).json();
        assert_eq!(
            run(&json, "G-WRITER-GATEWAY-IDENTITY")["verdict"],
            "not_measured",
            "{json:#}"
        );
    }
    asked("pass", &"0".repeat(64), "pass").failed(2, &["is no outcome of a rehearsal on this capture"]);
    drop(admin);
    server.stop().await.unwrap();
}

#[test]
fn a_moment_at_which_no_guard_is_due_is_a_usage_error() {
    let ended = Repository::copy().run(&[
        "guards",
        "postgres://localhost/x",
        "--phase",
        "S13",
        "--moment",
        "before",
    ]);
    ended.failed(
        2,
        &["no guard is due at `S13` (before)", "expected --moment after"],
    );
}
