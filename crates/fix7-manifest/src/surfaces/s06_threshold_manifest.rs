//! #06 threshold_manifest.

use manifest_model::ColumnType::{ItemKey, NonemptyText, Numeric, Text};
use manifest_model::V::{N, T};
use manifest_model::{Index, Item, RowSource, Step, Surface, column, foreign_key, unique};

/// Every threshold that a rule compares with: value, unit, operator, operand type. Code dereferences these rows and holds no number of its own (G-NOHARDCODE).
pub const SURFACE: Surface = Surface {
    number: 6,
    table: "threshold_manifest",
    doc: "Every threshold that a rule compares with: value, unit, operator, operand type. Code dereferences these rows and holds no number of its own (G-NOHARDCODE).",
    rows_step: Step::new(10),
    columns: &[
        column("threshold", ItemKey, "'probe_threshold'", "name of the threshold"),
        column("value", Numeric, "1.5", "the value"),
        column("unit", NonemptyText, "'seconds'", "its unit"),
        column(
            "operator_family",
            Text,
            "",
            "constant half of the key into the catalog",
        )
        .generated("'OPERATOR'::text"),
        column(
            "operator",
            ItemKey,
            "'LE'",
            "comparison operator, from the catalog",
        ),
        column(
            "operand_type_family",
            Text,
            "",
            "constant half of the key into the catalog",
        )
        .generated("'OPERAND_TYPE'::text"),
        column(
            "operand_type",
            ItemKey,
            "'NUMERIC'",
            "type of the operand, from the catalog",
        ),
    ],
    constraints: &[
        unique("threshold_manifest_threshold_key", &["manifest_id", "threshold"]),
        foreign_key(
            "threshold_manifest_operator_fk",
            &["operator_family", "operator"],
            "code_catalog_item",
            &["family_code", "item_code"],
        ),
        foreign_key(
            "threshold_manifest_operand_type_fk",
            &["operand_type_family", "operand_type"],
            "code_catalog_item",
            &["family_code", "item_code"],
        ),
    ],
    indexes: &[
        Index {
            name: "threshold_manifest_operator_idx",
            columns: &["operator", "operator_family"],
        },
        Index {
            name: "threshold_manifest_operand_type_idx",
            columns: &["operand_type", "operand_type_family"],
        },
    ],
    fixtures: &[],
    rows: RowSource::Listed(ROWS),
    source: file!(),
};

const ROWS: &[Item] = &[
    Item {
        key: "birth_latency_p99",
        refusal: "THRESHOLD_UNRESOLVED",
        values: &[
            T("birth_latency_p99"),
            N("250"),
            T("milliseconds"),
            T("LE"),
            T("NUMERIC"),
        ],
    },
    Item {
        key: "birth_error_ratio",
        refusal: "THRESHOLD_UNRESOLVED",
        values: &[
            T("birth_error_ratio"),
            N("0.001"),
            T("ratio"),
            T("LE"),
            T("NUMERIC"),
        ],
    },
    Item {
        key: "backlog_rows",
        refusal: "THRESHOLD_UNRESOLVED",
        values: &[T("backlog_rows"), N("1000"), T("rows"), T("LE"), T("INTEGER")],
    },
    Item {
        key: "coverage_ratio",
        refusal: "THRESHOLD_UNRESOLVED",
        values: &[T("coverage_ratio"), N("1"), T("ratio"), T("EQ"), T("NUMERIC")],
    },
    Item {
        key: "verifier_staleness",
        refusal: "THRESHOLD_UNRESOLVED",
        values: &[
            T("verifier_staleness"),
            N("86400"),
            T("seconds"),
            T("LE"),
            T("DURATION_SECONDS"),
        ],
    },
    Item {
        key: "evidence_samples",
        refusal: "THRESHOLD_UNRESOLVED",
        values: &[
            T("evidence_samples"),
            N("1000"),
            T("samples"),
            T("GE"),
            T("INTEGER"),
        ],
    },
];
