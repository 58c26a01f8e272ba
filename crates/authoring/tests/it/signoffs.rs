//! Signoffs: by the login's own principal, in a slot it holds, and not by one human in separated slots.
//!
//! The fact to know: who signs is `session_user`; neither SET ROLE nor an argument changes that
//! [ruling A7].

use sqlx::Connection as _;

use crate::activation::signing_acts;
use crate::plane::{Plane, Stage, run, send, texts};

/// The plane with its evidence recorded, a surface's identity, and the evidence's.
async fn with_evidence() -> (Plane, String, String) {
    let mut plane = Plane::at(Stage::Sealed).await;
    let (persona, record) = signing_acts().remove(0);
    plane.act(&persona, &record).await;
    let manifest = plane
        .text("select manifest_id::text from qt001_cp.manifest_envelope where surface_no = 9")
        .await;
    let evidence = plane
        .text("select evidence_id::text from qt001_cp.evidence_registry")
        .await;
    (plane, manifest, evidence)
}

fn sign(manifest: &str, slot: &str, evidence: &str, decision: &str) -> String {
    format!("select qt001_cp.cp_record_signoff('{manifest}', '{slot}', '{evidence}', '{decision}')")
}

#[tokio::test]
async fn one_human_does_not_sign_separated_slots() {
    let (mut plane, manifest, evidence) = with_evidence().await;
    let reviewing = sign(&manifest, "reviewer", &evidence, "approve");
    let binding = sign(&manifest, "binder", &evidence, "approve");
    for (first, first_sql, second, second_sql) in [
        ("reviewer", &reviewing, "reviewer_second", &binding),
        ("reviewer_second", &binding, "reviewer", &reviewing),
        ("reviewer_second", &reviewing, "reviewer_second", &binding),
    ] {
        plane.mark().await;
        plane.accepted(second, second_sql).await;
        plane.act(first, first_sql).await;
        let refusal = plane.refused(second, second_sql, "SAME_HUMAN").await;
        assert_eq!(refusal.table, "signoff_binding");
        // Another human in the same slot is accepted; so is the same human on another surface.
        if second_sql == &binding {
            plane.accepted("binder", &binding).await;
        }
        plane.back().await;
    }
    plane.stop().await;
}

/// Separation is slot-scoped: between slots that #08 does not separate, one human may sign twice.
#[tokio::test]
async fn separation_is_of_the_named_slots_on_one_surface_at_one_epoch() {
    let (mut plane, manifest, evidence) = with_evidence().await;
    let other = plane
        .text("select manifest_id::text from qt001_cp.manifest_envelope where surface_no = 8")
        .await;
    plane
        .act("reviewer", &sign(&manifest, "reviewer", &evidence, "approve"))
        .await;
    plane
        .accepted("reviewer_second", &sign(&other, "binder", &evidence, "approve"))
        .await;
    // The second principal in the same slot is no separation matter; it does not count twice either.
    plane
        .accepted(
            "reviewer_second",
            &sign(&manifest, "reviewer", &evidence, "approve"),
        )
        .await;
    // `p_reviewer` holds the slot in scope `seal` too, and that is no clash with itself.
    let scopes = plane
        .texts("select slot_scope::text from qt001_cp.slot_binding_manifest where principal_id = 'p_reviewer' and slot = 'reviewer' order by 1")
        .await;
    assert_eq!(scopes, ["activation", "seal"]);
    plane.stop().await;
}

#[tokio::test]
async fn approval_after_the_signers_own_rejection_does_not_unblock() {
    let (mut plane, manifest, evidence) = with_evidence().await;
    plane
        .act("reviewer", &sign(&manifest, "reviewer", &evidence, "reject"))
        .await;
    for (persona, sql) in signing_acts().into_iter().skip(1) {
        plane.act(&persona, &sql).await;
    }
    let activate = plane.activate_call("birth_writer", 1).await;
    plane.refused("operator", &activate, "SIGNOFF_REJECTED").await;
    plane.stop().await;
}

#[tokio::test]
async fn slot_not_held_unknown_login_and_unknown_subject_are_refused() {
    let (mut plane, manifest, evidence) = with_evidence().await;
    for (persona, slot) in [
        ("author", "reviewer"),
        ("binder", "reviewer"),
        ("reviewer", "owner"),
        ("reviewer", "operator"),
        ("reviewer", "visitor"),
    ] {
        plane
            .refused(
                persona,
                &sign(&manifest, slot, &evidence, "approve"),
                "SLOT_NOT_HELD",
            )
            .await;
    }
    // EXECUTE opens the door and nothing else: a member of the signers who is not in #02 signs nothing.
    plane
        .act("harness", "grant qt001_cp_signer to fix7_outsider")
        .await;
    plane
        .refused(
            "outsider",
            &sign(&manifest, "reviewer", &evidence, "approve"),
            "SLOT_NOT_HELD",
        )
        .await;
    let nothing = "00000000-0000-8000-8000-000000000000";
    plane
        .refused(
            "reviewer",
            &sign(nothing, "reviewer", &evidence, "approve"),
            "SUBJECT_UNKNOWN",
        )
        .await;
    plane
        .refused(
            "reviewer",
            &sign(&manifest, "reviewer", nothing, "approve"),
            "SUBJECT_UNKNOWN",
        )
        .await;
    plane
        .refused(
            "reviewer",
            &sign(&manifest, "reviewer", &evidence, "abstain"),
            "23514",
        )
        .await;
    for who in ["operator", "verifier", "auditor", "directus"] {
        plane
            .refused(who, &sign(&manifest, "reviewer", &evidence, "approve"), "42501")
            .await;
    }
    plane.stop().await;
}

#[tokio::test]
async fn draft_is_not_signed() {
    let (mut plane, _, evidence) = with_evidence().await;
    let draft = plane.next_version(9).await;
    plane
        .refused(
            "reviewer",
            &sign(&draft, "reviewer", &evidence, "approve"),
            "SIGNOFF_PAYLOAD_MISMATCH",
        )
        .await;
    plane.stop().await;
}

/// The owner holds INSERT: what it types meets the same trigger, field by field.
#[tokio::test]
async fn row_typed_by_hand_speaks_for_nobody_else() {
    let (mut plane, manifest, evidence) = with_evidence().await;
    // A login that is owner and signer at once, so that its own honest row is the accepted twin.
    plane
        .act("harness", "grant qt001_cp_owner to fix7_reviewer")
        .await;
    let typed = |payload: &str, slot: &str, principal: &str, epoch: i64, scope: &str| {
        format!(
            "set local role qt001_cp_owner;
             insert into qt001_cp.signoff_binding (manifest_id, surface_no, payload_sha256, slot, principal_id, evidence_id, control_epoch, decision, scope_sha256)
             select e.manifest_id, 9, {payload}, '{slot}', '{principal}', r.evidence_id, {epoch}, 'approve', {scope}
             from qt001_cp.manifest_envelope e, qt001_cp.evidence_registry r
             where e.manifest_id = '{manifest}' and r.evidence_id = '{evidence}'"
        )
    };
    let own = "e.payload_sha256";
    let scope = |slot: &str, principal: &str, epoch: i64| {
        format!(
            "qt001_cp.h04(e.manifest_id, 9, e.payload_sha256, '{slot}', '{principal}', r.artifact_sha256, {epoch}, 'approve')"
        )
    };
    let honest = scope("reviewer", "p_reviewer", 1);
    plane
        .accepted("reviewer", &typed(own, "reviewer", "p_reviewer", 1, &honest))
        .await;
    for (sql, code) in [
        (
            typed(own, "binder", "p_binder", 1, &scope("binder", "p_binder", 1)),
            "SIGNER_NOT_SESSION_USER",
        ),
        (
            typed(
                own,
                "reviewer",
                "p_reviewer_second",
                1,
                &scope("reviewer", "p_reviewer_second", 1),
            ),
            "SIGNER_NOT_SESSION_USER",
        ),
        (
            typed(own, "owner", "p_reviewer", 1, &scope("owner", "p_reviewer", 1)),
            "SLOT_NOT_HELD",
        ),
        (
            typed(
                own,
                "reviewer",
                "p_reviewer",
                2,
                &scope("reviewer", "p_reviewer", 2),
            ),
            "SIGNOFF_STALE",
        ),
        (
            typed(
                own,
                "reviewer",
                "p_reviewer",
                0,
                &scope("reviewer", "p_reviewer", 0),
            ),
            "SIGNOFF_STALE",
        ),
        (
            typed("sha256('other')", "reviewer", "p_reviewer", 1, &honest),
            "SIGNOFF_PAYLOAD_MISMATCH",
        ),
        (
            typed(own, "reviewer", "p_reviewer", 1, "sha256('forged')"),
            "SIGNOFF_SCOPE_MISMATCH",
        ),
        (
            typed(
                own,
                "reviewer",
                "p_reviewer",
                1,
                &scope("reviewer", "p_reviewer", 2),
            ),
            "SIGNOFF_SCOPE_MISMATCH",
        ),
    ] {
        plane.refused("reviewer", &sql, code).await;
    }
    // The superuser and the owner are nobody's principal.
    for who in ["harness", "owner"] {
        plane
            .refused(
                who,
                &typed(own, "reviewer", "p_reviewer", 1, &honest),
                "SIGNER_NOT_SESSION_USER",
            )
            .await;
    }
    plane.stop().await;
}

#[tokio::test]
async fn set_role_changes_nothing_about_who_signs() {
    let (mut plane, manifest, evidence) = with_evidence().await;
    plane.act("harness", "grant fix7_binder to fix7_reviewer").await;
    let binding = sign(&manifest, "binder", &evidence, "approve");
    plane
        .refused(
            "reviewer",
            &format!("set local role fix7_binder; {binding}"),
            "SLOT_NOT_HELD",
        )
        .await;
    let reviewing = sign(&manifest, "reviewer", &evidence, "approve");
    plane
        .act(
            "reviewer",
            &format!("set local role fix7_binder; {reviewing}; reset role"),
        )
        .await;
    let signer = plane
        .text("select principal_id::text from qt001_cp.signoff_binding")
        .await;
    assert_eq!(signer, "p_reviewer");
    plane.stop().await;
}

/// What SET SESSION AUTHORIZATION shows in a transaction holds for the real login, committed.
#[tokio::test]
async fn real_logins_agree_with_session_authorization() {
    let (mut plane, manifest, evidence) = with_evidence().await;
    let record = signing_acts().remove(0).1;
    let activate = plane.activate_call("birth_writer", 1).await;
    let acts = [
        record,
        sign(&manifest, "reviewer", &evidence, "approve"),
        sign(&manifest, "binder", &evidence, "approve"),
        sign(&manifest, "owner", &evidence, "approve"),
        activate,
        "select qt001_cp.cp_verify_catalog()".to_owned(),
        "select * from qt001_cp.v_fix7_acceptance".to_owned(),
        "select session_user".to_owned(),
    ];
    let personas = [
        "operator",
        "verifier",
        "author",
        "reviewer",
        "reviewer_second",
        "binder",
        "signing_owner",
        "auditor",
        "outsider",
    ];
    // The evidence is committed for the real logins, and stands in this transaction for the others.
    let mut verifier = plane.login("verifier").await;
    run(&mut plane.connection, "rollback; begin").await;
    run(&mut verifier, &acts[0]).await;
    verifier.close().await.unwrap();
    let mut accepted = 0;
    for persona in personas {
        let mut session = plane.login(persona).await;
        assert_eq!(texts(&mut session, "select session_user::text").await.len(), 1);
        for sql in &acts {
            run(&mut session, "begin").await;
            let real = send(&mut session, sql).await;
            run(&mut session, "rollback").await;
            let assumed = plane.attempt(persona, sql).await;
            assert_eq!(real.is_ok(), assumed.is_ok(), "{persona}: {sql}");
            if let (Err(real), Err(assumed)) = (&real, &assumed) {
                assert_eq!(real, assumed, "{persona}: {sql}");
            }
            accepted += usize::from(real.is_ok());
        }
        session.close().await.unwrap();
    }
    // Each persona names itself (9); five signoffs; the catalog verifier; the auditor's read.
    assert_eq!(accepted, 9 + 5 + 1 + 1);
    plane.stop().await;
}
