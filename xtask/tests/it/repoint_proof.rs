//! PKG-D on a live database: what makes it no-go, one thing at a time.
//!
//! Not for: the rehearsal that it is joined with, whose outcome is written by hand here.

use crate::rig::{Ended, Repository};
use crate::tidy::root;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, PgConnection};
use std::fs::File;
use std::io::Write as _;
use tempfile::TempDir;
use throwaway_postgres::{Options, Server};

/// Reads of the reference estate that would break: seven views call members.
const SOUND: [&str; 1] = ["READ_CONFLICT"];

struct Live {
    server: Server,
    admin: PgConnection,
    repository: Repository,
    folder: TempDir,
    captured: String,
}

impl Live {
    /// The estate, captured as `live`.
    async fn start() -> Self {
        let committed = rehearsal::load(&root()).unwrap();
        let options = rehearsal::server_options(&Options::for_tests(), &committed);
        let server = throwaway_postgres::start(&options).await.unwrap();
        let repository = Repository::copy();
        let url = server.connect_options("directus").to_url_lossy().to_string();
        let taken = repository.run(&["capture", &url, "--name", "live"]);
        assert_eq!(taken.code, Some(0), "{}", taken.stderr);
        let index: toml::Table = repository
            .read("rehearsal/captures/live/capture.toml")
            .parse()
            .unwrap();
        Self {
            admin: server.connect_options("directus").connect().await.unwrap(),
            captured: index["capture_sha256"].as_str().unwrap().to_owned(),
            folder: tempfile::tempdir().unwrap(),
            server,
            repository,
        }
    }

    async fn execute(&mut self, sql: &str) {
        self.admin.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    }

    fn run(&self, rehearsed: &Value) -> Ended {
        let file = self.folder.path().join("rehearsed.json");
        File::create(&file)
            .unwrap()
            .write_all(rehearsed.to_string().as_bytes())
            .unwrap();
        let url = self.server.connect_options("directus").to_url_lossy().to_string();
        let file = file.to_str().unwrap();
        self.repository.run(&[
            "repoint-proof",
            &url,
            "--capture",
            "live",
            "--rehearsed",
            file,
            "--format",
            "json",
        ])
    }

    fn rehearsed(verdict: &str, capture: &str) -> Value {
        json!({"verdict": verdict, "estate": {"capture": "live", "capture_sha256": capture}, "packages": []})
    }

    /// Codes that were found, and the whole outcome; guards of their own have tests of their own.
    fn found(&self, rehearsed: &Value) -> (Vec<String>, Value) {
        let ended = self.run(rehearsed);
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        let json = ended.json();
        let findings = json["findings"].as_array().unwrap();
        let codes = findings
            .iter()
            .map(|finding| finding["code"].as_str().unwrap().to_owned())
            .filter(|code| code != "GUARD_FAILED")
            .collect();
        (codes, json)
    }
}

fn details<'a>(json: &'a Value, code: &str) -> &'a Value {
    let findings = json["findings"].as_array().unwrap();
    &findings.iter().find(|finding| finding["code"] == code).unwrap()["details"]
}

#[tokio::test(flavor = "current_thread")]
async fn each_thing_that_moved_is_found_and_named() {
    let mut live = Live::start().await;
    let sound = Live::rehearsed("pass", &live.captured);
    let (codes, json) = live.found(&sound);
    assert_eq!(codes, SOUND, "{json:#}");
    assert_eq!(json["verdict"], "fail");
    assert_eq!(json["live_sha256"], json["capture_sha256"]);
    let conflicts = details(&json, "READ_CONFLICT").to_string();
    assert!(
        conflicts.contains("public.qt001_v_gate_board: `directus` would need EXECUTE"),
        "{conflicts}"
    );
    assert_eq!(json["views"]["READ_CONFLICT"], 7);
    assert_eq!(json["views"]["OWNER_MOVES"], 181);
    assert_eq!(json["views"]["OWNER_MOVES_AS_INVOKER"], 8);

    let (codes, _) = live.found(&Live::rehearsed("fail", &live.captured));
    assert_eq!(codes, ["REHEARSAL_NOT_GREEN", "READ_CONFLICT"]);
    let (codes, _) = live.found(&Live::rehearsed("pass", &"0".repeat(64)));
    assert_eq!(codes, ["REHEARSAL_OF_ANOTHER_CAPTURE", "READ_CONFLICT"]);

    live.execute("comment on table public.tasks is 'somebody was here'")
        .await;
    let (codes, json) = live.found(&sound);
    assert_eq!(codes, ["CAPTURE_STALE", "READ_CONFLICT"]);
    assert!(
        details(&json, "CAPTURE_STALE")
            .to_string()
            .contains("somebody was here")
    );
    live.execute("comment on table public.tasks is null").await;

    live.execute("create table public.born_later (n integer); grant select on public.born_later to directus")
        .await;
    let (codes, json) = live.found(&sound);
    assert_eq!(
        codes,
        [
            "SELECT_SET_MOVED",
            "CAPTURE_STALE",
            "NOT_A_FIXPOINT",
            "READ_CONFLICT"
        ]
    );
    assert_eq!(
        details(&json, "SELECT_SET_MOVED"),
        &json!(["new: public.born_later (n)"])
    );
    let refused = details(&json, "NOT_A_FIXPOINT").to_string();
    assert!(
        refused.contains("`directus_read_contract`") && refused.contains("born_later"),
        "{refused}"
    );
    live.execute("drop table public.born_later").await;

    live.execute("alter function public.qt001_is_ready() volatile")
        .await;
    let (codes, json) = live.found(&sound);
    assert_eq!(codes, ["CAPTURE_STALE", "NOT_A_FIXPOINT", "READ_CONFLICT"]);
    assert!(
        details(&json, "NOT_A_FIXPOINT")
            .to_string()
            .contains("seeds/09120_authority_scope_manifest")
    );
    live.server.stop().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_no_outcome_of_a_rehearsal_is_a_usage_error() {
    let live = Live::start().await;
    live.run(&json!({"packages": 3})).failed(
        2,
        &[
            "is no outcome of a rehearsal",
            "rehearse --estate FILE --capture NAME",
        ],
    );
    live.server.stop().await.unwrap();
}
