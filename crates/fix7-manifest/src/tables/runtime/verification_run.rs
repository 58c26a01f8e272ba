//! `verification_run`, runtime evidence.

use manifest_model::ColumnType::{Bigint, ItemKey, NonemptyText, Sha256, Text, Timestamp, Uuid};
use manifest_model::{
    Index, Step, Table, TableClass, Trigger, TriggerLevel, check, column, foreign_key, primary_key, reject,
};

/// One row a run of a Level-A verifier: which routine with which source, at which epoch, over which active set.
pub const VERIFICATION_RUN: Table = Table {
    name: "verification_run",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "One row a run of a Level-A verifier: which routine with which source, at which epoch, over which active set.",
    columns: &[
        column(
            "run_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column(
            "verifier",
            NonemptyText,
            "'probe'",
            "routine that ran, as regprocedure",
        ),
        column(
            "verifier_sha256",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "H06 of that routine as it ran",
        ),
        column("subject", NonemptyText, "'probe'", "what it recomputed"),
        column("verdict", Text, "'pass'", "pass or fail"),
        column("control_epoch", Bigint, "1", "epoch at which it ran"),
        column(
            "set_sha256",
            Sha256,
            "null",
            "digest of the active set at that moment, if one is active",
        )
        .nullable(),
        column("principal_id", ItemKey, "'p_verifier'", "who ran it"),
        column(
            "finished_at",
            Timestamp,
            "'2026-01-01 00:00:00+00'",
            "when it ended",
        )
        .default("clock_timestamp()"),
    ],
    constraints: &[
        primary_key("verification_run_pk", &["run_id"]),
        foreign_key(
            "verification_run_principal_fk",
            &["principal_id"],
            "principal",
            &["principal_id"],
        ),
        check(
            "verification_run_verdict_check",
            "(verdict = ANY (ARRAY['pass'::text, 'fail'::text]))",
            &[reject("verdict is unknown", "verdict", "'skipped'")],
        ),
        check(
            "verification_run_epoch_check",
            "(control_epoch >= 1)",
            &[reject("epoch is 0", "control_epoch", "0")],
        ),
    ],
    indexes: &[Index {
        name: "verification_run_principal_idx",
        columns: &["principal_id"],
    }],
    triggers: &[
        Trigger {
            name: "verification_run_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "verification_run_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "verification_run_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[],
    source: file!(),
};
