//! What must be refused, each by its code, and each leaving the database as it was.

use super::PREPARED;
use super::desk::{Desk, OPERATOR, put, told};
use crate::plane::{root, run};
use sqlx::Connection as _;

/// A trigger asks nobody for EXECUTE, so no REVOKE shuts this road.
const FIRES: &str = "create trigger walk after insert on public.tac_documents for each row execute function public.qt001_trg_document_seen()";

/// What is arranged, how it is undone, the login, and what must be said.
const REFUSED: &[(&str, &str, &str, &str, &[&str])] = &[
    (
        "a live ACL moved",
        "grant execute on function public.qt001_count_rows(text) to analyst",
        "revoke execute on function public.qt001_count_rows(text) from analyst",
        OPERATOR,
        &["STATE_MOVED", "public.qt001_count_rows(text)"],
    ),
    (
        "a legacy function came after the seal",
        "set role directus; create function public.qt001_late() returns integer language sql as 'select 1'; reset role",
        "drop function public.qt001_late()",
        OPERATOR,
        &["GUARD_NOT_GREEN", "G-UNKNOWN-ZERO", "public.qt001_late()"],
    ),
    (
        "a live trigger fires a member",
        FIRES,
        "drop trigger walk on public.tac_documents",
        OPERATOR,
        &["GUARD_NOT_GREEN", "fires_without_execute", "walk"],
    ),
    (
        "a body moved",
        "set role directus; create or replace function public.qt001_has_quorum(plan integer) returns boolean language sql stable as 'select false'; reset role",
        "",
        OPERATOR,
        &["STATE_MOVED", "public.qt001_has_quorum(integer)"],
    ),
    (
        "the application is a superuser",
        "alter role directus superuser",
        "alter role directus nosuperuser",
        OPERATOR,
        &["ISOLATION_MEANS_NOTHING", "SUPERUSER_TRAP directus"],
    ),
    (
        "the schema is the database owner's",
        "alter schema public owner to pg_database_owner",
        "alter schema public owner to public_schema_owner",
        OPERATOR,
        &[
            "ISOLATION_MEANS_NOTHING",
            "SCHEMA_OWNER_CAN_REPLACE directus in public",
        ],
    ),
    (
        "a cost of its own",
        "alter function public.qt001_apply_batch(integer) cost 7",
        "alter function public.qt001_apply_batch(integer) cost 100",
        OPERATOR,
        &["NOT_RESTORABLE", "public.qt001_apply_batch(integer)"],
    ),
    (
        "a stranger among the writers",
        "grant qt001_cp_writer to fix7_outsider",
        "revoke qt001_cp_writer from fix7_outsider",
        OPERATOR,
        &["WRITER_MEMBER_UNKNOWN", "fix7_outsider"],
    ),
    (
        "another login",
        "",
        "",
        "fix7_reviewer",
        &["OPERATOR_NOT_PREPARED", "fix7_reviewer may not become directus"],
    ),
    (
        "a superuser in the operator's place",
        "",
        "",
        "",
        &["AUTHORIZATION_REFUSED", "SESSION_NOT_OPERATOR"],
    ),
    (
        "a membership that inherits",
        "grant directus to fix7_outsider; grant fix7_outsider to fix7_operator",
        "revoke fix7_outsider from fix7_operator; revoke directus from fix7_outsider",
        "",
        &["AUTHORIZATION_REFUSED"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_as_approved_is_refused_and_leaves_the_database_as_it_was() {
    let desk = Desk::new().await;
    let early = desk.follow("run.psql", OPERATOR);
    assert!(
        told(&early).contains("OPERATOR_NOT_PREPARED"),
        "before the window: {}",
        told(&early)
    );
    desk.dba("dba_before.sql");
    for (what, arrange, undo, login, expected) in REFUSED {
        desk.arrange(&format!("begin; {arrange}; commit")).await;
        let before = desk.state().await;
        let login = if login.is_empty() {
            desk.environment["PGUSER"].as_str()
        } else {
            login
        };
        let refused = desk.follow("run.psql", login);
        assert_eq!(refused.status.code(), Some(3), "{what}: {}", told(&refused));
        for word in *expected {
            assert!(
                told(&refused).contains(word),
                "{what}: expected `{word}`: {}",
                told(&refused)
            );
        }
        if *arrange == FIRES {
            let looked = told(&desk.follow("preflight.sql", OPERATOR));
            assert!(
                looked.contains("fires_without_execute, foreseen") && looked.contains("trigger walk"),
                "{looked}"
            );
        }
        assert_eq!(desk.state().await, before, "{what}");
        if undo.is_empty() && !arrange.is_empty() {
            // A body goes back as it was captured by the packet's own text.
            let sql =
                std::fs::read_to_string(root().join("rehearsal/estate/07_legacy_routines.sql")).unwrap();
            let body = sql
                .split("create function public.qt001_has_quorum")
                .nth(1)
                .unwrap();
            let body = body.split("$body$;").next().unwrap();
            desk.arrange(&format!(
                "create or replace function public.qt001_has_quorum{body}$body$"
            ))
            .await;
        } else {
            desk.arrange(&format!("begin; {undo}; commit")).await;
        }
    }
    desk.verify("BEFORE");

    // Somebody else is at it, or holds what it needs.
    let mut other = desk.plane.login("harness").await;
    for (what, hold, expected) in [
        (
            "another operator",
            "begin; select pg_advisory_xact_lock(7000701519)",
            "OTHER_OPERATOR_AT_WORK",
        ),
        (
            "a lock on a sealed table",
            "begin; lock table public.qt001_run in access exclusive mode",
            "LEGACY_IN_FLIGHT",
        ),
    ] {
        run(&mut other, hold).await;
        let refused = desk.follow("run.psql", OPERATOR);
        assert!(told(&refused).contains(expected), "{what}: {}", told(&refused));
        run(&mut other, "rollback").await;
    }
    // A call that was prepared: no session holds it, and it may be committed after the cutover.
    run(&mut other, PREPARED).await;
    for file in ["preflight.sql", "run.psql"] {
        let refused = desk.follow(file, OPERATOR);
        for word in ["LEGACY_IN_FLIGHT", "prepared transaction held, "] {
            assert!(
                told(&refused).contains(word),
                "{file}: `{word}`: {}",
                told(&refused)
            );
        }
    }
    run(&mut other, "rollback prepared 'held'").await;
    let before = desk.state().await;

    // One byte of the packet: the list does not hold, and what it would be run as was not approved.
    let apply = desk.packet().join("apply.sql");
    let text = std::fs::read_to_string(&apply).unwrap();
    put(
        &apply,
        text.replacen("One transaction's content", "One transaction's Content", 1),
    );
    let listed = desk.shell(&desk.readme("sha256sum", "-c")[0], OPERATOR, "");
    assert!(!listed.status.success(), "{}", told(&listed));
    let list = desk.packet().join("SHA256SUMS");
    let kept = std::fs::read(&list).unwrap();
    let relisted = desk.shell(
        "sha256sum $(cut -c67- SHA256SUMS) > new && mv new SHA256SUMS",
        OPERATOR,
        "",
    );
    assert!(relisted.status.success(), "{}", told(&relisted));
    let refused = desk.follow("run.psql", OPERATOR);
    assert!(told(&refused).contains("OTHER_BYTES"), "{}", told(&refused));
    put(&apply, text);
    put(&list, kept);

    // An artifact that was edited after it was signed: no database can tell, ssh-keygen can.
    let artifact = desk.packet().join("authorization.json");
    let signed = std::fs::read_to_string(&artifact).unwrap();
    put(&artifact, signed.replace("9000-01-01", "9001-01-01"));
    for line in desk.readme("ssh-keygen", "-Y verify") {
        let checked = desk.shell(&line, OPERATOR, "");
        assert!(!checked.status.success(), "{line}: {}", told(&checked));
    }
    put(&artifact, signed);
    assert_eq!(desk.state().await, before);

    // The connection is lost in the middle, while a statement waits for somebody.
    desk.lose_the_connection(&mut other).await;
    desk.verify("BEFORE");
    assert_eq!(desk.state().await, before, "after a lost connection");

    // And with nothing in the way the same packet under the same leave runs.
    let ran = desk.follow("run.psql", OPERATOR);
    assert!(ran.status.success(), "{}", told(&ran));
    // Half of it undone by hand is neither.
    desk.arrange("grant execute on function public.qt001_count_rows(text) to analyst")
        .await;
    let neither = desk.follow("verify.sql", OPERATOR);
    assert!(!neither.status.success(), "{}", told(&neither));
    for word in ["NEITHER", "public.qt001_count_rows(text)"] {
        assert!(told(&neither).contains(word), "{}", told(&neither));
    }
    other.close().await.unwrap();
    desk.plane.stop().await;
}
