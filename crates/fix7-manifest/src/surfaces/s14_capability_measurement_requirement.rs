//! #14 capability_measurement_requirement.

use manifest_model::ColumnType::{Integer, ItemKey, Text};
use manifest_model::V::{I, T};
use manifest_model::{Index, Item, RowSource, Step, Surface, check, column, foreign_key, reject, unique};

/// How a capability is measured: metric, operator, typed operand, threshold, minimum samples.
pub const SURFACE: Surface = Surface {
    number: 14,
    table: "capability_measurement_requirement",
    doc: "How a capability is measured: metric, operator, typed operand, threshold, minimum samples.",
    rows_step: Step::new(9),
    columns: &[
        column("capability", ItemKey, "'bounded_latency'", "row of #13"),
        column("metric", ItemKey, "'probe_metric'", "what is measured"),
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
            "row of #06 that it is compared with",
        ),
        column("samples_min", Integer, "1", "fewest samples that count"),
    ],
    constraints: &[
        unique(
            "capability_measurement_requirement_metric_key",
            &["manifest_id", "capability", "metric"],
        ),
        foreign_key(
            "capability_measurement_requirement_operator_fk",
            &["operator_family", "operator"],
            "code_catalog_item",
            &["family_code", "item_code"],
        ),
        foreign_key(
            "capability_measurement_requirement_operand_type_fk",
            &["operand_type_family", "operand_type"],
            "code_catalog_item",
            &["family_code", "item_code"],
        ),
        check(
            "capability_measurement_requirement_samples_min_check",
            "(samples_min >= 1)",
            &[reject("no sample demanded", "samples_min", "0")],
        ),
    ],
    indexes: &[
        Index {
            name: "capability_measurement_requirement_operator_idx",
            columns: &["operator", "operator_family"],
        },
        Index {
            name: "capability_measurement_requirement_operand_type_idx",
            columns: &["operand_type", "operand_type_family"],
        },
    ],
    fixtures: &[],
    rows: RowSource::Listed(ROWS),
    source: file!(),
};

const ROWS: &[Item] = &[
    Item {
        key: "sustains_birth_rate.backlog",
        refusal: "CAPABILITY_UNPROVEN",
        values: &[
            T("sustains_birth_rate"),
            T("backlog"),
            T("LE"),
            T("INTEGER"),
            T("backlog_rows"),
            I(1000),
        ],
    },
    Item {
        key: "bounded_latency.latency_p99",
        refusal: "CAPABILITY_UNPROVEN",
        values: &[
            T("bounded_latency"),
            T("latency_p99"),
            T("LE"),
            T("NUMERIC"),
            T("birth_latency_p99"),
            I(1000),
        ],
    },
    Item {
        key: "bounded_backlog.backlog_peak",
        refusal: "CAPABILITY_UNPROVEN",
        values: &[
            T("bounded_backlog"),
            T("backlog_peak"),
            T("LE"),
            T("INTEGER"),
            T("backlog_rows"),
            I(1000),
        ],
    },
    Item {
        key: "complete_coverage.coverage",
        refusal: "CAPABILITY_UNPROVEN",
        values: &[
            T("complete_coverage"),
            T("coverage"),
            T("EQ"),
            T("NUMERIC"),
            T("coverage_ratio"),
            I(1000),
        ],
    },
];
