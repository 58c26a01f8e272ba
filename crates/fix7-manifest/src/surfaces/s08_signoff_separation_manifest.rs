//! #08 signoff_separation_manifest.

use manifest_model::ColumnType::ItemKey;
use manifest_model::V::T;
use manifest_model::{Item, RowSource, Step, Surface, check, column, reject, unique};

/// Which slot pairs must be different humans, per scope: slot-scoped, not blanket (G-SAMEHUMAN).
pub const SURFACE: Surface = Surface {
    number: 8,
    table: "signoff_separation_manifest",
    doc: "Which slot pairs must be different humans, per scope: slot-scoped, not blanket (G-SAMEHUMAN).",
    rows_step: Step::new(9),
    columns: &[
        column(
            "slot_scope",
            ItemKey,
            "'probe_scope'",
            "scope in which the pair is separated",
        ),
        column("slot_a", ItemKey, "'author'", "one slot"),
        column("slot_b", ItemKey, "'verifier'", "the other slot"),
    ],
    constraints: &[
        unique(
            "signoff_separation_manifest_pair_key",
            &["manifest_id", "slot_scope", "slot_a", "slot_b"],
        ),
        check(
            "signoff_separation_manifest_pair_order_check",
            "((slot_a)::text < (slot_b)::text)",
            &[reject("a slot separated from itself", "slot_b", "'author'")],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Listed(ROWS),
    source: file!(),
};

const ROWS: &[Item] = &[
    Item {
        key: "activation.author.reviewer",
        refusal: "SAME_HUMAN",
        values: &[T("activation"), T("author"), T("reviewer")],
    },
    Item {
        key: "activation.binder.reviewer",
        refusal: "SAME_HUMAN",
        values: &[T("activation"), T("binder"), T("reviewer")],
    },
    Item {
        key: "activation.owner.reviewer",
        refusal: "SAME_HUMAN",
        values: &[T("activation"), T("owner"), T("reviewer")],
    },
    Item {
        key: "activation.author.binder",
        refusal: "SAME_HUMAN",
        values: &[T("activation"), T("author"), T("binder")],
    },
    Item {
        key: "activation.author.owner",
        refusal: "SAME_HUMAN",
        values: &[T("activation"), T("author"), T("owner")],
    },
    Item {
        key: "seal.binder.reviewer",
        refusal: "SAME_HUMAN",
        values: &[T("seal"), T("binder"), T("reviewer")],
    },
];
