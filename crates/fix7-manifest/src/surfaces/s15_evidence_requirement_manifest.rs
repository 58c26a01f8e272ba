//! #15 evidence_requirement_manifest.

use manifest_model::ColumnType::{ItemKey, Text};
use manifest_model::V::T;
use manifest_model::{Item, RowSource, Step, Surface, check, column, reject, unique};

/// Which kinds of evidence a gate or a capability needs before a fact about it counts.
pub const SURFACE: Surface = Surface {
    number: 15,
    table: "evidence_requirement_manifest",
    doc: "Which kinds of evidence a gate or a capability needs before a fact about it counts.",
    rows_step: Step::new(9),
    columns: &[
        column("subject_kind", Text, "'gate'", "gate or capability"),
        column("subject", ItemKey, "'PROBE_GATE'", "row of #09 or #13"),
        column(
            "evidence_kind",
            ItemKey,
            "'probe_kind'",
            "kind of evidence, as in #05",
        ),
    ],
    constraints: &[
        unique(
            "evidence_requirement_manifest_requirement_key",
            &["manifest_id", "subject_kind", "subject", "evidence_kind"],
        ),
        check(
            "evidence_requirement_manifest_subject_kind_check",
            "(subject_kind = ANY (ARRAY['gate'::text, 'capability'::text]))",
            &[reject("subject_kind is unknown", "subject_kind", "'surface'")],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Listed(ROWS),
    source: file!(),
};

const ROWS: &[Item] = &[
    Item {
        key: "gate.CATALOG_SEALED.verification_log",
        refusal: "EVIDENCE_MISSING",
        values: &[T("gate"), T("CATALOG_SEALED"), T("verification_log")],
    },
    Item {
        key: "gate.AUTHORITY_SET_EXACT.verification_log",
        refusal: "EVIDENCE_MISSING",
        values: &[T("gate"), T("AUTHORITY_SET_EXACT"), T("verification_log")],
    },
    Item {
        key: "gate.RUNTIME_NON_AUTHORITY.verification_log",
        refusal: "EVIDENCE_MISSING",
        values: &[T("gate"), T("RUNTIME_NON_AUTHORITY"), T("verification_log")],
    },
    Item {
        key: "gate.HASH_DETERMINISM.verification_log",
        refusal: "EVIDENCE_MISSING",
        values: &[T("gate"), T("HASH_DETERMINISM"), T("verification_log")],
    },
    Item {
        key: "gate.CONSTRAINT_SET_EXACT.verification_log",
        refusal: "EVIDENCE_MISSING",
        values: &[T("gate"), T("CONSTRAINT_SET_EXACT"), T("verification_log")],
    },
    Item {
        key: "gate.RETENTION_SEALED.verification_log",
        refusal: "EVIDENCE_MISSING",
        values: &[T("gate"), T("RETENTION_SEALED"), T("verification_log")],
    },
    Item {
        key: "gate.THRESHOLDS_SEALED.verification_log",
        refusal: "EVIDENCE_MISSING",
        values: &[T("gate"), T("THRESHOLDS_SEALED"), T("verification_log")],
    },
    Item {
        key: "gate.SIGNOFF_SEPARATION.signoff_artifact",
        refusal: "EVIDENCE_MISSING",
        values: &[T("gate"), T("SIGNOFF_SEPARATION"), T("signoff_artifact")],
    },
    Item {
        key: "gate.EVIDENCE_INTEGRITY.verification_log",
        refusal: "EVIDENCE_MISSING",
        values: &[T("gate"), T("EVIDENCE_INTEGRITY"), T("verification_log")],
    },
    Item {
        key: "gate.DEPENDENCY_CLOSURE_CLEAN.verification_log",
        refusal: "EVIDENCE_MISSING",
        values: &[T("gate"), T("DEPENDENCY_CLOSURE_CLEAN"), T("verification_log")],
    },
    Item {
        key: "gate.DIRECTUS_READ_PRESERVED.acl_snapshot",
        refusal: "EVIDENCE_MISSING",
        values: &[T("gate"), T("DIRECTUS_READ_PRESERVED"), T("acl_snapshot")],
    },
    Item {
        key: "gate.GATEWAY_IDENTITY_PINNED.verification_log",
        refusal: "EVIDENCE_MISSING",
        values: &[T("gate"), T("GATEWAY_IDENTITY_PINNED"), T("verification_log")],
    },
    Item {
        key: "gate.CAPABILITY_EVIDENCE_PRESENT.measurement_samples",
        refusal: "EVIDENCE_MISSING",
        values: &[
            T("gate"),
            T("CAPABILITY_EVIDENCE_PRESENT"),
            T("measurement_samples"),
        ],
    },
    Item {
        key: "gate.VERIFIER_FRESH.verification_log",
        refusal: "EVIDENCE_MISSING",
        values: &[T("gate"), T("VERIFIER_FRESH"), T("verification_log")],
    },
    Item {
        key: "capability.sustains_birth_rate.measurement_samples",
        refusal: "EVIDENCE_MISSING",
        values: &[
            T("capability"),
            T("sustains_birth_rate"),
            T("measurement_samples"),
        ],
    },
    Item {
        key: "capability.bounded_latency.measurement_samples",
        refusal: "EVIDENCE_MISSING",
        values: &[T("capability"), T("bounded_latency"), T("measurement_samples")],
    },
    Item {
        key: "capability.bounded_backlog.measurement_samples",
        refusal: "EVIDENCE_MISSING",
        values: &[T("capability"), T("bounded_backlog"), T("measurement_samples")],
    },
    Item {
        key: "capability.complete_coverage.measurement_samples",
        refusal: "EVIDENCE_MISSING",
        values: &[T("capability"), T("complete_coverage"), T("measurement_samples")],
    },
];
