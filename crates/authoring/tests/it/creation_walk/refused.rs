//! What must be refused, each by its code, and each leaving the database as it was.

use super::desk::{Desk, OPERATOR, VERIFIER, put, told};
use crate::plane::{run, texts};
use sqlx::Connection as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

impl Desk {
    /// Waits until a login's session waits for a lock.
    async fn waiting(&self, login: &str) -> String {
        let mut watcher = self.plane.login("harness").await;
        let sql = format!(
            "select pid::text from pg_stat_activity where usename = '{login}' and wait_event_type = 'Lock'"
        );
        let deadline = Instant::now() + Duration::from_mins(1);
        let pid = loop {
            if let Some(pid) = texts(&mut watcher, &sql).await.pop() {
                break pid;
            }
            assert!(Instant::now() < deadline, "nobody waits for a lock");
            tokio::task::yield_now().await;
        };
        watcher.close().await.unwrap();
        pid
    }

    /// Ends a login's session while it waits.
    pub(super) async fn end_waiting(&self, login: &str) {
        let pid = self.waiting(login).await;
        self.arrange(&format!("select pg_terminate_backend({pid})")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_without_leave_in_other_bytes_or_bare() {
    let desk = Desk::opened().await;
    let line = desk.line("run-10.psql");
    for (what, line, login, says) in [
        (
            "another login",
            line.as_str(),
            VERIFIER,
            "fix7_verifier may not become qt001_cp_owner",
        ),
        (
            "a superuser in the operator's place",
            line.as_str(),
            desk.superuser(),
            "SESSION_NOT_OPERATOR",
        ),
        (
            "no leave",
            "psql -X -d directus -v packet_sha256=00 -v authorization=none -f run-10.psql",
            OPERATOR,
            "MALFORMED",
        ),
        (
            "nothing handed in",
            "psql -X -d directus -f run-10.psql",
            OPERATOR,
            "division by zero",
        ),
    ] {
        desk.refused(what, line, login, &[says]).await;
    }
    let mut other = desk.plane.login("harness").await;
    run(&mut other, "begin; select pg_advisory_xact_lock(7000701519)").await;
    desk.refused("another operator", &line, OPERATOR, &["OTHER_OPERATOR_AT_WORK"])
        .await;
    run(&mut other, "rollback").await;
    other.close().await.unwrap();

    // Run bare, no file changes anything.
    let before = desk.state().await;
    for file in [
        "10_create_and_seal",
        "15_evidence",
        "20_signoff",
        "30_activate",
        "40_prior_payload",
        "50_return",
        "rollback",
    ] {
        for login in [OPERATOR, desk.superuser()] {
            let bare = desk.shell(
                &format!("psql -X -d directus -f {file}.sql 2>&1 | head -n 400"),
                login,
            );
            assert!(told(&bare).contains("OUTSIDE_TRANSACTION"), "{}", told(&bare));
        }
    }
    assert_eq!(desk.state().await, before, "run bare");

    // One byte: the list does not hold, and what it would be run as was not approved.
    let (path, list) = (
        desk.packet().join("15_evidence.sql"),
        desk.packet().join("SHA256SUMS"),
    );
    let (text, kept) = (
        std::fs::read_to_string(&path).unwrap(),
        std::fs::read_to_string(&list).unwrap(),
    );
    put(
        &path,
        &text.replacen("One transaction's content", "One transaction's Content", 1),
    );
    let listed = desk.shell(&desk.readme("sha256sum", "-c")[0], OPERATOR);
    assert!(!listed.status.success(), "{}", told(&listed));
    desk.relist();
    desk.refused(
        "a packet with one byte changed",
        &line,
        OPERATOR,
        &["OTHER_BYTES"],
    )
    .await;
    put(&path, &text);
    put(&list, &kept);

    // Edited after it was signed: no database can tell, ssh-keygen can.
    let artifact = desk.packet().join("authorization.json");
    let signed = std::fs::read_to_string(&artifact).unwrap();
    put(&artifact, &signed.replace("9000-01-01", "9001-01-01"));
    for line in desk.readme("ssh-keygen", "-Y verify") {
        assert!(!desk.shell(&line, OPERATOR).status.success(), "{line}");
    }
    put(&artifact, &signed);

    // Another leave for the same bytes: a part is under the leave that the first part ran under.
    desk.part("10", OPERATOR);
    desk.leave("fedcba9876543210fedcba9876543210").await;
    desk.refused(
        "another leave",
        &desk.line("run-15.psql"),
        VERIFIER,
        &["NOT_APPLIED", "another authorization"],
    )
    .await;
    desk.plane.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_sign_and_whoever_rejects_stops_the_activation() {
    let desk = Desk::opened().await;
    desk.part("10", OPERATOR);
    let approve = desk.signing("reviewer", "approve");
    desk.refused(
        "nothing to read",
        &approve,
        "fix7_reviewer",
        &["PART_OUT_OF_ORDER"],
    )
    .await;
    desk.part("15", VERIFIER);
    for (what, line, login, says) in [
        ("no slot", approve.clone(), "fix7_author", "SESSION_NOT_SIGNER"),
        (
            "somebody unknown",
            approve.clone(),
            "fix7_outsider",
            "SESSION_NOT_SIGNER",
        ),
        (
            "another's slot",
            desk.signing("owner", "approve"),
            "fix7_reviewer",
            "SESSION_NOT_SIGNER",
        ),
        (
            "no decision",
            desk.signing("reviewer", "maybe"),
            "fix7_reviewer",
            "DECISION_UNCLEAR",
        ),
    ] {
        desk.refused(what, &line, login, &[says]).await;
    }
    desk.succeed(&approve, "fix7_reviewer");
    desk.refused(
        "the same human",
        &desk.signing("binder", "approve"),
        "fix7_reviewer_second",
        &["SAME_HUMAN"],
    )
    .await;
    let activate = desk.line("run-30.psql");
    desk.refused(
        "no quorum",
        &activate,
        OPERATOR,
        &["PART_OUT_OF_ORDER", "signoffs owner"],
    )
    .await;
    desk.succeed(&desk.signing("binder", "approve"), "fix7_binder");
    desk.succeed(&desk.signing("owner", "reject"), "fix7_owner");
    desk.verify(&["20_signoff binder AFTER", "20_signoff owner REJECTED"]);
    desk.refused(
        "a reject",
        &activate,
        OPERATOR,
        &["STATE_MOVED", "found rejected"],
    )
    .await;
    // It may still be dropped? A rejected creation is taken back like any other before its activation.
    desk.part("rollback", OPERATOR);
    desk.verify(&["10_create_and_seal BEFORE"]);
    desk.plane.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_or_an_epoch_that_moved_is_refused_also_while_the_part_runs() {
    let desk = Desk::opened().await;
    desk.part("10", OPERATOR);
    desk.arrange("grant usage on schema qt001_cp to public").await;
    let evidence = desk.line("run-15.psql");
    desk.refused(
        "an ACL moved",
        &evidence,
        VERIFIER,
        &["STATE_MOVED", "qt001_cp: expected"],
    )
    .await;
    let looked = desk.shell(&desk.line("verify.sql"), OPERATOR);
    assert!(!looked.status.success(), "{}", told(&looked));
    assert!(
        told(&looked).contains("NEITHER_BEFORE_NOR_AFTER"),
        "{}",
        told(&looked)
    );
    desk.arrange("revoke usage on schema qt001_cp from public").await;
    desk.arrange("set role qt001_cp_owner; create function qt001_cp.stray() returns integer language sql as 'select 1'")
        .await;
    desk.refused(
        "an object more",
        &evidence,
        VERIFIER,
        &["STATE_MOVED", "undeclared"],
    )
    .await;
    desk.arrange("drop function qt001_cp.stray()").await;
    desk.part("15", VERIFIER);
    desk.sign_all();

    // Somebody moves the epoch while the activation waits for it.
    let activate = desk.line("run-30.psql");
    let mut other = desk.plane.login("harness").await;
    run(
        &mut other,
        "begin; set local role qt001_cp_owner; update qt001_cp.control_epoch set epoch = epoch + 1",
    )
    .await;
    let child = desk
        .command(&activate, OPERATOR)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    desk.waiting(OPERATOR).await;
    run(&mut other, "commit").await;
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(3), "{}", told(&ended));
    assert!(
        told(&ended).contains("could not serialize access"),
        "{}",
        told(&ended)
    );
    let active = texts(
        &mut other,
        "select count(*)::text from qt001_cp.manifest_activation",
    )
    .await;
    assert_eq!(active, ["0"]);
    other.close().await.unwrap();
    desk.refused("the epoch has moved", &activate, OPERATOR, &["EPOCH_MOVED"])
        .await;
    desk.plane.stop().await;
}
