//! #04 writer_type_manifest.

use manifest_model::ColumnType::{Boolean, ItemKey, NonemptyText};
use manifest_model::V::{B, T};
use manifest_model::{Item, RowSource, Step, Surface, column, unique};

/// The closed set of writer types: the denominator of activation. A type that is not here can't be activated.
pub const SURFACE: Surface = Surface {
    number: 4,
    table: "writer_type_manifest",
    doc: "The closed set of writer types: the denominator of activation. A type that is not here can't be activated.",
    rows_step: Step::new(9),
    columns: &[
        column("writer_type", ItemKey, "'probe_writer'", "the type"),
        column("title", NonemptyText, "'a probe'", "what it writes"),
        column(
            "mutates",
            Boolean,
            "false",
            "whether it ever changes rows outside this schema",
        ),
    ],
    constraints: &[unique(
        "writer_type_manifest_writer_type_key",
        &["manifest_id", "writer_type"],
    )],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Listed(ROWS),
    source: file!(),
};

const ROWS: &[Item] = &[
    Item {
        key: "birth_writer",
        refusal: "WRITER_TYPE_UNKNOWN",
        values: &[
            T("birth_writer"),
            T("Writes birth rows of governed entities, through the pinned gateway"),
            B(true),
        ],
    },
    Item {
        key: "readback",
        refusal: "WRITER_TYPE_UNKNOWN",
        values: &[
            T("readback"),
            T("Reads sealed rows back for verifiers and auditors"),
            B(false),
        ],
    },
];
