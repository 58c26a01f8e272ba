//! #18 verifier_schedule_manifest.

use manifest_model::ColumnType::{Integer, NonemptyText};
use manifest_model::V::{I, T};
use manifest_model::{Item, RowSource, Step, Surface, check, column, reject, unique};

/// How often each verifier runs, and after how long its answer is stale.
pub const SURFACE: Surface = Surface {
    number: 18,
    table: "verifier_schedule_manifest",
    doc: "How often each verifier runs, and after how long its answer is stale.",
    rows_step: Step::new(9),
    columns: &[
        column(
            "verifier",
            NonemptyText,
            "'probe'",
            "the verifier as regprocedure",
        ),
        column("cadence_seconds", Integer, "60", "how often it runs, in seconds"),
        column(
            "staleness_seconds_max",
            Integer,
            "60",
            "age at which its answer no longer counts, in seconds",
        ),
    ],
    constraints: &[
        unique(
            "verifier_schedule_manifest_verifier_key",
            &["manifest_id", "verifier"],
        ),
        check(
            "verifier_schedule_manifest_cadence_check",
            "(cadence_seconds >= 1)",
            &[reject("cadence is 0", "cadence_seconds", "0")],
        ),
        check(
            "verifier_schedule_manifest_staleness_check",
            "(staleness_seconds_max >= cadence_seconds)",
            &[reject("stale before the next run", "staleness_seconds_max", "59")],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Listed(ROWS),
    source: file!(),
};

const ROWS: &[Item] = &[
    Item {
        key: "cp_verify_readiness",
        refusal: "VERIFIER_STALE",
        values: &[T("qt001_cp.cp_verify_readiness(text)"), I(3600), I(86400)],
    },
    Item {
        key: "cp_verify_seal",
        refusal: "VERIFIER_STALE",
        values: &[T("qt001_cp.cp_verify_seal(uuid,integer)"), I(3600), I(86400)],
    },
    Item {
        key: "cp_verify_activation",
        refusal: "VERIFIER_STALE",
        values: &[T("qt001_cp.cp_verify_activation(text)"), I(3600), I(86400)],
    },
    Item {
        key: "cp_verify_signoff",
        refusal: "VERIFIER_STALE",
        values: &[T("qt001_cp.cp_verify_signoff(uuid)"), I(3600), I(86400)],
    },
    Item {
        key: "cp_verify_evidence",
        refusal: "VERIFIER_STALE",
        values: &[T("qt001_cp.cp_verify_evidence(uuid)"), I(3600), I(86400)],
    },
    Item {
        key: "cp_verify_catalog",
        refusal: "VERIFIER_STALE",
        values: &[T("qt001_cp.cp_verify_catalog()"), I(3600), I(86400)],
    },
    Item {
        key: "cp_verify_measurement",
        refusal: "VERIFIER_STALE",
        values: &[T("qt001_cp.cp_verify_measurement(uuid)"), I(3600), I(86400)],
    },
    Item {
        key: "cp_verify_denial",
        refusal: "VERIFIER_STALE",
        values: &[
            T("qt001_cp.cp_verify_denial(text,text,text,text)"),
            I(3600),
            I(86400),
        ],
    },
    Item {
        key: "cp_verify_privileges",
        refusal: "VERIFIER_STALE",
        values: &[T("qt001_cp.cp_verify_privileges(text)"), I(3600), I(86400)],
    },
    Item {
        key: "cp_verify_protected_state",
        refusal: "VERIFIER_STALE",
        values: &[T("qt001_cp.cp_verify_protected_state()"), I(3600), I(86400)],
    },
    Item {
        key: "cp_record_findings",
        refusal: "VERIFIER_STALE",
        values: &[T("qt001_cp.cp_record_findings(text)"), I(86400), I(604_800)],
    },
    Item {
        key: "cp_scan",
        refusal: "VERIFIER_STALE",
        values: &[T("qt001_cp.cp_scan()"), I(3600), I(86400)],
    },
];
