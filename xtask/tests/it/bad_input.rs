//! Bad input: one clear error or finding, the exit code of its kind, nothing left.

use crate::rig::{Repository, Running, rehearsing_backend};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};
use std::time::{Duration, Instant};
use throwaway_postgres::{Options, Server};

const REHEARSE: [&str; 3] = ["rehearse", "--postgres", "local"];

#[test]
fn a_tampered_migration_is_named_before_a_server_is_started() {
    let repository = Repository::copy();
    repository.edit("migrations/05009_readiness_gate_manifest.up.sql", "not null", "");
    repository.run(&REHEARSE).failed(
        1,
        &[
            "`migrations/05009_readiness_gate_manifest.up.sql`",
            "expected sha256",
            "found",
            "cargo xtask author",
        ],
    );
}

#[test]
fn a_guard_file_that_is_gone_renamed_or_one_too_many_stops_every_command_by_name() {
    let repository = Repository::copy();
    let file = |name: &str| repository.path().join("rehearsal/guards").join(name);
    let expected = "rehearsal/guards/g_auth_27.sql";
    let nowhere = "postgres://nobody@127.0.0.1:1/nothing";

    std::fs::rename(file("g_auth_27.sql"), file("g_auth_28.sql")).unwrap();
    let renamed = [
        "no guard of the registry has the file `rehearsal/guards/g_auth_28.sql`",
        expected,
        "give them their names back",
    ];
    repository.run(&["author"]).failed(1, &renamed);
    repository.run(&["author", "--check"]).failed(1, &renamed);
    for command in [&["rehearse", "--only", "G-AUTH-27"][..], &["guards", nowhere]] {
        repository.run(command).failed(1, &[expected]);
    }

    std::fs::copy(file("g_auth_28.sql"), file("g_auth_27.sql")).unwrap();
    let one_more = ["`rehearsal/guards/g_auth_28.sql`", "take them away"];
    repository.run(&["author", "--check"]).failed(1, &one_more);

    // Another guard's text under this name.
    std::fs::remove_file(file("g_auth_28.sql")).unwrap();
    std::fs::copy(file("g_hash_7.sql"), file("g_auth_27.sql")).unwrap();
    let another = ["is not the file of guard `G-AUTH-27`", "it holds `G-HASH-7`"];
    repository.run(&["author"]).failed(1, &another);
    repository
        .run(&["rehearse", "--only", "G-AUTH-27"])
        .failed(1, &[expected]);
}

#[test]
fn a_count_off_by_one_is_a_finding_with_both_numbers() {
    let repository = Repository::copy();
    repository.edit("rehearsal/plan.toml", "surfaces = 27", "surfaces = 28");
    let ended = repository.run(&[&REHEARSE[..], &["--format", "json", "PKG-B"]].concat());
    if ended
        .stderr
        .contains("take the place of files that are as authored")
    {
        // There nothing is authored beside a plan that was edited.
        return ended.failed(1, &["`rehearsal/plan.toml` is not", "cargo xtask author"]);
    }
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let json = ended.json();
    assert_eq!(json["verdict"], "fail");
    assert_eq!(json["counts"]["surfaces"], 27);
    let findings = json["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0]["code"], "COUNT_DIFFERS");
    assert_eq!(findings[0]["message"], "`surfaces`: expected 28, realized 27");
    ended.left_nothing();
}

#[test]
fn a_capture_that_was_edited_is_not_authored_from() {
    let repository = Repository::copy();
    repository.edit(
        "rehearsal/captures/reference/roles.toml",
        "\"directus\"",
        "\"directvs\"",
    );
    repository.run(&["author"]).failed(
        1,
        &["roles.toml", "was changed after the capture", "expected sha256"],
    );
}

#[tokio::test]
async fn a_capture_of_another_database_is_not_authored_from() {
    let repository = Repository::copy();
    let server = server().await;
    execute(&server, "create role directus login").await;
    let captured = repository.run(&["capture", &url(&server), "--name", "other"]);
    assert_eq!(captured.code, Some(0), "{}", captured.stderr);
    server.stop().await.unwrap();
    let before = repository.read("seeds/index.toml");
    repository.run(&["author", "--capture", "other"]).failed(
        1,
        &[
            "`other`",
            "from another database",
            "`directus` in the capture, `postgres` here",
            "hint: ",
        ],
    );
    assert_eq!(repository.read("seeds/index.toml"), before);
}

#[tokio::test]
async fn a_role_that_exists_in_an_approved_cluster_is_named_and_stays() {
    let server = server().await;
    execute(&server, "create role qt001_cp_signer").await;
    let before = roles_and_databases(&server).await;
    Running::start(&on(&server).each_ref().map(String::as_str))
        .end()
        .failed(3, &["role `qt001_cp_signer` exists in this cluster already"]);
    assert_eq!(roles_and_databases(&server).await, before);
    server.stop().await.unwrap();
}

#[test]
fn two_rehearsals_at_once_do_not_meet() {
    let args = [&REHEARSE[..], &["--format", "json", "PKG-A"]].concat();
    let (one, two) = (Running::start(&args), Running::start(&args));
    for ended in [one.end(), two.end()] {
        assert_eq!(ended.json()["packages"][0]["verdict"], "pass", "{}", ended.stderr);
        ended.left_nothing();
    }
}

#[tokio::test]
async fn two_rehearsals_at_once_in_one_cluster_end_in_one_error_and_one_verdict() {
    let server = server().await;
    let before = roles_and_databases(&server).await;
    let args = on(&server);
    let args = args.each_ref().map(String::as_str);
    let first = Running::start(&args);
    let mut beside = connect(&server).await;
    let deadline = Instant::now() + Duration::from_mins(1);
    while rehearsing_backend(&mut beside).await.is_none() {
        assert!(Instant::now() < deadline, "the first one does not begin");
    }
    // Stopped meanwhile, so that the first can't have ended before the second begins.
    let first_process = Pid::from_raw(i32::try_from(first.id()).unwrap()).unwrap();
    kill_process(first_process, Signal::STOP).unwrap();
    // Roles are the cluster's: what the second makes there, the first would find.
    let second = Running::start(&args).end();
    kill_process(first_process, Signal::CONT).unwrap();
    second.failed(3, &["another run uses the approved server", "wait for it"]);
    let first = first.end();
    let json = first.json();
    assert_eq!(json["packages"][0]["verdict"], "pass", "{}", json["findings"]);
    assert_eq!(roles_and_databases(&server).await, before);
    server.stop().await.unwrap();
}

/// `rehearse` of the first package on `server`, which somebody approved.
fn on(server: &Server) -> [String; 8] {
    [
        "rehearse",
        "--postgres",
        &url(server),
        "--approve-target",
        server.system_identifier(),
        "--format",
        "json",
        "PKG-A",
    ]
    .map(str::to_owned)
}

async fn server() -> Server {
    throwaway_postgres::start(&Options::for_local_tests().unwrap())
        .await
        .unwrap()
}

fn url(server: &Server) -> String {
    let socket = server.socket_dir().unwrap().display();
    format!("postgres://postgres@localhost:5432/postgres?host={socket}")
}

async fn connect(server: &Server) -> PgConnection {
    PgConnection::connect_with(&server.connect_options("postgres"))
        .await
        .unwrap()
}

async fn execute(server: &Server, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut connect(server).await)
        .await
        .unwrap();
}

async fn roles_and_databases(server: &Server) -> String {
    let sql = "select string_agg(t, ', ' order by t) from (select rolname::text as t from pg_catalog.pg_roles \
               union all select datname || ' ' || coalesce(datacl::text, '') from pg_catalog.pg_database) s";
    sqlx::raw_sql(sql)
        .fetch_one(&mut connect(server).await)
        .await
        .unwrap()
        .get_unchecked(0)
}
