//! `signoff_binding`, runtime evidence.

use manifest_model::ColumnType::{Bigint, Integer, ItemKey, Sha256, Text, Timestamp, Uuid};
use manifest_model::{
    Index, Step, Table, TableClass, Trigger, TriggerLevel, check, column, foreign_key, primary_key, reject,
    unique,
};

/// A person's decision on one sealed payload at one epoch. The 8 columns of H04_SCOPE_V1 are NOT NULL and unique together; a human may still sign under one principal only (ruling B6).
pub const SIGNOFF_BINDING: Table = Table {
    name: "signoff_binding",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "A person's decision on one sealed payload at one epoch. The 8 columns of H04_SCOPE_V1 are NOT NULL and unique together; a human may still sign under one principal only (ruling B6).",
    columns: &[
        column(
            "signoff_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column(
            "manifest_id",
            Uuid,
            "(select manifest_id from {cp}.manifest_envelope where surface_no = 1 and version = 1)",
            "scope key 1: envelope",
        ),
        column("surface_no", Integer, "1", "scope key 2: surface"),
        column(
            "payload_sha256",
            Sha256,
            "(select payload_sha256 from {cp}.manifest_envelope where surface_no = 1 and version = 1)",
            "scope key 3: the payload that was read",
        ),
        column("slot", ItemKey, "'reviewer'", "scope key 4: in which slot"),
        column("principal_id", ItemKey, "'p_reviewer'", "scope key 5: by whom").other("'p_binder'"),
        column(
            "evidence_id",
            Uuid,
            "(select evidence_id from {cp}.evidence_registry limit 1)",
            "scope key 6: what was read; dereferenced to evidence_registry.artifact_sha256",
        ),
        column("control_epoch", Bigint, "1", "scope key 7: at which epoch"),
        column("decision", Text, "'approve'", "scope key 8: approve or reject"),
        column(
            "scope_sha256",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "H04 over the scope",
        ),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("signoff_binding_pk", &["signoff_id"]),
        unique(
            "signoff_binding_scope_key",
            &[
                "manifest_id",
                "surface_no",
                "payload_sha256",
                "slot",
                "principal_id",
                "evidence_id",
                "control_epoch",
                "decision",
            ],
        ),
        foreign_key(
            "signoff_binding_envelope_fk",
            &["manifest_id", "surface_no"],
            "manifest_envelope",
            &["manifest_id", "surface_no"],
        ),
        foreign_key(
            "signoff_binding_principal_fk",
            &["principal_id"],
            "principal",
            &["principal_id"],
        ),
        foreign_key(
            "signoff_binding_evidence_fk",
            &["evidence_id"],
            "evidence_registry",
            &["evidence_id"],
        ),
        check(
            "signoff_binding_decision_check",
            "(decision = ANY (ARRAY['approve'::text, 'reject'::text]))",
            &[reject("decision is unknown", "decision", "'abstain'")],
        ),
    ],
    indexes: &[
        Index {
            name: "signoff_binding_principal_idx",
            columns: &["principal_id"],
        },
        Index {
            name: "signoff_binding_evidence_idx",
            columns: &["evidence_id"],
        },
    ],
    triggers: &[
        Trigger {
            name: "signoff_binding_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "signoff_writer",
        },
        Trigger {
            name: "signoff_binding_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "signoff_binding_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.evidence_registry disable trigger evidence_registry_writer",
        "insert into {cp}.evidence_registry (evidence_kind, artifact_sha256, artifact_uri, control_epoch, principal_id) values ('negative_base', sha256('negative_base'), 'urn:negative', 1, 'p_verifier')",
    ],
    source: file!(),
};
