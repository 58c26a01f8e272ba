//! #12 operator_operand_compatibility.

use manifest_model::ColumnType::{ItemKey, Text};
use manifest_model::V::T;
use manifest_model::{Index, Item, RowSource, Step, Surface, column, foreign_key, unique};

/// Which operators may compare which operand types. No rule or requirement with another pair seals (XH-3).
pub const SURFACE: Surface = Surface {
    number: 12,
    table: "operator_operand_compatibility",
    doc: "Which operators may compare which operand types. No rule or requirement with another pair seals (XH-3).",
    rows_step: Step::new(9),
    columns: &[
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
            "'SET_EQ'",
            "comparison operator, from the catalog",
        )
        .other("'GE'"),
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
            "'TEXT'",
            "type of the operand, from the catalog",
        )
        .other("'DIGEST'"),
    ],
    constraints: &[
        unique(
            "operator_operand_compatibility_pair_key",
            &["manifest_id", "operator", "operand_type"],
        ),
        foreign_key(
            "operator_operand_compatibility_operator_fk",
            &["operator_family", "operator"],
            "code_catalog_item",
            &["family_code", "item_code"],
        ),
        foreign_key(
            "operator_operand_compatibility_operand_type_fk",
            &["operand_type_family", "operand_type"],
            "code_catalog_item",
            &["family_code", "item_code"],
        ),
    ],
    indexes: &[
        Index {
            name: "operator_operand_compatibility_operator_idx",
            columns: &["operator", "operator_family"],
        },
        Index {
            name: "operator_operand_compatibility_operand_type_idx",
            columns: &["operand_type", "operand_type_family"],
        },
    ],
    fixtures: &[],
    rows: RowSource::Listed(ROWS),
    source: file!(),
};

const ROWS: &[Item] = &[
    Item {
        key: "EQ.BOOLEAN",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("EQ"), T("BOOLEAN")],
    },
    Item {
        key: "NE.BOOLEAN",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("NE"), T("BOOLEAN")],
    },
    Item {
        key: "EQ.INTEGER",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("EQ"), T("INTEGER")],
    },
    Item {
        key: "NE.INTEGER",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("NE"), T("INTEGER")],
    },
    Item {
        key: "LT.INTEGER",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("LT"), T("INTEGER")],
    },
    Item {
        key: "LE.INTEGER",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("LE"), T("INTEGER")],
    },
    Item {
        key: "GT.INTEGER",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("GT"), T("INTEGER")],
    },
    Item {
        key: "GE.INTEGER",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("GE"), T("INTEGER")],
    },
    Item {
        key: "EQ.NUMERIC",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("EQ"), T("NUMERIC")],
    },
    Item {
        key: "NE.NUMERIC",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("NE"), T("NUMERIC")],
    },
    Item {
        key: "LT.NUMERIC",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("LT"), T("NUMERIC")],
    },
    Item {
        key: "LE.NUMERIC",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("LE"), T("NUMERIC")],
    },
    Item {
        key: "GT.NUMERIC",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("GT"), T("NUMERIC")],
    },
    Item {
        key: "GE.NUMERIC",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("GE"), T("NUMERIC")],
    },
    Item {
        key: "EQ.DURATION_SECONDS",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("EQ"), T("DURATION_SECONDS")],
    },
    Item {
        key: "LT.DURATION_SECONDS",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("LT"), T("DURATION_SECONDS")],
    },
    Item {
        key: "LE.DURATION_SECONDS",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("LE"), T("DURATION_SECONDS")],
    },
    Item {
        key: "GT.DURATION_SECONDS",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("GT"), T("DURATION_SECONDS")],
    },
    Item {
        key: "GE.DURATION_SECONDS",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("GE"), T("DURATION_SECONDS")],
    },
    Item {
        key: "EQ.TEXT",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("EQ"), T("TEXT")],
    },
    Item {
        key: "NE.TEXT",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("NE"), T("TEXT")],
    },
    Item {
        key: "EQ.DIGEST",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("EQ"), T("DIGEST")],
    },
    Item {
        key: "NE.DIGEST",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("NE"), T("DIGEST")],
    },
    Item {
        key: "SET_EQ.SET",
        refusal: "OPERAND_INCOMPATIBLE",
        values: &[T("SET_EQ"), T("SET")],
    },
];
