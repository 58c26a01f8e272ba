//! `capability_measurement`, runtime evidence.

use manifest_model::ColumnType::{Integer, ItemKey, Numeric, Timestamp, Uuid};
use manifest_model::{
    Index, Step, Table, TableClass, Trigger, TriggerLevel, check, column, foreign_key, primary_key, reject,
};

/// A measured value for a capability, with the artifact that holds the samples.
pub const CAPABILITY_MEASUREMENT: Table = Table {
    name: "capability_measurement",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "A measured value for a capability, with the artifact that holds the samples.",
    columns: &[
        column(
            "measurement_id",
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
        column(
            "capability",
            ItemKey,
            "'probe'",
            "row of capability_manifest (#13)",
        ),
        column(
            "metric",
            ItemKey,
            "'probe'",
            "metric of capability_measurement_requirement (#14)",
        ),
        column("value", Numeric, "1", "the measured value, in the metric's unit"),
        column("samples", Integer, "1", "how many samples it rests on"),
        column(
            "evidence_id",
            Uuid,
            "(select evidence_id from {cp}.evidence_registry limit 1)",
            "artifact that holds the samples",
        ),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("capability_measurement_pk", &["measurement_id"]),
        foreign_key(
            "capability_measurement_run_fk",
            &["run_id"],
            "verification_run",
            &["run_id"],
        ),
        foreign_key(
            "capability_measurement_evidence_fk",
            &["evidence_id"],
            "evidence_registry",
            &["evidence_id"],
        ),
        check(
            "capability_measurement_samples_check",
            "(samples >= 1)",
            &[reject("no sample", "samples", "0")],
        ),
    ],
    indexes: &[
        Index {
            name: "capability_measurement_run_idx",
            columns: &["run_id"],
        },
        Index {
            name: "capability_measurement_evidence_idx",
            columns: &["evidence_id"],
        },
    ],
    triggers: &[
        Trigger {
            name: "capability_measurement_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "capability_measurement_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "capability_measurement_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.evidence_registry disable trigger evidence_registry_writer",
        "insert into {cp}.evidence_registry (evidence_kind, artifact_sha256, artifact_uri, control_epoch, principal_id) values ('negative_base', sha256('negative_base'), 'urn:negative', 1, 'p_verifier')",
        "alter table {cp}.verification_run disable trigger verification_run_writer",
        "insert into {cp}.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, principal_id) values ('negative_base', sha256('negative_base'), 'negative_base', 'pass', 1, 'p_verifier')",
    ],
    source: file!(),
};
