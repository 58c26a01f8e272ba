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

/// Where the committed decisions stand.
const DECISIONS: &str = "rehearsal/decisions.toml";
/// What a DBA mends before a cutover.
const MENDS: &str = include_str!("../../../rehearsal/states/15_mends.sql");

struct Live {
    server: Server,
    admin: PgConnection,
    repository: Repository,
    folder: TempDir,
    captured: String,
}

impl Live {
    /// The estate as a DBA mended it, captured as `live`.
    async fn start() -> Self {
        let committed = rehearsal::load(&root()).unwrap();
        let options = rehearsal::server_options(&Options::for_tests(), &committed);
        let server = throwaway_postgres::start(&options).await.unwrap();
        let mut admin = server.connect_options("directus").connect().await.unwrap();
        admin.execute(MENDS).await.unwrap();
        let repository = Repository::copy();
        let url = server.connect_options("directus").to_url_lossy().to_string();
        let taken = repository.run(&["capture", &url, "--name", "live"]);
        assert_eq!(taken.code, Some(0), "{}", taken.stderr);
        let index: toml::Table = repository
            .read("rehearsal/captures/live/capture.toml")
            .parse()
            .unwrap();
        Self {
            admin,
            captured: index["capture_sha256"].as_str().unwrap().to_owned(),
            folder: tempfile::tempdir().unwrap(),
            server,
            repository,
        }
    }

    /// Authors what follows from the decisions as they are now.
    fn author(&self) {
        for arguments in [
            &["author", "--accept-set", "directus_read_contract"][..],
            &["author"],
        ] {
            let ended = self.repository.run(arguments);
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
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
        let scripts = self.repository.path().join("rehearsal/estate/dot");
        self.repository.run(&[
            "repoint-proof",
            &url,
            "--capture",
            "live",
            "--rehearsed",
            file,
            "--dot",
            scripts.to_str().unwrap(),
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
        // Nothing else is found, and yet the half that needs the control plane's rows is not here.
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
async fn it_passes_where_both_halves_are_green_and_of_one_capture() {
    let live = Live::start().await;
    // What needs the control plane's rows: guards of S13 that have no question without them.
    let closure = [
        "G-REPOINT-SRC",
        "G-NOLEGACY-PRE",
        "G-WRITER-GATEWAY-IDENTITY",
        "G-BIRTH-NEUTRAL",
    ];
    let outcome = |without: &str| {
        let mut rehearsed = Live::rehearsed("pass", &live.captured);
        let green = closure.iter().filter(|guard| **guard != without);
        let run = |guard: &&str| json!({"guard": guard, "step": "S13", "moment": "after", "verdict": "pass"});
        rehearsed["guards"] = json!({"runs": green.map(run).collect::<Vec<_>>()});
        rehearsed
    };
    let ended = live.run(&outcome(""));
    let json = ended.json();
    assert_eq!(
        (ended.code, &json["verdict"]),
        (Some(0), &json!("pass")),
        "{json:#}"
    );
    // Each of them is needed.
    for guard in closure {
        let ended = live.run(&outcome(guard));
        let verdict = &ended.json()["verdict"];
        assert_eq!(
            (ended.code, verdict),
            (Some(1), &json!("not_measured")),
            "{guard}"
        );
    }
    live.server.stop().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn each_thing_that_moved_is_found_and_named() {
    let mut live = Live::start().await;
    let sound = Live::rehearsed("pass", &live.captured);
    let (codes, json) = live.found(&sound);
    assert_eq!(codes, [""; 0], "{json:#}");
    assert_eq!(json["live_sha256"], json["capture_sha256"]);
    assert_eq!(json["views"]["OWNER_MOVES"], 187);
    assert_eq!(json["views"]["OWNER_MOVES_AS_INVOKER"], 9);

    let (codes, _) = live.found(&Live::rehearsed("fail", &live.captured));
    assert_eq!(codes, ["REHEARSAL_NOT_GREEN"]);
    let (codes, _) = live.found(&Live::rehearsed("pass", &"0".repeat(64)));
    assert_eq!(codes, ["REHEARSAL_OF_ANOTHER_CAPTURE"]);

    live.execute("comment on table public.tasks is 'somebody was here'")
        .await;
    let (codes, json) = live.found(&sound);
    assert_eq!(codes, ["CAPTURE_STALE"]);
    assert_eq!(
        details(&json, "CAPTURE_STALE"),
        &json!(["+ comment table public.tasks"])
    );
    live.execute("comment on table public.tasks is null").await;

    // A role that may do nothing here is one more who can log in to this cluster.
    live.execute("create role somebody_else").await;
    let (codes, json) = live.found(&sound);
    assert_eq!(codes, ["CAPTURE_STALE"]);
    assert_eq!(details(&json, "CAPTURE_STALE"), &json!(["+ role somebody_else"]));
    live.execute("drop role somebody_else").await;

    live.execute("create table public.born_later (n integer); grant select on public.born_later to directus")
        .await;
    let (codes, json) = live.found(&sound);
    assert_eq!(codes, ["SELECT_SET_MOVED", "CAPTURE_STALE", "NOT_A_FIXPOINT"]);
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

    live.execute(
        "create trigger seen after insert on public.tac_documents for each row execute function public.qt001_trg_document_seen();
         alter table public.qt001_run add constraint run_task foreign key (workflow_id) references public.workflows on delete set null",
    )
    .await;
    let (codes, json) = live.found(&sound);
    assert_eq!(
        codes,
        ["CAPTURE_STALE", "FIRES_WITHOUT_EXECUTE", "FK_ACTION_INTO_LIVE"]
    );
    assert_eq!(
        details(&json, "FIRES_WITHOUT_EXECUTE"),
        &json!(["trigger seen on public.tac_documents runs public.qt001_trg_document_seen()"])
    );
    let keys = details(&json, "FK_ACTION_INTO_LIVE").to_string();
    assert!(
        keys.contains("run_task on public.qt001_run, to public.workflows: FOREIGN KEY"),
        "{keys}"
    );
    live.execute(
        "drop trigger seen on public.tac_documents; alter table public.qt001_run drop constraint run_task",
    )
    .await;

    live.execute("alter function public.qt001_is_ready() volatile")
        .await;
    let (codes, json) = live.found(&sound);
    assert_eq!(codes, ["CAPTURE_STALE", "NOT_A_FIXPOINT"]);
    assert!(
        details(&json, "NOT_A_FIXPOINT")
            .to_string()
            .contains("seeds/09120_authority_scope_manifest")
    );
    live.server.stop().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn a_read_that_would_break_is_no_go_until_a_person_has_decided() {
    let live = Live::start().await;
    let sound = Live::rehearsed("pass", &live.captured);
    let conflict_of = |json: &Value| details(json, "READ_CONFLICT").to_string();
    let drop_of = |view: &str| format!("relation = \"{view}\"\nway = \"drop_read\"");

    // Another way out, decided and not done.
    let board = drop_of("public.qt001_v_gate_board");
    let rewritten = board.replace("drop_read", "rewrite_view");
    live.repository.edit(DECISIONS, &board, &rewritten);
    live.author();
    let (codes, json) = live.found(&sound);
    assert_eq!(codes, ["READ_CONFLICT"], "{json:#}");
    let conflicts = conflict_of(&json);
    assert!(
        conflicts.contains("public.qt001_v_gate_board: `directus` would need EXECUTE")
            && conflicts.contains("`rewrite_view` was decided, and is not done"),
        "{conflicts}"
    );
    assert_eq!(json["views"]["READ_CONFLICT"], 1);
    assert_eq!(json["verdict"], "fail");

    // A read that would not break is dropped for nothing.
    let needless = drop_of("public.qt001_v_candidate_latest");
    live.repository.edit(DECISIONS, &rewritten, &needless);
    live.author();
    let (codes, json) = live.found(&sound);
    assert_eq!(codes, ["DECISION_STALE", "READ_CONFLICT"]);
    assert_eq!(
        details(&json, "DECISION_STALE"),
        &json!(["public.qt001_v_candidate_latest"])
    );

    // No decision about any read.
    let decisions = live.repository.read(DECISIONS);
    let from = decisions.find("[[read_conflict]]").unwrap();
    let to = decisions.find("[[as_invoker]]").unwrap();
    live.repository.edit(DECISIONS, &decisions[from..to], "");
    live.author();
    let (codes, json) = live.found(&sound);
    assert_eq!(codes, ["READ_CONFLICT"]);
    assert_eq!(json["views"]["READ_CONFLICT"], 7);
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
