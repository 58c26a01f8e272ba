//! E, F, G and H by the lines of their READMEs, one after the other and back again, committed, while births go on.
//!
//! Not for: what each packet asserts by itself. The one fact to know: packets are applied in their order and taken back in
//! the opposite one; every other order is refused by its code, and leaves the database as it was.

use super::around;
use super::desk::{Desk, OPERATOR, told};
use super::orders::{applied, no_part, out_of_turn};
use crate::creation_walk::People;
use crate::plane::{run, texts};
use sqlx::Connection as _;
use std::process::Stdio;

const BIRTH: &str = "insert into public.workflows (process_code, name) values ('CHAIN-' || gen_random_uuid(), 'chain'); select count(*) from public.birth_registry";

/// Applies the packet on the desk, its window opened and closed, with births beside it.
fn apply(desk: &Desk) {
    desk.dba("dba_before.sql");
    for line in desk
        .readme("sha256sum", "-c")
        .iter()
        .chain(&desk.readme("ssh-keygen", "-Y verify"))
    {
        let checked = desk.shell(line, OPERATOR, "");
        assert!(checked.status.success(), "{line}: {}", told(&checked));
    }
    let ready = desk.follow("preflight.sql", OPERATOR);
    assert!(
        ready.status.success() && told(&ready).contains("GO"),
        "{}",
        told(&ready)
    );
    with_births(desk, "run.psql");
    desk.verify("AFTER");
    desk.dba("dba_after.sql");
}

fn take_back(desk: &Desk) {
    desk.dba("dba_before.sql");
    with_births(desk, "run-rollback.psql");
    desk.verify("BEFORE");
    desk.dba("dba_after.sql");
}

/// Runs a file while a second client writes births and reads them, before, during and after.
fn with_births(desk: &Desk, file: &str) {
    let births =
        format!("for n in 1 2 3 4 5 6 7 8; do psql -X -q -v ON_ERROR_STOP=1 -c \"{BIRTH}\" || exit 1; done");
    let mut second = desk
        .command(&births, "directus", "")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let line = &desk.readme("psql", &format!("-f {file}"))[0];
    let ran = desk.shell(line, OPERATOR, "");
    let born = second.wait().unwrap();
    assert!(ran.status.success(), "{file}: {}", told(&ran));
    assert!(born.success(), "births beside {file}");
}

/// A file that must be refused because of the order, and change nothing.
async fn out_of_order(desk: &Desk, file: &str, named: &str) {
    desk.dba("dba_before.sql");
    let before = desk.state().await;
    let line = &desk.readme("psql", &format!("-f {file}"))[0];
    let refused = desk.shell(line, OPERATOR, "");
    assert_eq!(refused.status.code(), Some(3), "{}", told(&refused));
    for word in ["OUT_OF_ORDER", named] {
        assert!(
            told(&refused).contains(word),
            "expected {word}: {}",
            told(&refused)
        );
    }
    assert_eq!(desk.state().await, before);
    desk.dba("dba_after.sql");
}

fn as_application(desk: &Desk, sql: &str) -> std::process::Output {
    desk.shell(
        &format!("psql -X -v ON_ERROR_STOP=1 -c \"{sql}\""),
        "directus",
        "",
    )
}

#[track_caller]
fn refused(desk: &Desk, sql: &str, expected: &str) {
    let tried = as_application(desk, sql);
    assert!(
        !tried.status.success() && told(&tried).contains(expected),
        "{sql}: expected {expected}: {}",
        told(&tried)
    );
}

#[track_caller]
fn accepted(desk: &Desk, sql: &str) {
    let tried = as_application(desk, sql);
    assert!(tried.status.success(), "{sql}: {}", told(&tried));
}

async fn snapshot(desk: &Desk) {
    let mut verifier = desk.plane.login("verifier").await;
    run(
        &mut verifier,
        "select qt001_cp.cp_verify_privileges('before_S16')",
    )
    .await;
    verifier.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn e_f_g_and_h_there_and_back_and_in_no_other_order() {
    let (plane, origin) = crate::creation_walk::activated().await;
    let mut desk = Desk::over(plane).await;
    let (before_f, in_order) = (desk.catalog().await, desk.catalog_in_order().await);
    let prepared = around::prepared(&desk).await;

    no_part(&desk, &origin, &["40"], &out_of_turn("activated")).await;
    desk.turn_to("PKG-G", "11111111111111111111111111111111").await;
    out_of_order(&desk, "run.psql", "not applied: PKG-F").await;
    desk.turn_to("PKG-H", "22222222222222222222222222222222").await;
    out_of_order(&desk, "run.psql", "not applied: PKG-G").await;

    desk.back_to("PKG-F");
    apply(&desk);
    accepted(&desk, "update public.qt001_plan set id = id where false");
    // The old owner can still grant itself what was taken, which PKG-G ends.
    accepted(
        &desk,
        "begin; grant execute on function public.qt001_count_rows(text) to directus; rollback",
    );
    // What it stands on does not move meanwhile.
    no_part(&desk, &origin, &[], &applied(&["PKG-F"])).await;
    let before_g = desk.catalog().await;

    desk.turn_to("PKG-G", "33333333333333333333333333333333").await;
    snapshot(&desk).await;
    apply(&desk);
    accepted(&desk, "select count(*) from public.qt001_plan");
    accepted(&desk, "select count(*) from public.qt001_v_uncertified");
    refused(
        &desk,
        "update public.qt001_plan set id = id where false",
        "permission denied",
    );
    refused(
        &desk,
        "grant execute on function public.qt001_count_rows(text) to directus",
        "permission denied",
    );
    refused(&desk, "drop table public.qt001_plan", "must be owner");
    accepted(&desk, "select state from public.qt001_backfill_permit");
    let before_h = desk.catalog().await;

    desk.back_to("PKG-F");
    out_of_order(&desk, "run-rollback.psql", "applied and not taken back: PKG-G").await;
    no_part(&desk, &origin, &[], &applied(&["PKG-F", "PKG-G"])).await;

    desk.turn_to("PKG-H", "44444444444444444444444444444444").await;
    apply(&desk);
    let mut harness = desk.plane.login("harness").await;
    for sql in [
        "insert into public.qt001_plan default values",
        "update public.qt001_plan set id = id where false",
        "delete from public.qt001_plan where false",
        "truncate public.qt001_plan cascade",
        "set session_replication_role = replica; delete from public.qt001_plan where false",
    ] {
        let refused = sqlx::raw_sql(sql).execute(&mut harness).await;
        let error = refused.expect_err(sql);
        let error = error.as_database_error().expect(sql);
        assert_eq!(error.code().as_deref(), Some("Q7061"), "{sql}: {error}");
    }
    run(&mut harness, "set session_replication_role = origin").await;
    let comment = "select obj_description('public.qt001_v_ready'::regclass, 'pg_class')";
    let said = texts(&mut harness, comment).await;
    assert!(said[0].starts_with("LEGACY_FROZEN "), "{said:?}");
    harness.close().await.unwrap();
    accepted(&desk, "select count(*) from public.qt001_plan");
    accepted(&desk, "delete from public.tac_documents where false");
    around::each_is_shut_and_is_a_way(&desk, prepared).await;

    for package in ["PKG-F", "PKG-G"] {
        desk.back_to(package);
        out_of_order(&desk, "run-rollback.psql", "applied and not taken back: PKG-H").await;
    }
    no_part(&desk, &origin, &[], &applied(&["PKG-F", "PKG-G", "PKG-H"])).await;

    desk.back_to("PKG-H");
    take_back(&desk);
    restored(&desk, &before_h).await;
    desk.back_to("PKG-F");
    out_of_order(&desk, "run-rollback.psql", "applied and not taken back: PKG-G").await;
    desk.back_to("PKG-G");
    take_back(&desk);
    restored(&desk, &before_g).await;
    desk.back_to("PKG-F");
    take_back(&desk);
    restored(&desk, &before_f).await;
    let again = desk.catalog_in_order().await;
    let moved: Vec<_> = again.iter().filter(|line| !in_order.contains(line)).collect();
    assert!(
        moved.is_empty(),
        "items in another order than before PKG-F: {moved:#?}"
    );
    accepted(&desk, "select public.qt001_count_rows('none')");

    // Nothing is active, so there is nothing to repoint to, until the packet of the control plane gives it back.
    desk.turn_to("PKG-F", "55555555555555555555555555555555").await;
    out_of_order(&desk, "run.psql", "nothing is active for birth_writer: PKG-E").await;
    no_part(&desk, &origin, &["40"], &out_of_turn("withdrawn")).await;
    given_back(&desk, &origin).await;
    restored(&desk, &before_f).await;
    desk.turn_to("PKG-F", "66666666666666666666666666666666").await;
    apply(&desk);
    take_back(&desk);
    restored(&desk, &before_f).await;
    desk.plane.stop().await;
}

/// PKG-E's way back after its activation, where PKG-F's own has left nothing active.
async fn given_back(desk: &Desk, origin: &People) {
    origin.dba("dba_before.sql");
    origin.verify(&[&origin.declared("withdrawn"), "40_prior_payload BEFORE"]);
    origin.part("40", OPERATOR);
    origin.verify(&[&origin.declared("withdrawn_candidate")]);
    origin.sign_all();
    origin.verify(&[&origin.declared("withdrawn_signed"), "50_return BEFORE"]);
    origin.part("50", OPERATOR);
    origin.verify(&[&origin.declared("withdrawn_returned"), "50_return AFTER"]);
    origin.dba("dba_after.sql");
    no_part(desk, origin, &[], &out_of_turn("withdrawn_returned")).await;
    refused(desk, "select from qt001_cp.control_epoch", "permission denied");
}

/// Everything but rows is as it was.
async fn restored(desk: &Desk, before: &[String]) {
    let after = desk.catalog().await;
    let missing: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
    let unexpected: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
    assert!(before.len() > 500, "{}", before.len());
    assert!(
        missing.is_empty() && unexpected.is_empty(),
        "missing {missing:#?}, unexpected {unexpected:#?}"
    );
    assert_eq!(after.len(), before.len());
}
