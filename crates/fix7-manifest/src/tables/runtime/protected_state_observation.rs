//! `protected_state_observation`, runtime evidence.

use manifest_model::ColumnType::{Bigint, NonemptyText, Sha256, Timestamp, Uuid};
use manifest_model::{
    Index, Step, Table, TableClass, Trigger, TriggerLevel, check, column, foreign_key, primary_key, reject,
};

/// The state of an object that must not change, at one moment.
pub const PROTECTED_STATE_OBSERVATION: Table = Table {
    name: "protected_state_observation",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "The state of an object that must not change, at one moment.",
    columns: &[
        column(
            "observation_id",
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
        ),
        column("object_name", NonemptyText, "'probe'", "the object"),
        column(
            "state_sha256",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "digest of its definition",
        ),
        column(
            "row_count",
            Bigint,
            "0",
            "rows at that moment, under the run's snapshot",
        ),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("protected_state_observation_pk", &["observation_id"]),
        foreign_key(
            "protected_state_observation_run_fk",
            &["run_id"],
            "verification_run",
            &["run_id"],
        ),
        check(
            "protected_state_observation_row_count_check",
            "(row_count >= 0)",
            &[reject("negative count", "row_count", "-1")],
        ),
    ],
    indexes: &[Index {
        name: "protected_state_observation_run_idx",
        columns: &["run_id"],
    }],
    triggers: &[
        Trigger {
            name: "protected_state_observation_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "protected_state_observation_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "protected_state_observation_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.verification_run disable trigger verification_run_writer",
        "insert into {cp}.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, principal_id) values ('negative_base', sha256('negative_base'), 'negative_base', 'pass', 1, 'p_verifier')",
    ],
    source: file!(),
};
