//! The seal: what it checks, who may, and that no road leads around it.
//!
//! Not for: each check on each surface, which the negative specs try. The fact to know: `cp_seal` only
//! asks for the transition; the envelope's trigger runs the checks for whoever asks.

use crate::plane::{Plane, Stage};

const WRONG: &str = r"'\x0000000000000000000000000000000000000000000000000000000000000000'";

#[tokio::test]
async fn committed_surfaces_seal_and_leave_one_execution_each() {
    let mut plane = Plane::at(Stage::Sealed).await;
    let sealed = plane
        .number("select count(*) from qt001_cp.manifest_envelope where state = 'sealed' and sealed_by = 'fix7_operator' and sealed_at is not null")
        .await;
    assert_eq!(sealed, 27);
    let executions = plane
        .texts(
            "select x.entrypoint || ' ' || count(*) from qt001_cp.level_b_packet_execution x
             where x.actor = 'fix7_operator' group by x.entrypoint order by 1",
        )
        .await;
    assert_eq!(executions, ["cp_seal 27", "cp_seal_catalog 1"]);
    let unmatched = plane
        .number(
            "select count(*) from qt001_cp.manifest_envelope e where not exists (
               select from qt001_cp.level_b_packet_execution x where x.entrypoint = 'cp_seal'
                 and x.subject = 'surface ' || e.surface_no || ' ' || e.manifest_id and x.subject_sha256 = e.envelope_sha256)",
        )
        .await;
    assert_eq!(unmatched, 0);
    plane.stop().await;
}

#[tokio::test]
async fn only_the_operator_may_call_the_seal() {
    let mut plane = Plane::at(Stage::Draft).await;
    let seal = plane.seal_call(9).await;
    plane.accepted("operator", &seal).await;
    for who in ["verifier", "reviewer", "auditor", "outsider", "directus"] {
        plane.refused(who, &seal, "42501").await;
    }
    plane.stop().await;
}

#[tokio::test]
async fn another_payload_than_the_approved_one_is_refused() {
    let mut plane = Plane::at(Stage::Draft).await;
    let id = plane
        .text("select manifest_id::text from qt001_cp.manifest_envelope where surface_no = 9")
        .await;
    for digest in [WRONG, "null"] {
        let call = format!("select qt001_cp.cp_seal('{id}', {digest})");
        plane.refused("operator", &call, "PAYLOAD_NOT_AS_APPROVED").await;
    }
    let unknown = format!("select qt001_cp.cp_seal('00000000-0000-8000-8000-000000000000', {WRONG})");
    plane.refused("operator", &unknown, "ENVELOPE_UNKNOWN").await;
    plane
        .refused(
            "operator",
            &format!("select qt001_cp.cp_seal(null, {WRONG})"),
            "ENVELOPE_UNKNOWN",
        )
        .await;
    plane.stop().await;
}

/// Each fault that the seal must find, on a draft of #09, by `cp_seal` and by a hand-typed UPDATE.
#[tokio::test]
async fn owner_typing_the_transition_meets_the_same_checks_as_the_seal() {
    let mut plane = Plane::at(Stage::Draft).await;
    let faults = [
        (
            "delete from qt001_cp.expected_item where surface_no = 9",
            "EXPECTED_SET_EMPTY",
        ),
        (
            "insert into qt001_cp.expected_item select manifest_id, 9, 'NEVER_THERE' from qt001_cp.manifest_envelope where surface_no = 9",
            "ITEM_MISSING",
        ),
        (
            "delete from qt001_cp.expected_item where surface_no = 9 and item_key = 'VERIFIER_FRESH'",
            "ITEM_EXTRA",
        ),
        (
            "update qt001_cp.readiness_gate_manifest set ordinal = ordinal + 100 where gate_key = 'VERIFIER_FRESH'",
            "ORDINAL_NOT_CONTIGUOUS",
        ),
        (
            "update qt001_cp.readiness_gate_manifest set title = title || '!' where gate_key = 'VERIFIER_FRESH'",
            "ITEM_DIGEST_MISMATCH",
        ),
        (
            "update qt001_cp.readiness_gate_manifest set ordinal = ordinal + 100; update qt001_cp.readiness_gate_manifest set ordinal = 115 - ordinal",
            "PAYLOAD_DIGEST_MISMATCH",
        ),
        (
            "create index planted on qt001_cp.readiness_gate_manifest (title)",
            "OBJECT_AUTHORITY_IMMUTABLE",
        ),
    ];
    let seal = plane.seal_call(9).await;
    let typed = "update qt001_cp.manifest_envelope set state = 'sealed' where surface_no = 9";
    plane.accepted("owner", typed).await;
    plane.accepted("operator", &seal).await;
    for (fault, code) in faults {
        plane.mark().await;
        plane.act("owner", fault).await;
        let by_entrypoint = plane.refused("operator", &seal, code).await;
        let by_hand = plane.refused("owner", typed, code).await;
        assert_eq!(by_entrypoint, by_hand);
        plane.refused("harness", typed, code).await;
        plane.back().await;
    }
    plane.stop().await;
}

#[tokio::test]
async fn envelope_that_miscounts_or_misnames_its_content_is_refused() {
    let mut plane = Plane::at(Stage::Draft).await;
    // An envelope's own columns can't be updated: each fault is another envelope over the same rows.
    for (column, value, code) in [
        ("item_count", "item_count + 1", "ITEM_COUNT_WRONG"),
        ("payload_sha256", "sha256('')", "PAYLOAD_DIGEST_MISMATCH"),
        ("envelope_sha256", "sha256('')", "ENVELOPE_DIGEST_MISMATCH"),
        ("version", "2", "ENVELOPE_DIGEST_MISMATCH"),
    ] {
        plane.mark().await;
        plane
            .act(
                "owner",
                &format!(
                    "create temp table kept as select * from qt001_cp.manifest_envelope where surface_no = 9;
                     delete from qt001_cp.manifest_envelope where surface_no = 9;
                     update kept set {column} = {value};
                     insert into qt001_cp.manifest_envelope select * from kept"
                ),
            )
            .await;
        let seal = plane.seal_call(9).await;
        plane.refused("operator", &seal, code).await;
        plane.back().await;
    }
    plane.stop().await;
}

#[tokio::test]
async fn surface_is_sealed_after_those_that_its_checks_read() {
    let mut plane = Plane::at(Stage::Draft).await;
    let rules = plane.seal_call(7).await;
    plane.accepted("operator", &rules).await;
    for (fault, code) in [
        (
            "delete from qt001_cp.operator_operand_compatibility",
            "OPERAND_INCOMPATIBLE",
        ),
        (
            "delete from qt001_cp.threshold_manifest where threshold = (select threshold from qt001_cp.policy_rule_manifest order by ordinal limit 1)",
            "THRESHOLD_UNRESOLVED",
        ),
    ] {
        plane.mark().await;
        plane.act("owner", fault).await;
        let refusal = plane.refused("operator", &rules, code).await;
        assert_eq!(refusal.table, "policy_rule_manifest");
        plane.back().await;
    }
    // A sealed version counts before a newer draft that would allow more.
    plane.act("owner", "create temp table allowed as select manifest_id from qt001_cp.manifest_envelope where surface_no = 12").await;
    plane
        .act("owner", "delete from qt001_cp.expected_constraint where object_name = (select object_name from qt001_cp.expected_constraint order by 1 limit 1)")
        .await;
    let scope = plane.seal_call(20).await;
    plane
        .refused("operator", &scope, "EXPECTED_CONSTRAINT_SET_MISMATCH")
        .await;
    plane.stop().await;
}

#[tokio::test]
async fn catalog_seals_only_as_counted_and_digested() {
    let mut plane = Plane::at(Stage::Draft).await;
    let seal = plane
        .text("select format('select qt001_cp.cp_seal_catalog(%L)', catalog_sha256) from qt001_cp.code_catalog_root")
        .await;
    plane.accepted("operator", &seal).await;
    plane
        .refused(
            "operator",
            &format!("select qt001_cp.cp_seal_catalog({WRONG})"),
            "PAYLOAD_NOT_AS_APPROVED",
        )
        .await;
    let typed = "update qt001_cp.code_catalog_root set state = 'sealed', sealed_at = now()";
    for fault in [
        "insert into qt001_cp.code_catalog_item (family_code, item_code, title) values ('OPERATOR', 'EXTRA', 'extra')",
        "delete from qt001_cp.code_catalog_item where (family_code, item_code) = (select family_code, item_code from qt001_cp.code_catalog_item limit 1)",
        "update qt001_cp.code_catalog_family set item_count = item_count + 1 where family_code = 'OPERATOR'",
        "insert into qt001_cp.code_catalog_family (family_code, root_code, title, item_count) values ('FOURTH', 'CODE_CATALOG', 'fourth', 1); insert into qt001_cp.code_catalog_item (family_code, item_code, title) values ('FOURTH', 'X', 'x')",
        "update qt001_cp.code_catalog_item set item_code = 'RENAMED' where (family_code, item_code) = (select family_code, item_code from qt001_cp.code_catalog_item limit 1)",
    ] {
        plane.mark().await;
        // Surfaces refer to codes: only their foreign keys stand aside, the triggers do not.
        plane.act("harness", &format!("set local session_replication_role = replica; {fault}; set local session_replication_role = origin")).await;
        plane.refused("operator", &seal, "CATALOG_FAMILY_DRIFT").await;
        plane.refused("owner", typed, "CATALOG_FAMILY_DRIFT").await;
        plane.back().await;
    }
    plane.stop().await;
}

#[tokio::test]
async fn envelope_moves_from_draft_to_sealed_and_by_nothing_else() {
    let mut plane = Plane::at(Stage::Draft).await;
    let inserted = "insert into qt001_cp.manifest_envelope (manifest_id, surface_no, version, item_count, payload_sha256, envelope_sha256, state, sealed_at, sealed_by)
         select gen_random_uuid(), 9, 2, 1, sha256(''), sha256(''), ";
    plane
        .refused(
            "owner",
            &format!("{inserted} 'sealed', now(), 'me'"),
            "ENVELOPE_TRANSITION_REFUSED",
        )
        .await;
    plane
        .refused(
            "owner",
            &format!("{inserted} 'draft', now(), null"),
            "ENVELOPE_TRANSITION_REFUSED",
        )
        .await;
    plane
        .accepted("owner", &format!("{inserted} 'draft', null, null"))
        .await;
    for change in [
        "item_count = item_count + 1",
        "version = 2",
        "payload_sha256 = sha256('')",
        "envelope_sha256 = sha256('')",
        "state = 'sealed', item_count = item_count + 1",
        "state = 'draft'",
        "state = 'active'",
        "sealed_by = 'me'",
    ] {
        let sql = format!("update qt001_cp.manifest_envelope set {change} where surface_no = 9");
        plane.refused("owner", &sql, "ENVELOPE_TRANSITION_REFUSED").await;
    }
    // Who sealed, and when, are not the typist's to say.
    plane
        .act("owner", "update qt001_cp.manifest_envelope set state = 'sealed', sealed_by = 'somebody else', sealed_at = '2000-01-01 00:00:00+00' where surface_no = 9")
        .await;
    let honest = plane
        .number("select count(*) from qt001_cp.manifest_envelope where surface_no = 9 and sealed_by = session_user and sealed_at > now() - interval '1 hour'")
        .await;
    assert_eq!(honest, 1);
    plane.stop().await;
}
