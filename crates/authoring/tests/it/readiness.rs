//! Readiness: the gateway decides from facts that it derives again, and names the gates.
//!
//! For: what stands against a write on the reference estate, and gate by gate that one unsound fact blocks
//! by exactly that gate. The fact to know: facts are arranged here with the writer triggers disabled, in
//! order to show that the view does not believe them [ruling A18].

use fix7_manifest::FIX7;

use crate::plane::{Plane, Refusal, Stage, read};

const DECIDE: &str = "select g.decision || ' ' || array_to_string(g.blocking_gates, ',') from qt001_cp.qt001_writer_gateway('birth_writer', '{}', false) g";
const WRITE: &str = "select * from qt001_cp.qt001_writer_gateway('birth_writer', '{}', true)";

/// The gates that stand against a write.
async fn blocking(plane: &mut Plane) -> Vec<String> {
    let answer = plane.text(DECIDE).await;
    let (decision, gates) = answer.split_once(' ').unwrap();
    let gates: Vec<String> = gates
        .split(',')
        .filter(|gate| !gate.is_empty())
        .map(str::to_owned)
        .collect();
    assert_eq!(decision, if gates.is_empty() { "READY" } else { "BLOCKED" });
    gates
}

fn every_gate() -> Vec<&'static str> {
    FIX7.gates.iter().map(|gate| gate.key).collect()
}

/// Each kind of evidence that #15 requires of a gate, at the current epoch.
async fn record_evidence(plane: &mut Plane) {
    let kinds = plane
        .texts("select distinct evidence_kind::text from qt001_cp.evidence_requirement_manifest order by 1")
        .await;
    assert_eq!(kinds.len(), 4);
    for kind in kinds {
        plane
            .act(
                "verifier",
                &format!("select qt001_cp.cp_record_evidence('{kind}', sha256('{kind}'), 'urn:{kind}')"),
            )
            .await;
    }
}

#[tokio::test]
async fn gateway_refuses_and_names_every_gate_without_facts() {
    let mut plane = Plane::at(Stage::Activated).await;
    assert_eq!(blocking(&mut plane).await, every_gate());
    let refusal: Refusal = plane.refused("owner", WRITE, "READINESS_BLOCKED").await;
    assert_eq!(refusal.table, "readiness_gate_manifest");
    for gate in every_gate() {
        refusal.names(gate);
    }
    for writer_type in ["'no_such_writer'", "null"] {
        let unknown = WRITE.replace("'birth_writer'", writer_type);
        plane.refused("owner", &unknown, "WRITER_TYPE_UNKNOWN").await;
    }
    // A writer type that is known and not active is blocked too.
    let idle = plane
        .text("select decision || blocking_gates::text from qt001_cp.qt001_writer_gateway('readback', '{}', false)")
        .await;
    assert_eq!(idle, "BLOCKED{NOTHING_ACTIVE}");
    for who in [
        "operator",
        "verifier",
        "reviewer",
        "auditor",
        "outsider",
        "directus",
        "qt001_cp_writer",
    ] {
        plane.refused(who, WRITE, "42501").await;
    }
    plane.stop().await;
}

/// The reference estate is sound in all but what does not exist: measurements of a capability.
#[tokio::test]
async fn verified_estate_is_blocked_by_the_capability_gate_alone() {
    let mut plane = Plane::at(Stage::Activated).await;
    record_evidence(&mut plane).await;
    let readiness = "cp_verify_readiness('birth_writer')".to_owned();
    plane
        .act("verifier", &format!("select qt001_cp.{readiness}"))
        .await;
    // The verifiers of #18 have not run yet at this epoch.
    assert_eq!(
        blocking(&mut plane).await,
        ["CAPABILITY_EVIDENCE_PRESENT", "VERIFIER_FRESH"]
    );
    for path in [authoring::scan::ANALYSIS, authoring::scan::SCAN] {
        plane
            .act("verifier", read(path).trim_end().trim_end_matches(';'))
            .await;
    }
    assert_eq!(blocking(&mut plane).await, ["CAPABILITY_EVIDENCE_PRESENT"]);
    plane
        .refused("owner", WRITE, "READINESS_BLOCKED")
        .await
        .names("CAPABILITY_EVIDENCE_PRESENT");

    // What happens to the world is seen by the next run, gate by gate.
    for (fault, gate) in [
        (
            "revoke select on public.directus_users from directus; alter role directus nosuperuser",
            "DIRECTUS_READ_PRESERVED",
        ),
        (
            "alter table qt001_cp.verification_run drop constraint verification_run_principal_fk, add constraint verification_run_principal_fk foreign key (principal_id) references qt001_cp.principal on delete cascade",
            "EVIDENCE_INTEGRITY",
        ),
        (
            "create index planted on qt001_cp.readiness_gate_manifest (title)",
            "CONSTRAINT_SET_EXACT",
        ),
        (
            "alter table qt001_cp.threshold_manifest disable trigger user; update qt001_cp.threshold_manifest set value = value + 1 where ordinal = 1",
            "HASH_DETERMINISM",
        ),
        (
            "alter table qt001_cp.code_catalog_item disable trigger user; insert into qt001_cp.code_catalog_item (family_code, item_code, title) values ('OPERATOR', 'EXTRA', 'x')",
            "CATALOG_SEALED",
        ),
        (
            "alter function qt001_cp.qt001_writer_gateway(text, jsonb, boolean) volatile",
            "GATEWAY_IDENTITY_PINNED",
        ),
    ] {
        plane.mark().await;
        plane.act("harness", fault).await;
        plane
            .act("verifier", "select qt001_cp.cp_verify_readiness('birth_writer')")
            .await;
        let found = blocking(&mut plane).await;
        assert!(found.contains(&gate.to_owned()), "{fault}: {found:?}");
        assert!(
            found.contains(&"CAPABILITY_EVIDENCE_PRESENT".to_owned()),
            "{fault}: {found:?}"
        );
        plane.back().await;
    }
    plane.stop().await;
}

/// Sound facts for every gate, as rows that no verifier wrote.
const SOUND: &str = "
set local session_replication_role = replica;
alter table qt001_cp.verification_run disable trigger user;
alter table qt001_cp.readiness_gate_fact disable trigger user;
alter table qt001_cp.evidence_registry disable trigger user;
insert into qt001_cp.verification_run (run_id, verifier, verifier_sha256, subject, verdict, control_epoch, set_sha256, principal_id, finished_at)
select qt001_cp.manifest_id_of(sha256(convert_to('run ' || g.gate_key, 'UTF8'))), p.verifier, p.verifier_sha256, 'birth_writer', 'pass', 2, a.set_sha256, 'p_verifier', clock_timestamp()
from qt001_cp.readiness_gate_manifest g
join qt001_cp.verifier_pairing_manifest p on p.pair_kind = 'gate' and p.subject::text = g.gate_key::text
cross join qt001_cp.active_set a;
insert into qt001_cp.readiness_gate_fact (fact_id, run_id, gate_key, is_met, population)
select qt001_cp.manifest_id_of(sha256(convert_to('fact ' || g.gate_key, 'UTF8'))), qt001_cp.manifest_id_of(sha256(convert_to('run ' || g.gate_key, 'UTF8'))), g.gate_key, true, 1
from qt001_cp.readiness_gate_manifest g;
set local session_replication_role = origin";

#[tokio::test]
async fn each_gate_blocks_alone_for_each_way_of_being_unsound() {
    let mut plane = Plane::at(Stage::Activated).await;
    record_evidence(&mut plane).await;
    plane.act("harness", SOUND).await;
    assert_eq!(blocking(&mut plane).await, Vec::<String>::new());
    // READY is still no write: no adapter that mutates is shipped.
    plane.refused("owner", WRITE, "WRITER_NOT_IMPLEMENTED").await;
    let mut tried = 0;
    for gate in every_gate() {
        let fact = format!("where gate_key = '{gate}'");
        let run = format!(
            "where run_id = (select f.run_id from qt001_cp.readiness_gate_fact f where f.gate_key = '{gate}')"
        );
        for fault in [
            format!("delete from qt001_cp.readiness_gate_fact {fact}"),
            format!("update qt001_cp.readiness_gate_fact set is_met = false {fact}"),
            format!("update qt001_cp.readiness_gate_fact set is_met = null {fact}"),
            format!("update qt001_cp.readiness_gate_fact set population = 0 {fact}"),
            format!(
                "update qt001_cp.verification_run set finished_at = clock_timestamp() - make_interval(secs => 86401) {run}"
            ),
            format!("update qt001_cp.verification_run set control_epoch = 1 {run}"),
            format!("update qt001_cp.verification_run set control_epoch = 3 {run}"),
            format!("update qt001_cp.verification_run set verifier = 'qt001_cp.cp_verify_catalog()' {run}"),
            format!("update qt001_cp.verification_run set verifier_sha256 = sha256('') {run}"),
            format!("update qt001_cp.verification_run set set_sha256 = sha256('') {run}"),
            format!("update qt001_cp.verification_run set set_sha256 = null {run}"),
            format!("update qt001_cp.verification_run set subject = 'readback' {run}"),
        ] {
            plane.mark().await;
            plane.act("harness", &fault).await;
            assert_eq!(blocking(&mut plane).await, [gate], "{fault}");
            plane
                .refused("owner", WRITE, "READINESS_BLOCKED")
                .await
                .names(gate);
            plane.back().await;
            tried += 1;
        }
        // The last moment that counts.
        plane.mark().await;
        plane.act("harness", &format!("update qt001_cp.verification_run set finished_at = clock_timestamp() - make_interval(secs => 86000) {run}")).await;
        assert_eq!(blocking(&mut plane).await, Vec::<String>::new());
        plane.back().await;
    }
    assert_eq!(tried, 14 * 12);
    plane.stop().await;
}

/// Evidence is asked for by kind: without one kind, exactly the gates that #15 gives it to are blocked.
#[tokio::test]
async fn absent_or_older_evidence_blocks_the_gates_that_need_it() {
    let mut plane = Plane::at(Stage::Activated).await;
    record_evidence(&mut plane).await;
    plane.act("harness", SOUND).await;
    for kind in [
        "verification_log",
        "signoff_artifact",
        "acl_snapshot",
        "measurement_samples",
    ] {
        let expected = plane
            .texts(&format!(
                "select g.gate_key::text from qt001_cp.readiness_gate_manifest g
                 join qt001_cp.evidence_requirement_manifest q on q.subject_kind = 'gate' and q.subject::text = g.gate_key::text
                 where q.evidence_kind = '{kind}' order by g.gate_no"
            ))
            .await;
        assert!(!expected.is_empty(), "{kind}");
        for fault in [
            format!("delete from qt001_cp.evidence_registry where evidence_kind = '{kind}'"),
            format!(
                "update qt001_cp.evidence_registry set control_epoch = 1 where evidence_kind = '{kind}' and control_epoch = 2"
            ),
        ] {
            plane.mark().await;
            plane.act("harness", &format!("set local session_replication_role = replica; {fault}; set local session_replication_role = origin")).await;
            assert_eq!(blocking(&mut plane).await, expected, "{fault}");
            plane.back().await;
        }
    }
    plane.stop().await;
}

/// One replaced verifier is another verifier: all that it pinned falls, whatever its rows say.
#[tokio::test]
async fn replaced_verifier_loses_every_gate_that_it_was_pinned_for() {
    let mut plane = Plane::at(Stage::Activated).await;
    record_evidence(&mut plane).await;
    plane.act("harness", SOUND).await;
    plane
        .act(
            "owner",
            "alter function qt001_cp.cp_verify_readiness(text) set work_mem = '1MB'",
        )
        .await;
    assert_eq!(blocking(&mut plane).await, every_gate());
    plane.stop().await;
}

/// A row beside the honest one: older, of another subject, of another verifier; or newer and untrue.
#[tokio::test]
async fn forged_fact_changes_nothing_for_the_better() {
    let mut plane = Plane::at(Stage::Activated).await;
    record_evidence(&mut plane).await;
    plane
        .act("verifier", "select qt001_cp.cp_verify_readiness('birth_writer')")
        .await;
    let before = blocking(&mut plane).await;
    assert!(before.contains(&"CAPABILITY_EVIDENCE_PRESENT".to_owned()));
    let forged = "insert into qt001_cp.readiness_gate_fact (run_id, gate_key, is_met, population)
         select run_id, 'CAPABILITY_EVIDENCE_PRESENT', true, 1 from qt001_cp.verification_run limit 1";
    plane.refused("verifier", forged, "42501").await;
    plane.refused("owner", forged, "NOT_PINNED_VERIFIER").await;
    for (verifier, digest, epoch) in [
        (
            "qt001_cp.cp_verify_catalog()",
            "qt001_cp.h06('qt001_cp.cp_verify_catalog()')",
            2,
        ),
        ("qt001_cp.cp_verify_readiness(text)", "sha256('')", 2),
        (
            "qt001_cp.cp_verify_readiness(text)",
            "qt001_cp.h06('qt001_cp.cp_verify_readiness(text)')",
            1,
        ),
    ] {
        plane.mark().await;
        plane
            .act(
                "harness",
                &format!(
                    "alter table qt001_cp.verification_run disable trigger user;
                     alter table qt001_cp.readiness_gate_fact disable trigger user;
                     with run as (
                       insert into qt001_cp.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, set_sha256, principal_id)
                       select '{verifier}', {digest}, 'birth_writer', 'pass', {epoch}, a.set_sha256, 'p_verifier' from qt001_cp.active_set a returning run_id)
                     insert into qt001_cp.readiness_gate_fact (run_id, gate_key, is_met, population)
                     select run_id, 'CAPABILITY_EVIDENCE_PRESENT', true, 1 from run"
                ),
            )
            .await;
        assert_eq!(blocking(&mut plane).await, before);
        plane.back().await;
    }
    plane.stop().await;
}
