//! Evidence: written by the pinned verifier through its routines, kept for good.
//!
//! The fact to know: a verifier's run carries the H06 digest of the routine as it ran, so a replaced
//! verifier is another one.

use crate::plane::{Plane, Stage};

/// Every runtime-evidence table but those with a trigger of their own.
const RUNTIME: &[&str] = &[
    "evidence_registry",
    "signoff_binding",
    "level_b_packet_execution",
    "verification_run",
    "verification_finding",
    "capability_measurement",
    "readiness_gate_fact",
    "hash_recompute",
    "access_denial_event",
    "acl_snapshot",
    "protected_state_observation",
];

const RECORD: &str = "select qt001_cp.cp_record_evidence('verification_log', sha256('log'), 'urn:log')";
const SAMPLES: &str =
    "select qt001_cp.cp_record_evidence('measurement_samples', sha256('samples'), 'urn:samples')";

#[tokio::test]
async fn evidence_is_inserted_by_the_pinned_verifier_alone() {
    let mut plane = Plane::at(Stage::Activated).await;
    plane.act("harness", "create role fresh_login login").await;
    plane.accepted("verifier", RECORD).await;
    let typed = "insert into qt001_cp.evidence_registry (evidence_kind, artifact_sha256, artifact_uri, control_epoch, principal_id)
         values ('verification_log', sha256('log'), 'urn:log', 2, 'p_verifier')";
    for who in [
        "verifier",
        "operator",
        "auditor",
        "reviewer",
        "outsider",
        "directus",
        "fresh_login",
    ] {
        plane.refused(who, typed, "42501").await;
        if who != "verifier" {
            plane.refused(who, RECORD, "42501").await;
        }
    }
    for who in ["owner", "harness"] {
        plane.refused(who, typed, "NOT_PINNED_VERIFIER").await;
        plane.refused(who, RECORD, "NOT_PINNED_VERIFIER").await;
    }
    // EXECUTE alone makes nobody a verifier: the slot of #03 does.
    plane
        .act(
            "harness",
            "grant qt001_cp_verifier to fix7_reviewer, fix7_outsider",
        )
        .await;
    plane.refused("reviewer", RECORD, "NOT_PINNED_VERIFIER").await;
    plane.refused("outsider", RECORD, "NOT_PINNED_VERIFIER").await;
    // The verifier in its own name, given the table: its principal, nobody else's.
    plane.act("owner", "grant usage on schema qt001_cp to fix7_verifier; grant insert on qt001_cp.evidence_registry to fix7_verifier").await;
    plane
        .act(
            "harness",
            "grant usage on all sequences in schema qt001_cp to fix7_verifier",
        )
        .await;
    plane
        .refused(
            "verifier",
            &typed.replace("'p_verifier'", "'p_operator'"),
            "NOT_PINNED_VERIFIER",
        )
        .await;
    plane.stop().await;
}

#[tokio::test]
async fn evidence_is_kept_from_everybody() {
    let mut plane = Plane::at(Stage::Activated).await;
    plane.act("harness", "create role fresh_login login").await;
    populate(&mut plane).await;
    for table in RUNTIME {
        let rows = plane
            .number(&format!("select count(*) from qt001_cp.{table}"))
            .await;
        assert!(
            rows > 0 || *table == "verification_finding",
            "{table} is empty, its row triggers would not be met"
        );
        let column = plane
            .text(&format!("select attname::text from pg_catalog.pg_attribute where attrelid = 'qt001_cp.{table}'::regclass and attnum = 1"))
            .await;
        let update = format!("update qt001_cp.{table} set {column} = {column}");
        let delete = format!("delete from qt001_cp.{table}");
        let truncate = format!("truncate qt001_cp.{table} cascade");
        for who in ["verifier", "operator", "directus", "fresh_login", "auditor"] {
            for sql in [&update, &delete, &truncate] {
                plane.refused(who, sql, "42501").await;
            }
        }
        for who in ["owner", "harness"] {
            if rows > 0 {
                plane.refused(who, &update, "EVIDENCE_APPEND_ONLY").await;
                plane.refused(who, &delete, "EVIDENCE_APPEND_ONLY").await;
            }
            plane.refused(who, &truncate, "TRUNCATE_REFUSED").await;
        }
    }
    plane.stop().await;
}

/// Every verifier and recorder once, on a sound plane; the runs that they left.
async fn populate(plane: &mut Plane) {
    plane.act("verifier", RECORD).await;
    let surface = plane
        .text("select format('%L, 9', manifest_id) from qt001_cp.manifest_envelope where surface_no = 9")
        .await;
    let signoff = plane
        .text("select signoff_id::text from qt001_cp.signoff_binding limit 1")
        .await;
    let evidence = plane.text("select evidence_id::text from qt001_cp.evidence_registry where evidence_kind = 'verification_log'").await;
    plane.act("verifier", SAMPLES).await;
    let samples = plane.text("select evidence_id::text from qt001_cp.evidence_registry where evidence_kind = 'measurement_samples'").await;
    let capability = plane
        .text("select format('%L, %L', capability, metric) from qt001_cp.capability_measurement_requirement order by ordinal limit 1")
        .await;
    for call in [
        "cp_verify_catalog()".to_owned(),
        format!("cp_verify_seal({surface})"),
        "cp_verify_activation('birth_writer')".to_owned(),
        format!("cp_verify_signoff('{signoff}')"),
        format!("cp_verify_evidence('{evidence}')"),
        "cp_verify_denial('directus', 'qt001_cp.manifest_envelope', 'INSERT', '42501')".to_owned(),
        "cp_verify_privileges('as_captured')".to_owned(),
        "cp_verify_protected_state()".to_owned(),
        "cp_verify_readiness('birth_writer')".to_owned(),
        format!("cp_record_measurement({capability}, 1, 1, '{samples}')"),
    ] {
        plane.act("verifier", &format!("select qt001_cp.{call}")).await;
    }
    let measurement = "select qt001_cp.cp_verify_measurement(m) from (select x::uuid from unnest(string_to_array(current_setting('test.measurement'), ',')) x) m (m)";
    plane
        .act("harness", "select set_config('test.measurement', string_agg(m.measurement_id::text, ','), true) from qt001_cp.capability_measurement m")
        .await;
    plane.act("verifier", measurement).await;
}

#[tokio::test]
async fn each_verifier_leaves_its_run_with_the_digest_of_its_own_source() {
    let mut plane = Plane::at(Stage::Activated).await;
    populate(&mut plane).await;
    let runs = plane
        .texts("select distinct split_part(verifier, '(', 1) from qt001_cp.verification_run order by 1")
        .await;
    assert_eq!(
        runs,
        [
            "qt001_cp.cp_record_measurement",
            "qt001_cp.cp_verify_activation",
            "qt001_cp.cp_verify_catalog",
            "qt001_cp.cp_verify_denial",
            "qt001_cp.cp_verify_evidence",
            "qt001_cp.cp_verify_measurement",
            "qt001_cp.cp_verify_privileges",
            "qt001_cp.cp_verify_protected_state",
            "qt001_cp.cp_verify_readiness",
            "qt001_cp.cp_verify_seal",
            "qt001_cp.cp_verify_signoff",
        ]
    );
    let unsound = plane
        .texts(
            "select r.verifier from qt001_cp.verification_run r
             where r.verdict <> 'pass' or r.verifier_sha256 is distinct from qt001_cp.h06(r.verifier::regprocedure)
               or r.control_epoch <> 2 or r.principal_id <> 'p_verifier'",
        )
        .await;
    assert_eq!(unsound, Vec::<String>::new());
    let findings = plane
        .number("select count(*) from qt001_cp.verification_finding")
        .await;
    assert_eq!(findings, 0);
    // What #17 pins is what ran.
    let unpinned = plane
        .texts(
            "select p.subject::text from qt001_cp.verifier_pairing_manifest p
             where not exists (select from qt001_cp.verification_run r where r.verifier::text = p.verifier::text and r.verifier_sha256 = p.verifier_sha256)",
        )
        .await;
    assert_eq!(unpinned, Vec::<String>::new());
    plane.stop().await;
}

#[tokio::test]
async fn verifiers_find_injected_faults() {
    let mut plane = Plane::at(Stage::Activated).await;
    let surface = plane
        .text("select format('%L, 9', manifest_id) from qt001_cp.manifest_envelope where surface_no = 9")
        .await;
    let signoff = plane
        .text("select signoff_id::text from qt001_cp.signoff_binding limit 1")
        .await;
    let evidence = plane
        .text("select evidence_id::text from qt001_cp.evidence_registry limit 1")
        .await;
    for (fault, call, code) in [
        (
            "alter table qt001_cp.readiness_gate_manifest disable trigger user; update qt001_cp.readiness_gate_manifest set title = 'forged' where ordinal = 1".to_owned(),
            format!("cp_verify_seal({surface})"),
            "PAYLOAD_DIGEST_MISMATCH",
        ),
        (
            "alter table qt001_cp.code_catalog_item disable trigger user; insert into qt001_cp.code_catalog_item (family_code, item_code, title) values ('OPERATOR', 'EXTRA', 'x')".to_owned(),
            "cp_verify_catalog()".to_owned(),
            "CATALOG_FAMILY_DRIFT",
        ),
        (
            "alter table qt001_cp.manifest_activation_line disable trigger user; delete from qt001_cp.manifest_activation_line where surface_no = 9".to_owned(),
            "cp_verify_activation('birth_writer')".to_owned(),
            "SET_DIGEST_MISMATCH",
        ),
        (
            format!("alter table qt001_cp.signoff_binding disable trigger user; update qt001_cp.signoff_binding set decision = 'reject' where signoff_id = '{signoff}'"),
            format!("cp_verify_signoff('{signoff}')"),
            "SIGNOFF_SCOPE_MISMATCH",
        ),
        (
            "alter table qt001_cp.evidence_registry disable trigger user; update qt001_cp.evidence_registry set evidence_kind = 'unheard_of'".to_owned(),
            format!("cp_verify_evidence('{evidence}')"),
            "ITEM_DIGEST_MISMATCH, fail RETENTION_UNSEALED",
        ),
        (
            "alter table qt001_cp.evidence_registry disable trigger user; alter table qt001_cp.signoff_binding disable trigger user; update qt001_cp.evidence_registry set artifact_sha256 = sha256('another')".to_owned(),
            format!("cp_verify_evidence('{evidence}')"),
            "ITEM_DIGEST_MISMATCH",
        ),
    ] {
        plane.mark().await;
        plane.act("owner", &fault).await;
        plane.act("verifier", &format!("select qt001_cp.{call}")).await;
        let found = plane
            .texts(
                "select distinct r.verdict || ' ' || f.reason_code from qt001_cp.verification_run r
                 join qt001_cp.verification_finding f on f.run_id = r.run_id order by 1",
            )
            .await;
        assert_eq!(found.join(", "), format!("fail {code}"), "{call}");
        plane.back().await;
    }
    let nothing = "'00000000-0000-8000-8000-000000000000'";
    for call in [
        format!("cp_verify_seal({nothing}, 9)"),
        "cp_verify_seal(null, null)".to_owned(),
        format!("cp_verify_signoff({nothing})"),
        "cp_verify_signoff(null)".to_owned(),
        format!("cp_verify_evidence({nothing})"),
        "cp_verify_evidence(null)".to_owned(),
        format!("cp_verify_measurement({nothing})"),
        "cp_verify_measurement(null)".to_owned(),
    ] {
        plane
            .refused("verifier", &format!("select qt001_cp.{call}"), "SUBJECT_UNKNOWN")
            .await;
    }
    plane.stop().await;
}

#[tokio::test]
async fn denial_is_recorded_only_if_it_is_real() {
    let mut plane = Plane::at(Stage::Activated).await;
    let claim = |persona: &str, relation: &str, privilege: &str, state: &str| {
        format!("select qt001_cp.cp_verify_denial('{persona}', '{relation}', '{privilege}', '{state}')")
    };
    for privilege in ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"] {
        plane
            .accepted(
                "verifier",
                &claim("directus", "qt001_cp.readiness_gate_fact", privilege, "42501"),
            )
            .await;
    }
    for false_claim in [
        claim("qt001_cp_owner", "qt001_cp.manifest_envelope", "INSERT", "42501"),
        claim("fix7_auditor", "qt001_cp.manifest_envelope", "SELECT", "42501"),
        claim("directus", "qt001_cp.manifest_envelope", "INSERT", "23514"),
        claim("directus", "qt001_cp.manifest_envelope", "REFERENCES", "42501"),
        claim("directus", "public.directus_users", "SELECT", "42501"),
    ] {
        plane.refused("verifier", &false_claim, "DENIAL_NOT_REAL").await;
    }
    for null_claim in [
        "select qt001_cp.cp_verify_denial(null, 'qt001_cp.manifest_envelope', 'INSERT', '42501')",
        "select qt001_cp.cp_verify_denial('directus', null, 'INSERT', '42501')",
        "select qt001_cp.cp_verify_denial('directus', 'qt001_cp.manifest_envelope', null, '42501')",
        "select qt001_cp.cp_verify_denial('directus', 'qt001_cp.manifest_envelope', 'INSERT', null)",
    ] {
        plane.refused("verifier", null_claim, "DENIAL_NOT_REAL").await;
    }
    plane.stop().await;
}

/// Both ways: a Level-B effect without its execution row, or the row without the effect, is neither.
#[tokio::test]
async fn each_level_b_effect_has_exactly_its_execution_row() {
    let mut plane = Plane::at(Stage::Activated).await;
    populate(&mut plane).await;
    plane
        .act("operator", "select qt001_cp.cp_supersede('birth_writer', 2)")
        .await;
    let effects = "
        select 'cp_seal', 'surface ' || surface_no || ' ' || manifest_id, envelope_sha256::bytea, sealed_by::text from qt001_cp.manifest_envelope where state = 'sealed'
        union all select 'cp_seal_catalog', 'code_catalog_root', catalog_sha256::bytea, 'fix7_operator' from qt001_cp.code_catalog_root where state = 'sealed'
        union all select 'cp_activate', writer_type::text, set_sha256::bytea, actor::text from qt001_cp.manifest_activation where action = 'activate'
        union all select 'cp_supersede', h.writer_type::text, (select p.set_sha256 from qt001_cp.manifest_activation p where p.writer_type = h.writer_type and p.action = 'activate' order by p.control_epoch desc limit 1)::bytea, h.actor::text
          from qt001_cp.manifest_activation h where h.action = 'supersede'
        union all select 'cp_record_signoff', b.signoff_id::text, b.scope_sha256::bytea, p.login_role::text from qt001_cp.signoff_binding b join qt001_cp.principal_manifest p on p.principal_id = b.principal_id
        union all select 'cp_record_evidence', evidence_id::text, artifact_sha256::bytea, 'fix7_verifier' from qt001_cp.evidence_registry
        union all select 'cp_record_measurement', m.measurement_id::text, r.artifact_sha256::bytea, 'fix7_verifier' from qt001_cp.capability_measurement m join qt001_cp.evidence_registry r on r.evidence_id = m.evidence_id";
    let executions = "select entrypoint::text, subject::text, subject_sha256::bytea, actor::text from qt001_cp.level_b_packet_execution";
    let count = plane.number(&format!("select count(*) from ({effects}) e")).await;
    assert_eq!(count, 27 + 1 + 1 + 1 + 81 + 3 + 1);
    for (left, right) in [(effects, executions), (executions, effects)] {
        let odd = plane
            .texts(&format!("select d.entrypoint || ' ' || d.subject from (select * from ({left}) l(entrypoint, subject, digest, actor) except all select * from ({right}) r) d"))
            .await;
        assert_eq!(odd, Vec::<String>::new());
    }
    // The row is written for the login that acts, whoever types it.
    plane
        .refused(
            "owner",
            "insert into qt001_cp.level_b_packet_execution (entrypoint, subject, subject_sha256, actor, control_epoch) values ('cp_seal', 'x', sha256(''), 'fix7_operator', 2)",
            "ACTOR_NOT_SESSION_USER",
        )
        .await;
    plane.stop().await;
}
