//! #07 policy_rule_manifest.

use manifest_model::ColumnType::{ItemKey, Text};
use manifest_model::V::T;
use manifest_model::{Index, Item, RowSource, Step, Surface, column, foreign_key, unique};

/// The rules that readiness and capability rest on: an operator, a typed operand, the threshold it refers to.
pub const SURFACE: Surface = Surface {
    number: 7,
    table: "policy_rule_manifest",
    doc: "The rules that readiness and capability rest on: an operator, a typed operand, the threshold it refers to.",
    rows_step: Step::new(9),
    columns: &[
        column("rule", ItemKey, "'probe_rule'", "name of the rule"),
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
        column(
            "threshold",
            ItemKey,
            "'coverage_ratio'",
            "threshold of #06 that it compares with",
        ),
    ],
    constraints: &[
        unique("policy_rule_manifest_rule_key", &["manifest_id", "rule"]),
        foreign_key(
            "policy_rule_manifest_operator_fk",
            &["operator_family", "operator"],
            "code_catalog_item",
            &["family_code", "item_code"],
        ),
        foreign_key(
            "policy_rule_manifest_operand_type_fk",
            &["operand_type_family", "operand_type"],
            "code_catalog_item",
            &["family_code", "item_code"],
        ),
    ],
    indexes: &[
        Index {
            name: "policy_rule_manifest_operator_idx",
            columns: &["operator", "operator_family"],
        },
        Index {
            name: "policy_rule_manifest_operand_type_idx",
            columns: &["operand_type", "operand_type_family"],
        },
    ],
    fixtures: &[],
    rows: RowSource::Listed(ROWS),
    source: file!(),
};

const ROWS: &[Item] = &[
    Item {
        key: "birth_is_fast",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("birth_is_fast"), T("LE"), T("NUMERIC"), T("birth_latency_p99")],
    },
    Item {
        key: "birth_is_reliable",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[
            T("birth_is_reliable"),
            T("LE"),
            T("NUMERIC"),
            T("birth_error_ratio"),
        ],
    },
    Item {
        key: "backlog_is_bounded",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("backlog_is_bounded"), T("LE"), T("INTEGER"), T("backlog_rows")],
    },
    Item {
        key: "coverage_is_complete",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[
            T("coverage_is_complete"),
            T("EQ"),
            T("NUMERIC"),
            T("coverage_ratio"),
        ],
    },
    Item {
        key: "verifiers_are_fresh",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[
            T("verifiers_are_fresh"),
            T("LE"),
            T("DURATION_SECONDS"),
            T("verifier_staleness"),
        ],
    },
];
