//! #21 directus_read_contract.

use manifest_model::ColumnType::{NonemptyText, Text};
use manifest_model::{RowSource, Step, Surface, column, unique};

/// The SELECT set that the application role holds, object and column level, exactly as captured (MX-1). The cutover re-grants these and nothing else.
pub const SURFACE: Surface = Surface {
    number: 21,
    table: "directus_read_contract",
    doc: "The SELECT set that the application role holds, object and column level, exactly as captured (MX-1). The cutover re-grants these and nothing else.",
    rows_step: Step::new(9),
    columns: &[
        column(
            "relation",
            NonemptyText,
            "'public.probe'",
            "relation, under an empty search path",
        ),
        column(
            "column_name",
            Text,
            "''",
            "column, or empty for the whole relation",
        ),
        column(
            "held_through",
            NonemptyText,
            "'owner'",
            "how the right is held: owner, grant, PUBLIC or a membership",
        ),
    ],
    constraints: &[unique(
        "directus_read_contract_read_key",
        &["manifest_id", "relation", "column_name"],
    )],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::ReadContract,
    source: file!(),
};
