//! Level-B and Level-A: each entry point's effect is recomputed by its paired verifier, in the transaction in
//! which it was executed and on schedule; what is stale or changed blocks readiness.

use authoring::scan::{ANALYSIS, SCAN};

use crate::plane::{Plane, Stage, read};

/// Pairs that are not sound.
const UNSOUND: &str = "select p.entrypoint from qt001_cp.level_b_pairs() p where (p.verdict = 'pass' and p.pinned and p.fresh) is not true order by 1";
/// What the gate over the verifiers says now.
const FRESH: &str = "select o.is_met::text from qt001_cp.gate_observation('birth_writer') o where o.gate_key = 'VERIFIER_FRESH'";

async fn run(plane: &mut Plane, path: &str) {
    let text = read(path);
    plane.act("verifier", text.trim_end().trim_end_matches(';')).await;
}

/// Imported and scanned, on the activated plane.
async fn scanned() -> Plane {
    let mut plane = Plane::at(Stage::Activated).await;
    run(&mut plane, ANALYSIS).await;
    run(&mut plane, SCAN).await;
    plane
}

#[tokio::test]
async fn every_entry_point_is_recomputed_in_the_transaction_that_executed_it() {
    let mut plane = Plane::at(Stage::Activated).await;
    run(&mut plane, ANALYSIS).await;
    let samples = "select qt001_cp.cp_record_measurement(q.capability, q.metric, 1, 1, e) from (select split_part(current_setting('test.requirement'), '|', 1) as capability, split_part(current_setting('test.requirement'), '|', 2) as metric) q, qt001_cp.cp_record_evidence('measurement_samples', sha256('samples'), 'urn:samples') e";
    plane
        .act("harness", "select set_config('test.requirement', (select q.capability || '|' || q.metric from qt001_cp.capability_measurement_requirement q order by q.ordinal limit 1), true)")
        .await;
    plane.act("verifier", samples).await;
    plane
        .act("operator", "select qt001_cp.cp_supersede('birth_writer', 2)")
        .await;
    let executed = plane
        .texts("select distinct entrypoint from qt001_cp.level_b_pairs() order by 1")
        .await;
    let paired = plane
        .texts("select p.proname::text from qt001_cp.verifier_pairing_manifest v join pg_catalog.pg_proc p on p.oid = to_regprocedure(v.subject) where v.pair_kind = 'entrypoint' order by 1")
        .await;
    assert_eq!(executed, paired);
    assert_eq!(executed.len(), 7);
    let before = plane.texts(UNSOUND).await;
    assert!(before.len() > 100, "{before:?}");
    run(&mut plane, SCAN).await;
    assert_eq!(plane.texts(UNSOUND).await, Vec::<String>::new());
    plane.stop().await;
}

#[tokio::test]
async fn each_effect_that_is_changed_by_hand_turns_its_pair_red() {
    let mut plane = scanned().await;
    assert_eq!(plane.texts(UNSOUND).await, Vec::<String>::new());
    for (table, fault, entrypoints) in [
        (
            "code_catalog_item",
            "insert into qt001_cp.code_catalog_item (family_code, item_code, title) values ('OPERATOR', 'EXTRA', 'x')",
            vec!["cp_seal_catalog"],
        ),
        (
            "readiness_gate_manifest",
            "update qt001_cp.readiness_gate_manifest set title = 'forged' where ordinal = 1",
            vec!["cp_seal"],
        ),
        (
            "manifest_activation_line",
            "delete from qt001_cp.manifest_activation_line where surface_no = 9",
            vec!["cp_activate"],
        ),
        (
            "signoff_binding",
            "update qt001_cp.signoff_binding set decision = 'reject' where signoff_id = (select b.signoff_id from qt001_cp.signoff_binding b order by 1 limit 1)",
            vec!["cp_record_signoff"],
        ),
        (
            "evidence_registry",
            "update qt001_cp.evidence_registry set artifact_sha256 = sha256('another') where evidence_kind = 'static_analysis'",
            vec!["cp_record_evidence"],
        ),
        (
            "level_b_packet_execution",
            "insert into qt001_cp.level_b_packet_execution (entrypoint, subject, subject_sha256, actor, control_epoch) values ('cp_supersede', 'nobody', sha256(''), 'x', 2)",
            vec!["cp_supersede"],
        ),
    ] {
        plane.mark().await;
        plane
            .act(
                "owner",
                &format!("alter table qt001_cp.{table} disable trigger user; {fault}"),
            )
            .await;
        let tried = "do $scan$ begin perform qt001_cp.cp_scan(); end $scan$";
        plane.act("verifier", tried).await;
        assert_eq!(plane.texts(UNSOUND).await, entrypoints, "{fault}");
        assert_eq!(plane.text(FRESH).await, "false", "{fault}");
        // The very file that cron runs fails, too.
        plane
            .refused("verifier", read(SCAN).trim_end().trim_end_matches(';'), "P0001")
            .await
            .names(entrypoints[0]);
        plane.back().await;
    }
    plane.stop().await;
}

/// Of each kind of scheduled verifier one that is too old, and all of them again.
#[tokio::test]
async fn a_verifier_that_is_stale_blocks_readiness_until_it_has_run_again() {
    let mut plane = scanned().await;
    assert_eq!(plane.text(FRESH).await, "true");
    plane
        .act(
            "owner",
            "alter table qt001_cp.verification_run disable trigger user",
        )
        .await;
    let verifiers = plane
        .texts("select s.verifier::text from qt001_cp.verifier_schedule_manifest s where exists (select from qt001_cp.verification_run r where r.verifier::text = s.verifier::text) order by 1")
        .await;
    assert_eq!(verifiers.len(), 11, "{verifiers:?}");
    for verifier in verifiers {
        for (seconds, met) in [("- 60", "true"), ("+ 1", "false")] {
            plane.mark().await;
            plane
                .act("owner", &format!("update qt001_cp.verification_run r set finished_at = clock_timestamp() - make_interval(secs => s.staleness_seconds_max {seconds}) from qt001_cp.verifier_schedule_manifest s where s.verifier::text = r.verifier::text and r.verifier = '{verifier}'"))
                .await;
            assert_eq!(plane.text(FRESH).await, met, "{verifier} {seconds}");
            if met == "false" {
                plane
                    .act("verifier", "select qt001_cp.cp_verify_readiness('birth_writer')")
                    .await;
                let blocking = plane
                    .text("select array_to_string(a.blocking_gates, ',') from qt001_cp.v_fix7_acceptance a where a.writer_type = 'birth_writer'")
                    .await;
                assert!(blocking.contains("VERIFIER_FRESH"), "{verifier}: {blocking}");
                run(&mut plane, ANALYSIS).await;
                run(&mut plane, SCAN).await;
                assert_eq!(plane.text(FRESH).await, "true", "{verifier}");
            }
            plane.back().await;
        }
    }
    plane.stop().await;
}

#[tokio::test]
async fn a_verifier_that_is_not_the_pinned_one_verifies_nothing() {
    let mut plane = scanned().await;
    plane
        .act(
            "harness",
            "alter function qt001_cp.cp_verify_signoff(uuid) set work_mem = '1MB'",
        )
        .await;
    plane
        .act(
            "verifier",
            "do $scan$ begin perform qt001_cp.cp_scan(); end $scan$",
        )
        .await;
    let unsound = plane
        .texts(&UNSOUND.replace("select p.", "select distinct p."))
        .await;
    assert_eq!(unsound, ["cp_record_signoff"]);
    plane.stop().await;
}

#[tokio::test]
async fn findings_are_imported_of_recorded_artifacts_over_sealed_sources_alone() {
    let mut plane = scanned().await;
    let imported = plane
        .texts("select distinct f.reason_code::text || ' ' || f.tool from qt001_cp.verification_finding f where f.tool is not null order by 1")
        .await;
    assert_eq!(
        imported,
        ["LEGACY_LITERAL", "LEGACY_READINESS_CONSTANT", "LEGACY_SELF_AUDIT"]
            .map(|code| format!("{code} fix7 static-analysis 1"))
    );
    let other = plane
        .number("select count(*) from qt001_cp.verification_finding f where f.tool is not null and f.source_sha256::bytea is distinct from qt001_cp.h06(to_regprocedure(f.object_name))")
        .await;
    assert_eq!(other, 0);
    let document = |object: &str, source: &str| {
        format!(
            r#"{{"tool":"t","findings":[{{"object":"{object}","reason":"LEGACY_LITERAL","detail":"d","source_sha256":"{source}"}}]}}"#
        )
    };
    let sealed = plane
        .text("select encode(qt001_cp.h06('public.qt001_is_ready()'), 'hex')")
        .await;
    let sound = document("public.qt001_is_ready()", &sealed);
    let import = |text: &str| format!("select qt001_cp.cp_record_findings('{text}')");
    plane
        .refused("verifier", &import(&sound), "EVIDENCE_MISSING")
        .await;
    plane.refused("auditor", &import(&sound), "42501").await;
    for (text, code) in [
        (sound.clone(), None),
        (
            document("public.qt001_is_ready()", &"00".repeat(32)),
            Some("SUBJECT_UNKNOWN"),
        ),
        (
            document("public.fn_normalize_code(text)", &sealed),
            Some("SUBJECT_UNKNOWN"),
        ),
        (
            r#"{"tool":"t","findings":[]}"#.to_owned(),
            Some("SUBJECT_UNKNOWN"),
        ),
        (sound.replace(r#""tool":"t","#, ""), Some("SUBJECT_UNKNOWN")),
    ] {
        plane
            .act("verifier", &format!("select qt001_cp.cp_record_evidence('static_analysis', sha256(convert_to('{text}', 'UTF8')), 'urn:t')"))
            .await;
        match code {
            None => plane.act("verifier", &import(&text)).await,
            Some(code) => {
                plane.refused("verifier", &import(&text), code).await;
            }
        }
    }
    plane.stop().await;
}
