//! `access_denial_event`, runtime evidence.

use manifest_model::ColumnType::{ItemKey, NonemptyText, Timestamp, Uuid};
use manifest_model::{
    Index, Step, Table, TableClass, Trigger, TriggerLevel, column, foreign_key, primary_key,
};

/// A refusal that was tried, recorded by a verifier afterwards, after it checked the claim against the catalog (ruling B5).
pub const ACCESS_DENIAL_EVENT: Table = Table {
    name: "access_denial_event",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "A refusal that was tried, recorded by a verifier afterwards, after it checked the claim against the catalog (ruling B5).",
    columns: &[
        column(
            "denial_id",
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
        column("persona", NonemptyText, "'directus'", "role that tried"),
        column("object_name", NonemptyText, "'probe'", "on what"),
        column("privilege", ItemKey, "'INSERT'", "which privilege was missing"),
        column("refused_with", ItemKey, "'42501'", "SQLSTATE that it got"),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("access_denial_event_pk", &["denial_id"]),
        foreign_key(
            "access_denial_event_run_fk",
            &["run_id"],
            "verification_run",
            &["run_id"],
        ),
    ],
    indexes: &[Index {
        name: "access_denial_event_run_idx",
        columns: &["run_id"],
    }],
    triggers: &[
        Trigger {
            name: "access_denial_event_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "access_denial_event_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "access_denial_event_no_truncate",
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
