//! PKG-D as a person walks it (`docs/repoint.md`): capture, dump, rehearse on the dump, prove on the live database.
//!
//! Not for: each thing that makes it no-go (`repoint_proof`). The one fact to know: the outcome is a rehearsal's own, so
//! whatever keeps a rehearsal on a dump from passing fails here.

use crate::leave::passed;
use crate::rig::{Ended, Repository, put};
use crate::tidy::root;
use operator_authorization::Evidence;
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Executor as _, PgConnection};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use throwaway_postgres::{Options, Server};

struct Live {
    server: Server,
    admin: PgConnection,
    folder: TempDir,
    repository: Repository,
}

impl Live {
    async fn start() -> Self {
        let committed = rehearsal::load(&root()).unwrap();
        let options = rehearsal::server_options(&Options::for_local_tests().unwrap(), &committed);
        let server = throwaway_postgres::start(&options).await.unwrap();
        Self {
            admin: server.connect_options("directus").connect().await.unwrap(),
            server,
            folder: tempfile::tempdir().unwrap(),
            repository: Repository::copy(),
        }
    }

    async fn execute(&mut self, sql: &'static str) {
        self.admin.execute(sql).await.unwrap();
    }

    fn url(&self) -> String {
        self.server.connect_options("directus").to_url_lossy().to_string()
    }

    /// Captures and dumps the database as it is now, under this name.
    fn keep(&self, name: &str) -> PathBuf {
        let taken = self.repository.run(&["capture", &self.url(), "--name", name]);
        assert_eq!(taken.code, Some(0), "{}", taken.stderr);
        let file = self.folder.path().join(format!("{name}.dump"));
        let dumped = Command::new(self.server.bin_dir().unwrap().join("pg_dump"))
            .args(["-Fc", "-d", "directus", "-f"])
            .arg(&file)
            .env("PGHOST", self.server.socket_dir().unwrap())
            .env("PGUSER", "postgres")
            .status();
        assert!(dumped.unwrap().success());
        file
    }

    fn rehearse(&self, name: &str) -> Ended {
        let dump = self.folder.path().join(format!("{name}.dump"));
        let estate = [
            "rehearse",
            "--postgres",
            "local",
            "--format",
            "json",
            "--capture",
            name,
        ];
        let dump = ["--estate", dump.to_str().unwrap()];
        self.repository.run(&[&estate, &dump[..]].concat())
    }

    fn prove(&self, name: &str, outcome: &str) -> Value {
        self.prove_and(name, outcome, &[])
    }

    fn prove_and(&self, name: &str, outcome: &str, more: &[&str]) -> Value {
        let file = self.folder.path().join("outcome.json");
        let mut written = File::create(&file).unwrap();
        written.write_all(outcome.as_bytes()).unwrap();
        let scripts = self.repository.path().join("rehearsal/estate/dot");
        let url = self.url();
        let proof = [
            "repoint-proof",
            &url,
            "--capture",
            name,
            "--rehearsed",
            file.to_str().unwrap(),
            "--dot",
            scripts.to_str().unwrap(),
            "--format",
            "json",
        ];
        let ended = self.repository.run(&[&proof, more].concat());
        let json = ended.json();
        assert_eq!(ended.code, Some(i32::from(json["verdict"] != "pass")), "{json:#}");
        json
    }
}

/// The record of the package before, in a folder of its own.
fn done_before(state: &Path) -> Evidence {
    let evidence = passed("PKG-C", &"0".repeat(64));
    std::fs::create_dir_all(state.join("PKG-C")).unwrap();
    put(
        &state.join("PKG-C/evidence.json"),
        evidence.to_file().unwrap().as_bytes(),
    );
    evidence
}

fn codes(json: &Value) -> Vec<&str> {
    let findings = json["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding["code"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "current_thread")]
async fn both_measurements_of_one_database_pass_and_what_moves_after_them_is_refused() {
    let mut live = Live::start().await;
    // A DBA mended it: a rehearsal that mended the dump once more would find nothing to mend, and stop.
    live.execute(include_str!("../../../rehearsal/states/15_mends.sql"))
        .await;
    live.keep("live");
    let ended = live.rehearse("live");
    let json = ended.json();
    assert_eq!((ended.code, &json["findings"]), (Some(0), &json!([])), "{json:#}");
    let guards = &json["guards"];
    assert_eq!(
        (&guards["green"], &guards["red"], &guards["not_measured"]),
        (&json!(35), &json!(0), &json!(0))
    );
    let verdicts: Vec<&str> = json["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| package["verdict"].as_str().unwrap())
        .collect();
    // PKG-D is what comes next, and the ways around (PKG-I) are statements about the reference estate.
    assert_eq!(
        verdicts,
        [
            "pass",
            "pass",
            "pass",
            "not_measured",
            "pass",
            "pass",
            "pass",
            "pass",
            "not_measured"
        ]
    );
    ended.left_nothing();

    let proven = live.prove("live", &ended.stdout);
    assert_eq!(proven["verdict"], "pass", "{proven:#}");
    assert_eq!(proven["live_sha256"], proven["capture_sha256"]);
    let state = live.folder.path().join("state");
    let before = done_before(&state);
    let recorded = || Evidence::read(&std::fs::read(state.join("PKG-D/evidence.json")).unwrap()).unwrap();
    let record = ["--record", state.to_str().unwrap(), "--ran-by", "p_author"];
    live.prove_and("live", &ended.stdout, &record);
    let evidence = recorded();
    assert_eq!(evidence.verdict, "pass");
    assert_eq!(
        evidence.predecessor_evidence_sha256,
        Some(before.digest().unwrap())
    );
    assert_eq!(evidence.ran_by.human, "human.author");

    // One thing is changed on the live database, and undone.
    for (change, undo, expected) in [
        (
            "create table public.later (n integer); grant select on public.later to directus",
            "drop table public.later",
            &[
                "SELECT_SET_MOVED",
                "CAPTURE_STALE",
                "GUARD_FAILED",
                "NOT_A_FIXPOINT",
            ][..],
        ),
        (
            "create or replace function public.qt001_gate_count() returns integer language sql immutable as 'select 13'",
            "create or replace function public.qt001_gate_count() returns integer language sql immutable as e'\nselect 14\n'",
            &["CAPTURE_STALE", "GUARD_FAILED", "NOT_A_FIXPOINT"],
        ),
        (
            "create function public.qt001_new_writer() returns void language sql as 'update public.qt001_plan set id = id'",
            "drop function public.qt001_new_writer()",
            &["CAPTURE_STALE", "GUARD_FAILED"],
        ),
    ] {
        live.execute(change).await;
        let refused = live.prove("live", &ended.stdout);
        assert_eq!(codes(&refused), expected, "{change}: {refused:#}");
        live.execute(undo).await;
    }
    // What is no-go is recorded as such, in the place of what passed.
    live.prove_and("live", "{\"verdict\": \"fail\"}", &record);
    assert_eq!(recorded().verdict, "fail");
    assert_eq!(live.prove("live", &ended.stdout)["verdict"], "pass");
    live.server.stop().await.unwrap();
}
