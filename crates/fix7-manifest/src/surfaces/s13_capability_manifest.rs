//! #13 capability_manifest.

use manifest_model::ColumnType::{ItemKey, NonemptyText};
use manifest_model::V::T;
use manifest_model::{Item, RowSource, Step, Surface, column, unique};

/// What a writer must prove before it may be called ready.
pub const SURFACE: Surface = Surface {
    number: 13,
    table: "capability_manifest",
    doc: "What a writer must prove before it may be called ready.",
    rows_step: Step::new(9),
    columns: &[
        column("capability", ItemKey, "'probe_capability'", "the capability"),
        column(
            "writer_type",
            ItemKey,
            "'birth_writer'",
            "writer type of #04 that must prove it",
        ),
        column("title", NonemptyText, "'a probe'", "what is proven"),
    ],
    constraints: &[unique(
        "capability_manifest_capability_key",
        &["manifest_id", "capability"],
    )],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Listed(ROWS),
    source: file!(),
};

const ROWS: &[Item] = &[
    Item {
        key: "sustains_birth_rate",
        refusal: "CAPABILITY_UNPROVEN",
        values: &[
            T("sustains_birth_rate"),
            T("birth_writer"),
            T("Keeps up with the birth rate of the sealed workload profiles"),
        ],
    },
    Item {
        key: "bounded_latency",
        refusal: "CAPABILITY_UNPROVEN",
        values: &[
            T("bounded_latency"),
            T("birth_writer"),
            T("A birth ends within the sealed latency threshold"),
        ],
    },
    Item {
        key: "bounded_backlog",
        refusal: "CAPABILITY_UNPROVEN",
        values: &[
            T("bounded_backlog"),
            T("birth_writer"),
            T("The backlog stays below the sealed threshold under load"),
        ],
    },
    Item {
        key: "complete_coverage",
        refusal: "CAPABILITY_UNPROVEN",
        values: &[
            T("complete_coverage"),
            T("birth_writer"),
            T("Every governed insert yields its birth row"),
        ],
    },
];
