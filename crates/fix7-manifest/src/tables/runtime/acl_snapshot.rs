//! `acl_snapshot`, runtime evidence.

use manifest_model::ColumnType::{ItemKey, NonemptyText, Sha256, Timestamp, Uuid};
use manifest_model::{
    Step, Table, TableClass, Trigger, TriggerLevel, column, foreign_key, primary_key, unique,
};

/// The privilege digest of one object at one moment.
pub const ACL_SNAPSHOT: Table = Table {
    name: "acl_snapshot",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "The privilege digest of one object at one moment.",
    columns: &[
        column(
            "snapshot_id",
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
        column("object_name", NonemptyText, "'probe'", "the object"),
        column(
            "moment",
            ItemKey,
            "'as_captured'",
            "at which moment of the cutover",
        ),
        column(
            "privilege_acl_hash",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "H07 of the object",
        ),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("acl_snapshot_pk", &["snapshot_id"]),
        unique("acl_snapshot_object_key", &["run_id", "object_name", "moment"]),
        foreign_key(
            "acl_snapshot_run_fk",
            &["run_id"],
            "verification_run",
            &["run_id"],
        ),
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "acl_snapshot_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "acl_snapshot_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "acl_snapshot_no_truncate",
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
