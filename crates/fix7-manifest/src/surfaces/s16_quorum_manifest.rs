//! #16 quorum_manifest.

use manifest_model::ColumnType::{Integer, ItemKey};
use manifest_model::V::{I, T};
use manifest_model::{Item, RowSource, Step, Surface, check, column, reject, unique};

/// How many distinct humans must approve in which slot before a set is activated. Humans are counted through #02, never rows (ruling B6).
pub const SURFACE: Surface = Surface {
    number: 16,
    table: "quorum_manifest",
    doc: "How many distinct humans must approve in which slot before a set is activated. Humans are counted through #02, never rows (ruling B6).",
    rows_step: Step::new(9),
    columns: &[
        column(
            "activation_scope",
            ItemKey,
            "'probe_scope'",
            "scope of the quorum",
        ),
        column("slot", ItemKey, "'reviewer'", "slot in which they sign"),
        column("humans_min", Integer, "1", "fewest distinct humans"),
    ],
    constraints: &[
        unique(
            "quorum_manifest_slot_key",
            &["manifest_id", "activation_scope", "slot"],
        ),
        check(
            "quorum_manifest_humans_min_check",
            "(humans_min >= 1)",
            &[reject("no human demanded", "humans_min", "0")],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Listed(ROWS),
    source: file!(),
};

const ROWS: &[Item] = &[
    Item {
        key: "activation.reviewer",
        refusal: "QUORUM_NOT_MET",
        values: &[T("activation"), T("reviewer"), I(1)],
    },
    Item {
        key: "activation.binder",
        refusal: "QUORUM_NOT_MET",
        values: &[T("activation"), T("binder"), I(1)],
    },
    Item {
        key: "activation.owner",
        refusal: "QUORUM_NOT_MET",
        values: &[T("activation"), T("owner"), I(1)],
    },
];
