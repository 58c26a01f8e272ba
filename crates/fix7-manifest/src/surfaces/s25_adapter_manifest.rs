//! #25 adapter_manifest.

use manifest_model::ColumnType::{Boolean, ItemKey, NonemptyText, Sha256};
use manifest_model::{RowSource, Step, Surface, check, column, reject, unique};

/// Adapters and readbacks: routine identity and the digest of its source. None of them mutates.
pub const SURFACE: Surface = Surface {
    number: 25,
    table: "adapter_manifest",
    doc: "Adapters and readbacks: routine identity and the digest of its source. None of them mutates.",
    rows_step: Step::new(9),
    columns: &[
        column("adapter", ItemKey, "'probe_adapter'", "the adapter"),
        column("routine", NonemptyText, "'probe()'", "routine as regprocedure"),
        column(
            "source_sha256",
            Sha256,
            "'\\x0606060606060606060606060606060606060606060606060606060606060606'",
            "H06 of its source",
        ),
        column(
            "mutates",
            Boolean,
            "false",
            "always false: FIX7 ships no adapter that mutates",
        ),
    ],
    constraints: &[
        unique("adapter_manifest_adapter_key", &["manifest_id", "adapter"]),
        check(
            "adapter_manifest_mutates_check",
            "(NOT mutates)",
            &[reject("an adapter that mutates", "mutates", "true")],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Adapters,
    source: file!(),
};
