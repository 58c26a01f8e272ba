//! `readiness_gate_fact`, runtime evidence.

use manifest_model::ColumnType::{Bigint, Boolean, ItemKey, Timestamp, Uuid};
use manifest_model::{
    Step, Table, TableClass, Trigger, TriggerLevel, check, column, foreign_key, primary_key, reject, unique,
};

/// What a verifier saw of one gate. Not believed: v_fix7_acceptance counts it only if its run is pinned, current and fresh.
pub const READINESS_GATE_FACT: Table = Table {
    name: "readiness_gate_fact",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "What a verifier saw of one gate. Not believed: v_fix7_acceptance counts it only if its run is pinned, current and fresh.",
    columns: &[
        column(
            "fact_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column(
            "run_id",
            Uuid,
            "(select run_id from {cp}.verification_run limit 1)",
            "the verification run that wrote it",
        )
        .other("(select run_id from {cp}.verification_run where verifier = 'negative_other')"),
        column(
            "gate_key",
            ItemKey,
            "'probe'",
            "row of readiness_gate_manifest (#09)",
        ),
        column(
            "is_met",
            Boolean,
            "true",
            "true, false, or NULL where it could not be measured; NULL never counts",
        )
        .nullable(),
        column(
            "population",
            Bigint,
            "1",
            "how many objects the answer ranges over",
        ),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("readiness_gate_fact_pk", &["fact_id"]),
        unique("readiness_gate_fact_run_gate_key", &["run_id", "gate_key"]),
        foreign_key(
            "readiness_gate_fact_run_fk",
            &["run_id"],
            "verification_run",
            &["run_id"],
        ),
        check(
            "readiness_gate_fact_population_check",
            "(population >= 0)",
            &[reject("negative population", "population", "-1")],
        ),
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "readiness_gate_fact_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "readiness_gate_fact_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "readiness_gate_fact_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.verification_run disable trigger verification_run_writer",
        "insert into {cp}.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, principal_id) values ('negative_base', sha256('negative_base'), 'negative_base', 'pass', 1, 'p_verifier'), ('negative_other', sha256('negative_base'), 'negative_base', 'pass', 1, 'p_verifier')",
    ],
    source: file!(),
};
