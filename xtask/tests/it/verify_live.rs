//! `verify-live URL` and `scan.sql` on a live control plane: read without a trace, and run as the verifier.
//!
//! Not for: what each verifier recomputes (`crates/authoring/tests/it/pairs.rs`). The one fact to know: the
//! server is this test's own, and what is committed on it dies with it.

use crate::rig::Repository;
use crate::tidy::root;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, PgConnection};
use throwaway_postgres::{Options, Server};

/// A server whose control plane is sealed and activated, by real logins.
async fn live() -> (Server, PgConnection) {
    let committed = rehearsal::load(&root()).unwrap();
    let options = rehearsal::server_options(&Options::for_tests(), &committed);
    let server = throwaway_postgres::start(&options).await.unwrap();
    let mut admin = server
        .connect_options(&committed.plan.database)
        .connect()
        .await
        .unwrap();
    for package in &committed.packages {
        for file in &package.files {
            let sql = format!("begin;\n{}\ncommit;", file.up);
            admin.execute(AssertSqlSafe(sql)).await.unwrap();
        }
    }
    let personas =
        rehearsal::create_personas_sql(&committed.plan) + &rehearsal::memberships_sql(&committed.plan);
    admin.execute(AssertSqlSafe(personas)).await.unwrap();
    for (step, acts) in &committed.acts {
        for act in acts.act.iter().filter(|act| step != "S11" && !act.probes) {
            let who = rehearsal::become_persona(&committed.plan, &act.persona);
            let sql = format!("begin;\n{who}{};\ncommit;", act.sql);
            admin.execute(AssertSqlSafe(sql)).await.unwrap();
        }
    }
    (server, admin)
}

fn url(server: &Server, login: &str) -> String {
    server
        .connect_options_as("directus", login)
        .to_url_lossy()
        .to_string()
}

async fn text(admin: &mut PgConnection, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_one(admin)
        .await
        .unwrap()
}

/// `psql -X -v ON_ERROR_STOP=1 -f FILE` as the verifier, as cron runs it; its exit code.
fn psql(server: &Server, path: &str) -> Option<i32> {
    let cluster = server.disposable().unwrap();
    let client = cluster.client("psql").unwrap();
    let ended = cluster
        .command(&client, "directus")
        .env("PGUSER", "fix7_verifier")
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"])
        .arg(root().join(path))
        .output()
        .unwrap();
    ended.status.code()
}

#[tokio::test(flavor = "current_thread")]
async fn the_verifier_records_the_auditor_reads_and_what_is_stale_is_red() {
    let (server, mut admin) = live().await;
    let repository = Repository::copy();
    let (auditor, verifier) = (url(&server, "fix7_auditor"), url(&server, "fix7_verifier"));
    let runs = "select count(*)::text from qt001_cp.verification_run";
    let look = |who: &str| repository.run(&["verify-live", who, "--format", "json"]);

    // Nobody has verified anything yet.
    let json = look(&auditor).json();
    assert_eq!(json["verdict"], "fail", "{json:#}");
    assert_eq!(
        json["seen"]["schedule"][0]["age_seconds"],
        serde_json::Value::Null
    );
    let outsider = look(&url(&server, "fix7_outsider"));
    assert_eq!(
        (outsider.code, &outsider.json()["verdict"]),
        (Some(1), &"not_measured".into())
    );

    // Evidence is written where a person named the cluster, and nowhere else.
    let id = text(
        &mut admin,
        "select system_identifier::text from pg_control_system()",
    )
    .await;
    repository
        .run(&["verify-live", &verifier, "--record"])
        .failed(2, &["--approve-target"]);
    repository
        .run(&["verify-live", &verifier, "--record", "--approve-target", "7"])
        .failed(2, &[&id, "`7`"]);
    let record = |who: &str| {
        repository.run(&[
            "verify-live",
            who,
            "--record",
            "--approve-target",
            &id,
            "--format",
            "json",
        ])
    };
    record(&auditor).failed(3, &["fix7_auditor", "verifier slot"]);
    assert_eq!(text(&mut admin, runs).await, "0");

    // Without the analysis one scheduled verifier has never run; what was seen is recorded all the same.
    let ended = record(&verifier);
    let json = ended.json();
    assert_eq!(ended.code, Some(1), "{json:#}");
    assert_eq!(
        json["unsound"],
        serde_json::json!(["verifier qt001_cp.cp_record_findings(text)"])
    );
    assert_eq!(psql(&server, "rehearsal/scan/scan.sql"), Some(3));
    assert_ne!(text(&mut admin, runs).await, "0");
    let words = repository.run(&["verify-live", &auditor]).stdout;
    for (verifier, says) in [
        ("cp_record_findings(text)", "never ran"),
        ("cp_scan()", "its last run said fail"),
    ] {
        let line = words
            .lines()
            .find(|line| line.contains("NOT SOUND") && line.contains(verifier));
        assert!(
            line.is_some_and(|line| line.ends_with(says)),
            "{verifier}: {words}"
        );
    }
    assert_eq!(psql(&server, "rehearsal/scan/static_analysis.sql"), Some(0));
    assert_eq!(psql(&server, "rehearsal/scan/static_analysis.sql"), Some(0));
    let ended = record(&verifier);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert_eq!(psql(&server, "rehearsal/scan/scan.sql"), Some(0));
    let before = text(&mut admin, runs).await;
    let ended = look(&auditor);
    let json = ended.json();
    assert_eq!(
        (ended.code, &json["verdict"]),
        (Some(0), &"pass".into()),
        "{json:#}"
    );
    assert_eq!(json["seen"]["pairs"].as_array().unwrap().len(), 5, "{json:#}");
    assert_eq!(json["seen"]["readiness"][0][1], "BLOCKED");
    assert_eq!(text(&mut admin, runs).await, before, "reading writes nothing");

    // Stale, then run again.
    admin
        .execute("alter table qt001_cp.verification_run disable trigger user; update qt001_cp.verification_run set finished_at = finished_at - interval '2 days' where verifier = 'qt001_cp.cp_verify_activation(text)'; alter table qt001_cp.verification_run enable always trigger verification_run_writer; alter table qt001_cp.verification_run enable always trigger verification_run_append_only; alter table qt001_cp.verification_run enable always trigger verification_run_no_truncate")
        .await
        .unwrap();
    let json = look(&auditor).json();
    assert_eq!(
        json["unsound"],
        serde_json::json!([
            "cp_activate birth_writer",
            "verifier qt001_cp.cp_verify_activation(text)"
        ])
    );
    assert_eq!(record(&verifier).code, Some(0));
    assert_eq!(look(&auditor).code, Some(0));

    // An effect that is changed by hand is red for cron, too.
    admin
        .execute("alter table qt001_cp.signoff_binding disable trigger user; update qt001_cp.signoff_binding set decision = 'reject' where ctid = (select min(ctid) from qt001_cp.signoff_binding)")
        .await
        .unwrap();
    assert_eq!(psql(&server, "rehearsal/scan/scan.sql"), Some(3));
    let json = look(&auditor).json();
    assert_eq!(json["verdict"], "fail");
    assert!(
        json["unsound"][0]
            .as_str()
            .unwrap()
            .starts_with("cp_record_signoff "),
        "{json:#}"
    );
    drop(admin);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn a_database_without_a_control_plane_is_told() {
    let committed = rehearsal::load(&root()).unwrap();
    let options = rehearsal::server_options(&Options::for_tests(), &committed);
    let server = throwaway_postgres::start(&options).await.unwrap();
    Repository::copy()
        .run(&["verify-live", &url(&server, "postgres")])
        .failed(2, &["no schema `qt001_cp`", "PKG-E"]);
    server.stop().await.unwrap();
}
