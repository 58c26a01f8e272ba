//! Two sessions at once, committed, under real logins: exactly one wins.
//!
//! The fact to know: a session is known to wait when `pg_stat_activity` says so; nothing here sleeps by
//! the clock, and nothing hopes that a race happens.

use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinHandle;

use crate::activation::signing_acts;
use crate::plane::{Plane, Refusal, Stage, run, send, texts};

/// A session that sends one statement while the test goes on.
struct Waiting {
    task: JoinHandle<(PgConnection, Result<u64, Refusal>)>,
}

/// Sends the statement and returns once the server says that it waits for a lock.
async fn send_until_blocked(watch: &mut PgConnection, mut session: PgConnection, sql: &str) -> Waiting {
    let pid = texts(&mut session, "select pg_backend_pid()::text")
        .await
        .remove(0);
    let sql = sql.to_owned();
    let task = tokio::task::spawn_local(async move {
        let outcome = send(&mut session, &sql).await;
        (session, outcome)
    });
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let waits = texts(
            watch,
            &format!("select coalesce(wait_event_type, '') from pg_stat_activity where pid = {pid}"),
        )
        .await;
        if waits == ["Lock"] {
            return Waiting { task };
        }
        assert!(!task.is_finished(), "the statement did not wait");
        assert!(Instant::now() < deadline, "the statement never came to wait");
        tokio::task::yield_now().await;
    }
}

impl Waiting {
    async fn outcome(self) -> Result<u64, Refusal> {
        let (session, outcome) = tokio::time::timeout(Duration::from_secs(20), self.task)
            .await
            .expect("the statement ends when the lock is gone")
            .unwrap();
        session.close().await.unwrap();
        outcome
    }
}

/// A plane with every signoff given and committed, each under the signer's own login.
async fn signed() -> Plane {
    let plane = Plane::at(Stage::Sealed).await;
    let acts = signing_acts();
    for persona in ["verifier", "reviewer", "binder", "signing_owner"] {
        let mut session = plane.login(persona).await;
        for (_, sql) in acts.iter().filter(|(by, _)| by == persona) {
            run(&mut session, sql).await;
        }
        session.close().await.unwrap();
    }
    plane
}

async fn epoch(watch: &mut PgConnection) -> String {
    texts(watch, "select epoch::text from qt001_cp.control_epoch")
        .await
        .remove(0)
}

#[tokio::test(flavor = "local")]
async fn of_two_activations_exactly_one_wins() {
    for loser in ["birth_writer", "readback"] {
        let mut plane = signed().await;
        let activate = plane.activate_call("birth_writer", 1).await;
        let loser = plane.activate_call(loser, 1).await;
        let mut watch = plane.login("harness").await;
        let mut first = plane.login("operator").await;
        run(&mut first, "begin").await;
        run(&mut first, &activate).await;
        let second = send_until_blocked(&mut watch, plane.login("operator").await, &loser).await;
        run(&mut first, "commit").await;
        second.outcome().await.unwrap_err().expect("EPOCH_MOVED");
        assert_eq!(epoch(&mut watch).await, "2");
        let activations = texts(
            &mut watch,
            "select writer_type::text from qt001_cp.manifest_activation",
        )
        .await;
        assert_eq!(activations, ["birth_writer"]);
        let executed = texts(
            &mut watch,
            "select count(*)::text from qt001_cp.level_b_packet_execution where entrypoint = 'cp_activate'",
        )
        .await;
        assert_eq!(executed, ["1"]);
        plane.stop().await;
    }
}

/// Who waited wins if the first gives up: the lock refuses nobody by itself.
#[tokio::test(flavor = "local")]
async fn activation_that_waited_wins_when_the_first_gives_up() {
    let mut plane = signed().await;
    let activate = plane.activate_call("birth_writer", 1).await;
    let mut watch = plane.login("harness").await;
    let mut first = plane.login("operator").await;
    run(&mut first, "begin").await;
    run(&mut first, &activate).await;
    let second = send_until_blocked(&mut watch, plane.login("operator").await, &activate).await;
    run(&mut first, "rollback").await;
    second.outcome().await.unwrap();
    assert_eq!(epoch(&mut watch).await, "2");
    send(&mut first, &activate)
        .await
        .unwrap_err()
        .expect("EPOCH_MOVED");
    plane.stop().await;
}

#[tokio::test(flavor = "local")]
async fn epoch_that_moves_in_between_stops_the_activation() {
    let mut plane = signed().await;
    let activate = plane.activate_call("birth_writer", 1).await;
    let mut watch = plane.login("harness").await;
    let mut mover = plane.login("harness").await;
    run(
        &mut mover,
        "begin; set local role qt001_cp_owner; update qt001_cp.control_epoch set epoch = 2",
    )
    .await;
    let waiting = send_until_blocked(&mut watch, plane.login("operator").await, &activate).await;
    run(&mut mover, "commit").await;
    waiting.outcome().await.unwrap_err().expect("EPOCH_MOVED");
    plane.stop().await;
}

#[tokio::test(flavor = "local")]
async fn of_a_supersession_and_an_activation_exactly_one_wins() {
    let supersede = "select qt001_cp.cp_supersede('birth_writer', 2)";
    for supersession_is_first in [true, false] {
        let mut plane = Plane::at(Stage::Activated).await;
        // A second activation at epoch 2 needs its own quorum: same versions, signed again.
        let mut verifier = plane.login("verifier").await;
        run(
            &mut verifier,
            "select qt001_cp.cp_record_evidence('signoff_artifact', sha256('again'), 'urn:again')",
        )
        .await;
        verifier.close().await.unwrap();
        let evidence = plane
            .text("select evidence_id::text from qt001_cp.evidence_registry where control_epoch = 2")
            .await;
        let sealed = crate::activation::values_of_sealed(&mut plane).await;
        for (persona, slot) in [
            ("reviewer", "reviewer"),
            ("binder", "binder"),
            ("signing_owner", "owner"),
        ] {
            let mut session = plane.login(persona).await;
            run(
                &mut session,
                &format!("select qt001_cp.cp_record_signoff(l.manifest_id, '{slot}', '{evidence}', 'approve') {sealed}"),
            )
            .await;
            session.close().await.unwrap();
        }
        let activate = plane.activate_call("birth_writer", 2).await;
        let (winner, loser) = if supersession_is_first {
            (supersede, activate.as_str())
        } else {
            (activate.as_str(), supersede)
        };
        let mut watch = plane.login("harness").await;
        let mut first = plane.login("operator").await;
        run(&mut first, "begin").await;
        run(&mut first, winner).await;
        let second = send_until_blocked(&mut watch, plane.login("operator").await, loser).await;
        run(&mut first, "commit").await;
        second.outcome().await.unwrap_err().expect("EPOCH_MOVED");
        assert_eq!(epoch(&mut watch).await, "3");
        let active = texts(&mut watch, "select control_epoch::text from qt001_cp.active_set").await;
        assert_eq!(active.len(), usize::from(!supersession_is_first));
        plane.stop().await;
    }
}

#[tokio::test(flavor = "local")]
async fn child_that_races_the_seal_waits_and_is_refused() {
    let mut plane = Plane::at(Stage::Draft).await;
    let seal = plane.seal_call(9).await;
    let extra = plane
        .text(
            "select format('insert into qt001_cp.expected_item values (%L, 9, ''RACED'')', manifest_id)
             from qt001_cp.manifest_envelope where surface_no = 9",
        )
        .await;
    let child = "begin; set local role qt001_cp_owner; update qt001_cp.readiness_gate_manifest set title = title || '!' where ordinal = 1; commit";
    let mut watch = plane.login("harness").await;
    let mut operator = plane.login("operator").await;
    run(&mut operator, "begin").await;
    run(&mut operator, &seal).await;
    let extra = format!("begin; set local role qt001_cp_owner; {extra}; commit");
    let inserting = send_until_blocked(&mut watch, plane.login("harness").await, &extra).await;
    let updating = send_until_blocked(&mut watch, plane.login("harness").await, child).await;
    run(&mut operator, "commit").await;
    inserting
        .outcome()
        .await
        .unwrap_err()
        .expect("SEALED_ROW_IMMUTABLE");
    updating
        .outcome()
        .await
        .unwrap_err()
        .expect("SEALED_ROW_IMMUTABLE");
    let extras = texts(
        &mut watch,
        "select count(*)::text from qt001_cp.expected_item where item_key = 'RACED'",
    )
    .await;
    assert_eq!(extras, ["0"]);
    plane.stop().await;
}

/// The other way round: the child is first, so the seal waits, and then sees it.
#[tokio::test(flavor = "local")]
async fn seal_that_races_a_child_waits_and_finds_it() {
    let mut plane = Plane::at(Stage::Draft).await;
    let seal = plane.seal_call(9).await;
    let mut watch = plane.login("harness").await;
    let mut owner = plane.login("harness").await;
    run(
        &mut owner,
        "begin; set local role qt001_cp_owner; update qt001_cp.readiness_gate_manifest set title = title || '!' where ordinal = 1",
    )
    .await;
    let sealing = send_until_blocked(&mut watch, plane.login("operator").await, &seal).await;
    run(&mut owner, "commit").await;
    sealing
        .outcome()
        .await
        .unwrap_err()
        .expect("ITEM_DIGEST_MISMATCH");
    plane.stop().await;
}

/// The quorum is recounted under the lock: a rejection that commits first stops the activation.
#[tokio::test(flavor = "local")]
async fn rejection_that_races_the_activation_is_not_lost() {
    let reject = signing_acts()
        .pop()
        .unwrap()
        .1
        .replace("'owner'", "'reviewer'")
        .replace("'approve'", "'reject'");
    for activation_is_first in [true, false] {
        let mut plane = signed().await;
        let activate = plane.activate_call("birth_writer", 1).await;
        let ((first, first_sql), (second, second_sql), code) = if activation_is_first {
            // The epoch that the signer read is over: refused, not silently filed under it.
            (
                ("operator", &activate),
                ("reviewer_second", &reject),
                "SIGNOFF_STALE",
            )
        } else {
            (
                ("reviewer_second", &reject),
                ("operator", &activate),
                "SIGNOFF_REJECTED",
            )
        };
        let mut watch = plane.login("harness").await;
        let mut session = plane.login(first).await;
        run(&mut session, "begin").await;
        run(&mut session, first_sql).await;
        let late = send_until_blocked(&mut watch, plane.login(second).await, second_sql).await;
        run(&mut session, "commit").await;
        late.outcome().await.unwrap_err().expect(code);
        plane.stop().await;
    }
}
