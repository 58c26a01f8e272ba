//! Activation: a set named by digest, bound to the epoch, under a quorum of different humans.
//!
//! Not for: two sessions at once (`races`). The fact to know: the checks run in the insert trigger of
//! `manifest_activation`, so an owner who types the INSERT meets them too.

use crate::plane::{Plane, Stage, read};

/// The evidence that the committed acts record, and every signoff but the activation itself.
pub(crate) async fn sign_all(plane: &mut Plane) {
    for (persona, sql) in signing_acts() {
        plane.act(&persona, &sql).await;
    }
}

/// Persona and statement of each act of S14 before the activation.
pub(crate) fn signing_acts() -> Vec<(String, String)> {
    let file: toml::Table = toml::from_str(&read("rehearsal/steps/14_activate.toml")).unwrap();
    let acts: Vec<(String, String)> = file["act"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| {
            let text = |key: &str| act[key].as_str().unwrap().to_owned();
            (text("persona"), text("sql"))
        })
        .take_while(|(_, sql)| !sql.contains("cp_activate"))
        .collect();
    assert_eq!(acts.len(), 1 + 3 * 27);
    acts
}

#[tokio::test]
async fn quorum_activates_and_moves_the_epoch_by_one() {
    let mut plane = Plane::at(Stage::Sealed).await;
    sign_all(&mut plane).await;
    let activate = plane.activate_call("birth_writer", 1).await;
    for who in ["verifier", "reviewer", "auditor", "outsider", "directus"] {
        plane.refused(who, &activate, "42501").await;
    }
    plane.act("operator", &activate).await;
    assert_eq!(plane.number("select epoch from qt001_cp.control_epoch").await, 2);
    let lines = plane
        .number("select count(*) from qt001_cp.active_manifest where writer_type = 'birth_writer'")
        .await;
    assert_eq!(lines, 27);
    let executed = plane
        .number(
            "select count(*) from qt001_cp.level_b_packet_execution x, qt001_cp.active_set a
             where x.entrypoint = 'cp_activate' and x.subject = 'birth_writer' and x.subject_sha256 = a.set_sha256
               and x.actor = 'fix7_operator'",
        )
        .await;
    assert_eq!(executed, 1);
    plane.stop().await;
}

#[tokio::test]
async fn another_epoch_set_or_writer_type_is_refused() {
    let mut plane = Plane::at(Stage::Sealed).await;
    sign_all(&mut plane).await;
    let sound = plane.activate_call("birth_writer", 1).await;
    plane.accepted("operator", &sound).await;
    for epoch in [0, 2, 3] {
        let call = plane.activate_call("birth_writer", epoch).await;
        plane.refused("operator", &call, "EPOCH_MOVED").await;
    }
    let null_epoch = sound.replace(", 1, ", ", null, ");
    plane.refused("operator", &null_epoch, "EPOCH_MOVED").await;
    let other_set = r"select qt001_cp.cp_activate('birth_writer', 1, sha256(''))";
    plane.refused("operator", other_set, "SET_DIGEST_MISMATCH").await;
    plane
        .refused(
            "operator",
            "select qt001_cp.cp_activate('birth_writer', 1, null)",
            "SET_DIGEST_MISMATCH",
        )
        .await;
    let unknown = plane.activate_call("no_such_writer", 1).await;
    plane.refused("operator", &unknown, "WRITER_TYPE_UNKNOWN").await;
    plane.stop().await;
}

#[tokio::test]
async fn missing_signoff_of_any_slot_is_refused() {
    let mut plane = Plane::at(Stage::Sealed).await;
    let activate = plane.activate_call("birth_writer", 1).await;
    plane.refused("operator", &activate, "QUORUM_NOT_MET").await;
    for absent in ["reviewer", "binder", "signing_owner"] {
        plane.mark().await;
        for (persona, sql) in signing_acts() {
            if persona != absent {
                plane.act(&persona, &sql).await;
            }
        }
        plane.refused("operator", &activate, "QUORUM_NOT_MET").await;
        plane.back().await;
    }
    // One signoff of one surface is enough to be missing.
    let acts = signing_acts();
    for (persona, sql) in &acts[..acts.len() - 1] {
        plane.act(persona, sql).await;
    }
    plane.refused("operator", &activate, "QUORUM_NOT_MET").await;
    let (persona, sql) = acts.last().unwrap();
    plane.act(persona, sql).await;
    plane.accepted("operator", &activate).await;
    plane.stop().await;
}

/// `p_reviewer` and `p_reviewer_second` are one human of #02.
#[tokio::test]
async fn second_principal_of_one_human_does_not_add_to_the_quorum() {
    let mut plane = Plane::at(Stage::Sealed).await;
    // A quorum of two reviewers is another version of #16: the newest sealed one counts.
    let draft = plane.next_version(16).await;
    plane
        .act(
            "harness",
            &format!(
                "delete from qt001_cp.manifest_envelope where manifest_id = '{draft}';
                 update qt001_cp.quorum_manifest set humans_min = 2 where manifest_id = '{draft}' and slot = 'reviewer';
                 update qt001_cp.quorum_manifest q set item_sha256 = i.recomputed_sha256 from qt001_cp.surface_item i
                 where i.manifest_id = q.manifest_id and i.item_key = q.item_key and q.manifest_id = '{draft}';
                 insert into qt001_cp.manifest_envelope (manifest_id, surface_no, version, item_count, payload_sha256, envelope_sha256)
                 select '{draft}', 16, 2, 3, p.h02, qt001_cp.h03(16, 2, 3, p.h02, (
                   select qt001_cp.h05(array_agg(x.item_key::text)) from qt001_cp.expected_item x where x.manifest_id = '{draft}'))
                 from (select qt001_cp.h02(array_agg(i.ordinal::integer order by i.ordinal), array_agg(i.item_key::text order by i.ordinal), array_agg(i.recomputed_sha256 order by i.ordinal)) as h02
                   from qt001_cp.surface_item i where i.manifest_id = '{draft}') p"
            ),
        )
        .await;
    let seal = plane.seal_call(16).await;
    plane.act("operator", &seal).await;
    sign_all(&mut plane).await;
    let newest: Vec<(String, String)> = signing_acts();
    let evidence = newest[1].1.split('\'').nth(5).unwrap().to_owned();
    for (persona, slot) in [
        ("reviewer", "reviewer"),
        ("binder", "binder"),
        ("signing_owner", "owner"),
    ] {
        plane
            .act(
                persona,
                &format!("select qt001_cp.cp_record_signoff('{draft}', '{slot}', '{evidence}', 'approve')"),
            )
            .await;
    }
    let sealed = values_of_sealed(&mut plane).await;
    plane
        .act(
            "reviewer_second",
            &format!("select qt001_cp.cp_record_signoff(l.manifest_id, 'reviewer', '{evidence}', 'approve') {sealed}"),
        )
        .await;
    let approvals = plane
        .number("select count(distinct principal_id) from qt001_cp.signoff_binding where slot = 'reviewer' and surface_no = 9")
        .await;
    assert_eq!(approvals, 2);
    let activate = plane.activate_call("birth_writer", 1).await;
    plane.refused("operator", &activate, "QUORUM_NOT_MET").await;
    plane.stop().await;
}

/// `from (values …) l(manifest_id)` over the newest sealed versions: a signer can't read the view.
pub(crate) async fn values_of_sealed(plane: &mut Plane) -> String {
    let values = plane
        .text("select string_agg(format('(%L::uuid)', manifest_id), ', ') from qt001_cp.latest_sealed")
        .await;
    format!("from (values {values}) l(manifest_id)")
}

#[tokio::test]
async fn one_rejection_blocks_whatever_the_others_approve() {
    let mut plane = Plane::at(Stage::Sealed).await;
    sign_all(&mut plane).await;
    let activate = plane.activate_call("birth_writer", 1).await;
    let last = signing_acts().pop().unwrap();
    // The second reviewer has not spoken yet: the quorum stands without it.
    let reject = last
        .1
        .replace("'owner'", "'reviewer'")
        .replace("'approve'", "'reject'");
    plane.act("reviewer_second", &reject).await;
    let refusal = plane.refused("operator", &activate, "SIGNOFF_REJECTED").await;
    assert_eq!(refusal.table, "signoff_binding");
    plane.stop().await;
}

#[tokio::test]
async fn unsealed_surface_or_catalog_blocks_the_activation() {
    let mut plane = Plane::at(Stage::Draft).await;
    let acts: toml::Table = toml::from_str(&read("rehearsal/steps/12_seal.toml")).unwrap();
    let acts: Vec<String> = acts["act"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| act["sql"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(acts.len(), 28);
    // All but the last surface: writer types and principals are known, one surface is not sealed.
    for act in &acts[..27] {
        plane.act("operator", act).await;
    }
    let activate = plane.activate_call("birth_writer", 1).await;
    plane.refused("operator", &activate, "SURFACE_NOT_SEALED").await;
    plane.stop().await;

    let mut plane = Plane::at(Stage::Draft).await;
    for act in &acts[1..] {
        plane.act("operator", act).await;
    }
    sign_all(&mut plane).await;
    let activate = plane.activate_call("birth_writer", 1).await;
    plane.refused("operator", &activate, "CATALOG_FAMILY_DRIFT").await;
    plane.act("operator", &acts[0]).await;
    plane.accepted("operator", &activate).await;
    plane.stop().await;
}

#[tokio::test]
async fn supersession_ends_what_is_active_and_nothing_else() {
    let mut plane = Plane::at(Stage::Activated).await;
    let readback = "select qt001_cp.cp_supersede('readback', 2)";
    plane.refused("operator", readback, "NOTHING_ACTIVE").await;
    plane
        .refused(
            "operator",
            "select qt001_cp.cp_supersede('birth_writer', 1)",
            "EPOCH_MOVED",
        )
        .await;
    plane
        .act("operator", "select qt001_cp.cp_supersede('birth_writer', 2)")
        .await;
    assert_eq!(plane.number("select count(*) from qt001_cp.active_set").await, 0);
    assert_eq!(plane.number("select epoch from qt001_cp.control_epoch").await, 3);
    plane
        .refused(
            "operator",
            "select qt001_cp.cp_supersede('birth_writer', 3)",
            "NOTHING_ACTIVE",
        )
        .await;
    let blocked = plane
        .text("select array_to_string(blocking_gates, ',') from qt001_cp.v_fix7_acceptance where writer_type = 'birth_writer'")
        .await;
    assert_eq!(blocked, "NOTHING_ACTIVE");
    plane.stop().await;
}

/// The way back after activation: the prior payload as a new version, at the next epoch [ruling A8].
#[tokio::test]
async fn prior_payload_is_sealed_and_activated_again_at_the_next_epoch() {
    let mut plane = Plane::at(Stage::Activated).await;
    let before = payloads(&mut plane).await;
    let draft = plane.next_version(6).await;
    let seal = plane.seal_call(6).await;
    plane.act("operator", &seal).await;
    let activate = plane.activate_call("birth_writer", 2).await;
    // Signoffs of the epoch before do not count.
    plane.refused("operator", &activate, "QUORUM_NOT_MET").await;
    plane
        .act(
            "verifier",
            "select qt001_cp.cp_record_evidence('signoff_artifact', sha256('again'), 'urn:again')",
        )
        .await;
    let evidence = plane
        .text("select evidence_id::text from qt001_cp.evidence_registry where control_epoch = 2")
        .await;
    let sealed = values_of_sealed(&mut plane).await;
    for (persona, slot) in [
        ("reviewer", "reviewer"),
        ("binder", "binder"),
        ("signing_owner", "owner"),
    ] {
        plane
            .act(persona, &format!("select qt001_cp.cp_record_signoff(l.manifest_id, '{slot}', '{evidence}', 'approve') {sealed}"))
            .await;
    }
    plane.act("operator", &activate).await;
    assert_eq!(payloads(&mut plane).await, before);
    let active = plane
        .text("select manifest_id::text from qt001_cp.active_manifest where surface_no = 6")
        .await;
    assert_eq!(active, draft);
    assert_eq!(plane.number("select epoch from qt001_cp.control_epoch").await, 3);
    plane.stop().await;
}

async fn payloads(plane: &mut Plane) -> Vec<String> {
    let all = plane
        .texts(
            "select a.surface_no || ' ' || e.payload_sha256::text from qt001_cp.active_manifest a
             join qt001_cp.manifest_envelope e on e.manifest_id = a.manifest_id order by a.surface_no",
        )
        .await;
    assert_eq!(all.len(), 27);
    all
}

#[tokio::test]
async fn activation_rows_and_epoch_take_no_change() {
    let mut plane = Plane::at(Stage::Activated).await;
    for who in ["owner", "harness"] {
        for (act, code) in [
            (
                "update qt001_cp.manifest_activation set actor = 'x'",
                "REGISTRY_APPEND_ONLY",
            ),
            (
                "delete from qt001_cp.manifest_activation_line",
                "REGISTRY_APPEND_ONLY",
            ),
            (
                "update qt001_cp.manifest_activation_line set surface_no = 1",
                "REGISTRY_APPEND_ONLY",
            ),
            ("truncate qt001_cp.manifest_activation_line", "TRUNCATE_REFUSED"),
            (
                "truncate qt001_cp.manifest_activation cascade",
                "TRUNCATE_REFUSED",
            ),
            (
                "update qt001_cp.control_epoch set epoch = 4",
                "EPOCH_NOT_MONOTONIC",
            ),
            (
                "update qt001_cp.control_epoch set epoch = 2",
                "EPOCH_NOT_MONOTONIC",
            ),
            (
                "update qt001_cp.control_epoch set epoch = 1",
                "EPOCH_NOT_MONOTONIC",
            ),
            ("delete from qt001_cp.control_epoch", "EPOCH_NOT_MONOTONIC"),
            ("truncate qt001_cp.control_epoch", "TRUNCATE_REFUSED"),
        ] {
            plane.refused(who, act, code).await;
        }
        plane
            .accepted(who, "update qt001_cp.control_epoch set epoch = 3")
            .await;
    }
    plane.stop().await;
}

#[tokio::test]
async fn owner_typing_an_activation_meets_the_same_checks() {
    let mut plane = Plane::at(Stage::Sealed).await;
    let typed =
        "insert into qt001_cp.manifest_activation (writer_type, control_epoch, action, set_sha256, actor)
         values ('birth_writer', 2, 'activate', qt001_cp.candidate_set_sha256(), session_user)";
    plane.refused("owner", typed, "QUORUM_NOT_MET").await;
    sign_all(&mut plane).await;
    plane.accepted("owner", typed).await;
    plane
        .refused(
            "owner",
            &typed.replace("session_user", "'somebody'"),
            "ACTOR_NOT_SESSION_USER",
        )
        .await;
    plane
        .refused("owner", &typed.replace(", 2, ", ", 3, "), "EPOCH_MOVED")
        .await;
    plane.stop().await;
}
