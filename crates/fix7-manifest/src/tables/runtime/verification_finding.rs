//! `verification_finding`, runtime evidence.

use manifest_model::ColumnType::{ItemKey, NonemptyText, Sha256, Timestamp, Uuid};
use manifest_model::{
    Index, Step, Table, TableClass, Trigger, TriggerLevel, check, column, foreign_key, primary_key, reject,
};

/// What a verification run found wrong, or a static analysis in a sealed source.
pub const VERIFICATION_FINDING: Table = Table {
    name: "verification_finding",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "What a verification run found wrong, or a static analysis in a sealed source.",
    columns: &[
        column(
            "finding_id",
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
        column("reason_code", ItemKey, "'ITEM_MISSING'", "reason code of #22"),
        column("object_name", NonemptyText, "'probe'", "the object"),
        column("detail", NonemptyText, "'probe'", "expected and found"),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
        column(
            "tool",
            NonemptyText,
            "null",
            "the static analysis that found it, if one did",
        )
        .nullable(),
        column(
            "source_sha256",
            Sha256,
            "null",
            "H06 of the source in which it did",
        )
        .nullable(),
    ],
    constraints: &[
        primary_key("verification_finding_pk", &["finding_id"]),
        foreign_key(
            "verification_finding_run_fk",
            &["run_id"],
            "verification_run",
            &["run_id"],
        ),
        check(
            "verification_finding_tool_check",
            "((tool IS NULL) = (source_sha256 IS NULL))",
            &[
                reject("a tool without the source that it read", "tool", "'probe'"),
                reject(
                    "a source that no tool read",
                    "source_sha256",
                    "'\\x0909090909090909090909090909090909090909090909090909090909090909'",
                ),
            ],
        ),
    ],
    indexes: &[Index {
        name: "verification_finding_run_idx",
        columns: &["run_id"],
    }],
    triggers: &[
        Trigger {
            name: "verification_finding_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "verification_finding_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "verification_finding_no_truncate",
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
