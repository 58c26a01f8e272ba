//! `rehearse --estate FILE`: dumps of the reference estate, and of a database that nobody here made.
//!
//! Not for: what a whole rehearsal finds. The one fact to know: dumps are made by the `pg_dump` beside the
//! server's own programs, as somebody would who takes one of a live database.

use crate::rig::{Ended, Repository, put};
use crate::tidy::root;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use throwaway_postgres::{Options, Server};

/// A live server with the estate and a foreign database, and what is dumped of it.
struct Live {
    server: Server,
    folder: TempDir,
    repository: Repository,
}

impl Live {
    async fn start() -> Self {
        let committed = rehearsal::load(&root()).unwrap();
        let options = rehearsal::server_options(&Options::for_local_tests().unwrap(), &committed);
        Self {
            server: throwaway_postgres::start(&options).await.unwrap(),
            folder: tempfile::tempdir().unwrap(),
            repository: Repository::copy(),
        }
    }

    async fn execute(&self, database: &str, sql: &str) {
        let mut connection = self.server.connect_options(database).connect().await.unwrap();
        connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    }

    /// Runs a client program; what it wrote lies in the file that is answered.
    fn client(&self, program: &str, args: &[&str], name: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        let status = Command::new(self.server.bin_dir().unwrap().join(program))
            .args(args)
            .arg("-f")
            .arg(&file)
            .env("PGHOST", self.server.socket_dir().unwrap())
            .env("PGUSER", "postgres")
            .status()
            .unwrap();
        assert!(status.success(), "{program} {args:?}");
        file
    }

    fn globals(&self) -> PathBuf {
        self.client("pg_dumpall", &["--globals-only"], "globals.sql")
    }

    fn rehearse(&self, dump: &Path, args: &[&str]) -> Ended {
        let estate = [
            "rehearse",
            "PKG-B",
            "--postgres",
            "local",
            "--format",
            "json",
            "--estate",
        ];
        self.repository
            .run(&[&estate[..], &[dump.to_str().unwrap()], args].concat())
    }

    async fn end(self) {
        self.server.stop().await.unwrap();
    }
}

fn verdicts(json: &serde_json::Value) -> Vec<String> {
    let packages = json["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| package["verdict"].as_str().unwrap().to_owned())
        .collect()
}

/// PKG-A and PKG-B are rehearsed on a dump, and nothing after them.
#[track_caller]
fn demand_two_measured(json: &serde_json::Value) {
    let found = verdicts(json);
    assert_eq!(found.len(), 9, "{json:#}");
    assert_eq!(found[..2], ["pass", "pass"], "{json:#}");
    assert!(
        found[2..].iter().all(|verdict| verdict == "not_measured"),
        "{found:?}"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn a_plain_dump_with_its_capture_is_rehearsed_with_rows_of_its_own() {
    let live = Live::start().await;
    let url = live.server.connect_options("directus").to_url_lossy().to_string();
    let taken = live.repository.run(&["capture", &url, "--name", "live"]);
    assert_eq!(taken.code, Some(0), "{}", taken.stderr);
    let dump = live.client("pg_dump", &["-d", "directus"], "plain.sql");
    let ended = live.rehearse(&dump, &["--capture", "live"]);
    let json = ended.json();
    demand_two_measured(&json);
    assert_eq!(json["findings"], serde_json::json!([]));
    let captured = live.repository.read("rehearsal/captures/live/capture.toml");
    assert_eq!(json["estate"]["capture"], "live");
    assert!(captured.contains(json["estate"]["capture_sha256"].as_str().unwrap()));
    let authored = json["authored_for_server"].as_array().unwrap();
    assert!(!authored.is_empty(), "no row is of the restored database");
    ended.left_nothing();

    // A database that has moved since it was captured is not the captured one.
    live.execute("directus", "create view public.born_later as select 1 as n")
        .await;
    let later = live.client("pg_dump", &["-d", "directus"], "later.sql");
    live.rehearse(&later, &["--capture", "live"])
        .failed(1, &["not what capture `live` says", "public.born_later"]);

    live.execute(
        "directus",
        r"comment on view public.born_later is e'\x1b[2Jnothing to see'; revoke select on public.qt001_v_dashboard from analyst;
          create or replace function public.fn_birth_registry_auto() returns trigger language plpgsql as e'begin\nreturn new;\nend'",
    )
    .await;
    let taken = live.repository.run(&["capture", &url, "--name", "later"]);
    assert_eq!(taken.code, Some(0), "{}", taken.stderr);
    let moved = live.repository.run(&["capture", "diff", "live", "later"]);
    assert_eq!(moved.code, Some(1), "{}", moved.stderr);
    let lines: Vec<&str> = moved.stdout.lines().collect();
    for line in [
        "+ view public.born_later",
        "+ relation public.born_later",
        "+ comment view public.born_later",
        "~ routine public.fn_birth_registry_auto()",
        "~ relation public.qt001_v_dashboard",
        "    acl analyst by directus: SELECT -> nothing",
    ] {
        assert!(lines.contains(&line), "`{line}` is not in {lines:#?}");
    }
    assert!(!moved.stdout.contains('\x1b'), "{}", moved.stdout);
    let back = live
        .repository
        .run(&["capture", "diff", "later", "live", "--format", "json"]);
    let changes: BTreeSet<String> = back.json()["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {}",
                one["change"].as_str().unwrap(),
                one["kind"].as_str().unwrap()
            )
        })
        .collect();
    assert!(changes.contains("removed view"), "{changes:?}");
    let same = live.repository.run(&["capture", "diff", "live", "live"]);
    assert_eq!(same.code, Some(0), "{}", same.stderr);
    live.repository
        .run(&["capture", "diff", "live", "never"])
        .failed(2, &["there is no capture `never`"]);
    live.repository
        .run(&["capture", "diff", "live", "./never"])
        .failed(2, &["`./never` holds no capture"]);
    live.end().await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_dump_is_captured_as_the_database_that_it_is_of() {
    let live = Live::start().await;
    let url = live.server.connect_options("directus").to_url_lossy().to_string();
    let globals = live.globals();
    let dump = live.client("pg_dump", &["-Fc", "-d", "directus"], "custom.dump");
    let of_dump = |dump: &Path, name: &str, more: &[&str]| {
        let estate = ["capture", "--postgres", "local", "--name", name, "--estate"];
        let estate = [&estate[..], &[dump.to_str().unwrap()], more].concat();
        live.repository.run(&estate)
    };
    let roles = ["--globals", globals.to_str().unwrap(), "--owner", "directus"];
    let taken = of_dump(&dump, "dumped", &roles);
    assert_eq!(taken.code, Some(0), "{}", taken.stderr);
    assert!(
        taken.stdout.contains("captured the dump") && taken.stdout.contains("custom.dump"),
        "{}",
        taken.stdout
    );
    taken.left_nothing();
    // The cluster that it was restored on is gone: the capture is of what was in it.
    let captured = live.repository.read("rehearsal/captures/dumped/capture.toml");
    assert!(!captured.contains("system_identifier"), "{captured}");
    let ended = live.rehearse(&dump, &["--capture", "dumped"]);
    demand_two_measured(&ended.json());
    // A dump of later on is of another database than the capture, and the live one too.
    live.execute("directus", "create table public.born_later ()")
        .await;
    live.repository
        .run(&["guards", &url, "--capture", "dumped", "--phase", "S00"])
        .failed(2, &["capture `dumped` is of another database"]);

    of_dump(&dump, "dumped", &[]).failed(2, &["--globals"]);
    of_dump(&dump, "Not A Name", &roles).failed(2, &["`Not A Name` is no name for a capture"]);
    let broken = live.folder.path().join("broken.sql");
    put(&broken, "select 1;\nselect nothing from nowhere;\n");
    of_dump(&broken, "broken", &roles).failed(1, &["broken.sql:2", "nowhere"]);
    assert!(!live.repository.path().join("rehearsal/captures/broken").exists());
    live.repository
        .run(&["capture", "--name", "none"])
        .failed(2, &["URL"]);
    live.end().await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_custom_dump_with_globals_is_rehearsed() {
    let live = Live::start().await;
    let dump = live.client("pg_dump", &["-Fc", "-d", "directus"], "custom.dump");
    let globals = live.globals();
    let ended = live.rehearse(
        &dump,
        &["--globals", globals.to_str().unwrap(), "--owner", "directus"],
    );
    let json = ended.json();
    demand_two_measured(&json);
    live.end().await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_database_without_the_legacy_path_is_not_applicable_and_never_green() {
    let live = Live::start().await;
    live.execute("postgres", "create database shop").await;
    live.execute(
        "shop",
        "create table public.orders (n integer primary key); grant select on public.orders to directus",
    )
    .await;
    let dump = live.client("pg_dump", &["-Fc", "-d", "shop"], "shop.dump");
    let globals = live.globals();
    let ended = live.rehearse(
        &dump,
        &["--globals", globals.to_str().unwrap(), "--owner", "postgres"],
    );
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let json = ended.json();
    assert_eq!(json["verdict"], "not_measured");
    assert_eq!(
        verdicts(&json),
        [
            "not_measured",
            "not_applicable",
            "not_applicable",
            "not_applicable",
            "not_applicable",
            "not_applicable",
            "not_applicable",
            "not_applicable",
            "not_applicable"
        ]
    );
    let cell = &json["packages"][1]["validation"][0];
    assert_eq!(cell["verdict"], "not_applicable");
    assert!(
        cell["reasons"]
            .to_string()
            .contains("is in the catalog of this database"),
        "{cell:#}"
    );
    // PKG-A was applied step by step: its guards have no rows to range over, which is not that nobody came to them.
    let cells = [&json["packages"], &json["guards"]["runs"]].map(ToString::to_string);
    for cells in cells {
        assert!(!cells.contains("its step was not reached"), "{cells}");
    }
    live.end().await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_database_with_a_part_of_the_legacy_path_is_refused_by_name() {
    let live = Live::start().await;
    live.execute("directus", "drop view public.v_ledger_balance cascade")
        .await;
    let dump = live.client("pg_dump", &["-Fc", "-d", "directus"], "part.dump");
    let globals = live.globals();
    live.rehearse(
        &dump,
        &["--globals", globals.to_str().unwrap(), "--owner", "directus"],
    )
    .failed(1, &["lacks", "of the 262 objects", "v_ledger_balance"]);
    live.end().await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_dump_that_does_not_restore_is_named_with_its_line() {
    let live = Live::start().await;
    let globals = live.globals();
    let broken = live.folder.path().join("broken.sql");
    put(
        &broken,
        "create table public.a (n integer);\n\nselect nothing from nowhere;\n",
    );
    let roles = ["--globals", globals.to_str().unwrap(), "--owner", "directus"];
    live.rehearse(&broken, &roles)
        .failed(1, &["broken.sql:3", "relation \"nowhere\" does not exist"]);
    put(&broken, "PGDMP and then nothing that pg_restore knows");
    live.rehearse(&broken, &roles)
        .failed(1, &["does not restore", "pg_restore: "]);
    put(&broken, "");
    live.rehearse(&broken, &roles).failed(2, &["is empty"]);
    live.rehearse(&live.folder.path().join("absent.sql"), &roles)
        .failed(2, &["can't read the dump", "absent.sql"]);
    live.rehearse(&broken, &[]).failed(
        2,
        &["a dump carries no roles", "--capture NAME", "--globals FILE"],
    );
    live.end().await;
}
