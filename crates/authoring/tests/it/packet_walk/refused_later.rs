//! What PKG-G and PKG-H must refuse, each by its code, and each leaving the database as it was.

use super::PREPARED;
use super::desk::{Desk, OPERATOR, put, told};
use super::orders::{a_membership_of_another_dba_is_named, a_window_is_of_one_packet};
use crate::plane::run;
use sqlx::Connection as _;

/// What is arranged, how it is undone, and what must be said.
type Case = (&'static str, &'static str, &'static str, &'static [&'static str]);

const OWNER_CUTOVER: &[Case] = &[
    (
        "a live ACL moved between snapshot and cutover",
        "grant select on public.qt001_run to analyst",
        "revoke select on public.qt001_run from analyst",
        &["STATE_MOVED", "public.qt001_run"],
    ),
    (
        "a grant on a column",
        "grant update (code) on public.qt001_plan to analyst",
        "revoke update (code) on public.qt001_plan from analyst",
        &["STATE_MOVED", "public.qt001_plan"],
    ),
    (
        "a grant on a sequence that goes along",
        "grant usage on sequence public.qt001_plan_id_seq to analyst",
        "revoke usage on sequence public.qt001_plan_id_seq from analyst",
        &["STATE_MOVED", "public.qt001_plan_id_seq"],
    ),
    (
        "a membership moved",
        "grant access_manager to importer",
        "revoke access_manager from importer",
        &[
            "SNAPSHOT_NOT_BOUND",
            "memberships of importer",
            "effective rights of importer",
        ],
    ),
    (
        "default privileges moved",
        "alter default privileges for role directus in schema public grant select on tables to analyst",
        "alter default privileges for role directus in schema public revoke select on tables from analyst",
        &[
            "SNAPSHOT_NOT_BOUND",
            "default privileges of directus on r in public",
        ],
    ),
    (
        "a row of the snapshot is gone",
        "alter table qt001_cp.acl_snapshot disable trigger acl_snapshot_append_only; delete from qt001_cp.acl_snapshot where object_name = 'public.qt001_v_ready'; alter table qt001_cp.acl_snapshot enable always trigger acl_snapshot_append_only",
        "set session authorization fix7_verifier; select qt001_cp.cp_verify_privileges('before_S16'); set session authorization default",
        &["SNAPSHOT_NOT_BOUND", "snapshot_sha256 does not recompute"],
    ),
    (
        "the old owner may not create any more",
        "revoke create on schema public from directus",
        "set role public_schema_owner; grant create on schema public to directus; reset role",
        &["NOT_RESTORABLE", "directus may not CREATE in schema public"],
    ),
    (
        "a legacy function came after the seal",
        "set role directus; create function public.qt001_late() returns integer language sql as 'select 1'; reset role",
        "drop function public.qt001_late()",
        &["GUARD_NOT_GREEN", "G-UNKNOWN-ZERO"],
    ),
    (
        "a trigger runs a member without EXECUTE",
        "create trigger late before insert on public.tac_documents for each row execute function public.qt001_trg_document_seen()",
        "drop trigger late on public.tac_documents",
        &["GUARD_NOT_GREEN", "G-NOLEGACY-POST"],
    ),
    (
        "the application is a superuser",
        "alter role directus superuser",
        "alter role directus nosuperuser",
        &["ISOLATION_MEANS_NOTHING", "SUPERUSER_TRAP directus"],
    ),
    (
        "the schema is the database owner's",
        "alter schema public owner to pg_database_owner",
        "alter schema public owner to public_schema_owner",
        &[
            "ISOLATION_MEANS_NOTHING",
            "SCHEMA_OWNER_CAN_REPLACE directus in public",
        ],
    ),
];

const FREEZE: &[Case] = &[
    (
        "a live ACL moved after the cutover",
        "grant insert on public.qt001_run to analyst",
        "revoke insert on public.qt001_run from analyst",
        &["STATE_MOVED", "public.qt001_run"],
    ),
    (
        "somebody commented a member",
        "comment on table public.qt001_run is 'mine'",
        "comment on table public.qt001_run is null",
        &["STATE_MOVED", "public.qt001_run"],
    ),
    (
        "a live view over a member",
        "create view public.live_report as select id from public.qt001_candidate",
        "drop view public.live_report",
        &["GUARD_NOT_GREEN", "G-UNKNOWN-ZERO"],
    ),
    (
        "a live delete would act on a table that is frozen",
        "alter table public.qt001_run add constraint acts_fk foreign key (id) references public.tac_documents (id) on delete cascade not valid",
        "alter table public.qt001_run drop constraint acts_fk",
        &["GUARD_NOT_GREEN", "G-LEGACY-FROZEN"],
    ),
    (
        "the application is a superuser",
        "alter role directus superuser",
        "alter role directus nosuperuser",
        &["ISOLATION_MEANS_NOTHING", "SUPERUSER_TRAP directus"],
    ),
];

async fn each_is_refused(desk: &Desk, cases: &[Case]) {
    for (what, arrange, undo, expected) in cases {
        desk.arrange(&format!("begin; {arrange}; commit")).await;
        let before = desk.state().await;
        is_refused(desk, what, expected);
        assert_eq!(desk.state().await, before, "{what}");
        desk.arrange(&format!("begin; {undo}; commit")).await;
    }
}

#[track_caller]
fn is_refused(desk: &Desk, what: &str, expected: &[&str]) {
    let refused = desk.follow("run.psql", OPERATOR);
    assert_eq!(refused.status.code(), Some(3), "{what}: {}", told(&refused));
    for word in expected {
        assert!(
            told(&refused).contains(word),
            "{what}: expected `{word}`: {}",
            told(&refused)
        );
    }
}

/// A byte of the packet, and what goes with it everywhere but in the authorization.
fn other_bytes(desk: &Desk) {
    let (apply, list) = (desk.packet().join("apply.sql"), desk.packet().join("SHA256SUMS"));
    let (text, kept) = (
        std::fs::read_to_string(&apply).unwrap(),
        std::fs::read_to_string(&list).unwrap(),
    );
    put(
        &apply,
        text.replacen("One transaction's content", "One transaction's Content", 1),
    );
    let listed = desk.shell(&desk.readme("sha256sum", "-c")[0], OPERATOR, "");
    assert!(!listed.status.success(), "{}", told(&listed));
    let relisted = desk.shell(
        "sha256sum $(cut -c67- SHA256SUMS) > new && mv new SHA256SUMS",
        OPERATOR,
        "",
    );
    assert!(relisted.status.success(), "{}", told(&relisted));
    is_refused(
        desk,
        "one byte changed",
        &["AUTHORIZATION_REFUSED", "OTHER_BYTES"],
    );
    put(&apply, text);
    put(&list, kept);
}

/// A packet whose way back forgets one owner, with leave for it: what it tries first shows that.
async fn no_way_back(desk: &Desk) {
    let (apply, list) = (desk.packet().join("apply.sql"), desk.packet().join("SHA256SUMS"));
    let (text, kept) = (
        std::fs::read_to_string(&apply).unwrap(),
        std::fs::read_to_string(&list).unwrap(),
    );
    let forgotten = "alter table public.qt001_run owner to directus;\n";
    assert_eq!(text.matches(forgotten).count(), 1);
    put(&apply, text.replace(forgotten, ""));
    let relisted = desk.shell(
        "sha256sum $(cut -c67- SHA256SUMS) > new && mv new SHA256SUMS",
        OPERATOR,
        "",
    );
    assert!(relisted.status.success(), "{}", told(&relisted));
    desk.leave("55555555555555555555555555555555").await;
    let expected = &["RESTORE_DIFFERS", "before and not after: public.qt001_run"];
    is_refused(desk, "a way back that forgets one owner", expected);
    put(&apply, text);
    put(&list, kept);
    desk.leave("33333333333333333333333333333333").await;
}

async fn held(desk: &Desk) {
    let mut other = desk.plane.login("harness").await;
    // PKG-H waits for nobody who only changes a routine.
    if desk.packet().ends_with("PKG-G") {
        desk.lose_the_connection(&mut other).await;
        desk.verify("BEFORE");
    }
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
        is_refused(desk, what, &[expected]);
        run(&mut other, "rollback").await;
    }
    run(&mut other, PREPARED).await;
    is_refused(
        desk,
        "a prepared transaction",
        &["LEGACY_IN_FLIGHT", "prepared transaction held, "],
    );
    run(&mut other, "rollback prepared 'held'").await;
    other.close().await.unwrap();
}

/// The statement of `apply.sql` that refuses by this code, without the packet around it.
fn statement(desk: &Desk, tag: &str) -> String {
    let text = std::fs::read_to_string(desk.packet().join("apply.sql")).unwrap();
    let begins = format!("do ${tag}$");
    let from = text.find(&begins).unwrap();
    let ends = format!("${tag}$;");
    let to = text[from..].find(&ends).unwrap();
    text[from..from + to + ends.len()].to_owned()
}

async fn code_of(desk: &Desk, sql: &str) -> (String, String) {
    let mut harness = desk.plane.login("harness").await;
    let tried = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
        .execute(&mut harness)
        .await;
    harness.close().await.unwrap();
    match tried {
        Ok(_) => (String::new(), String::new()),
        Err(error) => {
            let error = error.into_database_error().unwrap();
            let error = error.downcast_ref::<sqlx::postgres::PgDatabaseError>();
            (
                error.code().to_owned(),
                error.detail().unwrap_or_default().to_owned(),
            )
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_as_approved_is_refused_by_the_later_packets_too() {
    let mut desk = Desk::new().await;
    // No state of objects lets this one come first, so it is asked by itself while everybody may still execute.
    desk.turn_to("PKG-G", "11111111111111111111111111111111").await;
    let paths = statement(&desk, "paths");
    let (code, detail) = code_of(&desk, &paths).await;
    assert_eq!(code, "Q7917", "{detail}");
    let wanted = "public.qt001_admin_reset(text): directus may execute it, and it is SECURITY DEFINER, and its search_path is not pinned";
    assert!(detail.lines().any(|line| line == wanted), "{detail}");

    desk.back_to("PKG-F");
    a_window_is_of_one_packet(&desk).await;
    a_membership_of_another_dba_is_named(&desk).await;
    desk.dba("dba_before.sql");
    let ran = desk.follow("run.psql", OPERATOR);
    assert!(ran.status.success(), "{}", told(&ran));
    desk.dba("dba_after.sql");
    assert_eq!(code_of(&desk, &paths).await, (String::new(), String::new()));

    desk.turn_to("PKG-G", "33333333333333333333333333333333").await;
    desk.dba("dba_before.sql");
    let before = desk.catalog().await;
    is_refused(
        &desk,
        "nobody recorded a snapshot",
        &["SNAPSHOT_NOT_BOUND", "nobody recorded a snapshot of before_S16"],
    );
    assert_eq!(desk.catalog().await, before);
    desk.dba("dba_after.sql");
    let mut verifier = desk.plane.login("verifier").await;
    run(
        &mut verifier,
        "select qt001_cp.cp_verify_privileges('before_S16')",
    )
    .await;
    verifier.close().await.unwrap();
    desk.dba("dba_before.sql");
    let before = desk.catalog().await;
    each_is_refused(&desk, OWNER_CUTOVER).await;
    held(&desk).await;
    other_bytes(&desk);
    no_way_back(&desk).await;
    assert_eq!(desk.catalog().await, before);
    let ran = desk.follow("run.psql", OPERATOR);
    assert!(ran.status.success(), "{}", told(&ran));
    desk.arrange("alter view public.qt001_v_uncertified reset (security_invoker)")
        .await;
    neither(&desk, "public.qt001_v_uncertified");
    desk.arrange("alter view public.qt001_v_uncertified set (security_invoker = true)")
        .await;
    desk.verify("AFTER");
    desk.dba("dba_after.sql");

    desk.turn_to("PKG-H", "44444444444444444444444444444444").await;
    desk.dba("dba_before.sql");
    let before = desk.catalog().await;
    each_is_refused(&desk, FREEZE).await;
    held(&desk).await;
    other_bytes(&desk);
    assert_eq!(desk.catalog().await, before);
    let ran = desk.follow("run.psql", OPERATOR);
    assert!(ran.status.success(), "{}", told(&ran));
    desk.arrange("alter table public.qt001_run enable trigger legacy_frozen")
        .await;
    neither(&desk, "public.qt001_run");
    desk.plane.stop().await;
}

#[track_caller]
fn neither(desk: &Desk, object: &str) {
    let looked = desk.follow("verify.sql", OPERATOR);
    assert!(!looked.status.success(), "{}", told(&looked));
    for word in ["NEITHER", &format!("{object}: not as after this packet")] {
        assert!(told(&looked).contains(word), "{word}: {}", told(&looked));
    }
    // What it differs in from the state that it is nearly in, and none of the two hundred that the two states differ in.
    let text = told(&looked);
    let listed = text.lines().filter(|line| line.starts_with(" public."));
    assert_eq!(listed.count(), 1, "{text}");
}
