//! `level_b_packet_execution`, runtime evidence.

use manifest_model::ColumnType::{Bigint, NonemptyText, Sha256, Timestamp, Uuid};
use manifest_model::{Step, Table, TableClass, Trigger, TriggerLevel, check, column, primary_key, reject};

/// One row a Level-B mutation, written by the entry point in the same call.
pub const LEVEL_B_PACKET_EXECUTION: Table = Table {
    name: "level_b_packet_execution",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "One row a Level-B mutation, written by the entry point in the same call.",
    columns: &[
        column(
            "execution_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column("entrypoint", NonemptyText, "'probe'", "routine that mutated"),
        column("subject", NonemptyText, "'probe'", "what it mutated"),
        column(
            "subject_sha256",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "digest of what it left",
        ),
        column(
            "actor",
            NonemptyText,
            "session_user",
            "session_user that called it",
        ),
        column("control_epoch", Bigint, "1", "epoch at which it ran"),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("level_b_packet_execution_pk", &["execution_id"]),
        check(
            "level_b_packet_execution_epoch_check",
            "(control_epoch >= 1)",
            &[reject("epoch is 0", "control_epoch", "0")],
        ),
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "level_b_packet_execution_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "level_b_writer",
        },
        Trigger {
            name: "level_b_packet_execution_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "level_b_packet_execution_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[],
    source: file!(),
};
