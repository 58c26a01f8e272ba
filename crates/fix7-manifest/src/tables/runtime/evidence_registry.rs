//! `evidence_registry`, runtime evidence.

use manifest_model::ColumnType::{Bigint, ItemKey, NonemptyText, Sha256, Timestamp, Uuid};
use manifest_model::{
    Index, Step, Table, TableClass, Trigger, TriggerLevel, check, column, foreign_key, primary_key, reject,
    unique,
};

/// Artifacts that prove something, by digest. Everything else refers to a row of this table, never to a file name.
pub const EVIDENCE_REGISTRY: Table = Table {
    name: "evidence_registry",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "Artifacts that prove something, by digest. Everything else refers to a row of this table, never to a file name.",
    columns: &[
        column(
            "evidence_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column(
            "evidence_kind",
            ItemKey,
            "'negative_probe'",
            "kind of evidence, as in evidence_requirement_manifest (#15)",
        ),
        column(
            "artifact_sha256",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "digest of the artifact",
        ),
        column(
            "artifact_uri",
            NonemptyText,
            "'urn:probe'",
            "where the artifact is kept",
        ),
        column("control_epoch", Bigint, "1", "epoch at which it was recorded"),
        column("principal_id", ItemKey, "'p_verifier'", "who recorded it"),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("evidence_registry_pk", &["evidence_id"]),
        unique(
            "evidence_registry_artifact_key",
            &["evidence_kind", "artifact_sha256", "control_epoch"],
        ),
        foreign_key(
            "evidence_registry_principal_fk",
            &["principal_id"],
            "principal",
            &["principal_id"],
        ),
        check(
            "evidence_registry_epoch_check",
            "(control_epoch >= 1)",
            &[reject("epoch is 0", "control_epoch", "0")],
        ),
    ],
    indexes: &[Index {
        name: "evidence_registry_principal_idx",
        columns: &["principal_id"],
    }],
    triggers: &[
        Trigger {
            name: "evidence_registry_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "evidence_registry_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "evidence_registry_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[],
    source: file!(),
};
