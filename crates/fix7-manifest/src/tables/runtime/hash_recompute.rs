//! `hash_recompute`, runtime evidence.

use manifest_model::ColumnType::{ItemKey, NonemptyText, Sha256, Timestamp, Uuid};
use manifest_model::{
    Index, Step, Table, TableClass, Trigger, TriggerLevel, column, foreign_key, primary_key,
};

/// A digest recomputed from rows beside the one that was sealed.
pub const HASH_RECOMPUTE: Table = Table {
    name: "hash_recompute",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "A digest recomputed from rows beside the one that was sealed.",
    columns: &[
        column(
            "recompute_id",
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
        column("contract", ItemKey, "'H02'", "hash contract"),
        column("subject", NonemptyText, "'probe'", "over what"),
        column(
            "sealed_sha256",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "the sealed digest",
        ),
        column(
            "recomputed_sha256",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "the recomputed digest",
        ),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("hash_recompute_pk", &["recompute_id"]),
        foreign_key(
            "hash_recompute_run_fk",
            &["run_id"],
            "verification_run",
            &["run_id"],
        ),
    ],
    indexes: &[Index {
        name: "hash_recompute_run_idx",
        columns: &["run_id"],
    }],
    triggers: &[
        Trigger {
            name: "hash_recompute_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "hash_recompute_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "hash_recompute_no_truncate",
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
