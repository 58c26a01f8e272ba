//! #24 adapter_input_contract.

use manifest_model::ColumnType::{ItemKey, NonemptyText};
use manifest_model::{RowSource, Step, Surface, column, unique};

/// The columns that each adapter may read. Observed edges that are not here block (G-ITEMPAYLOAD).
pub const SURFACE: Surface = Surface {
    number: 24,
    table: "adapter_input_contract",
    doc: "The columns that each adapter may read. Observed edges that are not here block (G-ITEMPAYLOAD).",
    rows_step: Step::new(9),
    columns: &[
        column("adapter", ItemKey, "'probe_adapter'", "row of #25"),
        column(
            "relation",
            NonemptyText,
            "'probe_relation'",
            "relation of this schema",
        ),
        column(
            "column_name",
            NonemptyText,
            "'probe_column'",
            "column that may be read",
        ),
    ],
    constraints: &[unique(
        "adapter_input_contract_input_key",
        &["manifest_id", "adapter", "relation", "column_name"],
    )],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::AdapterInputs,
    source: file!(),
};
