//! #01 surface_manifest.

use manifest_model::ColumnType::{Integer, NonemptyText, Text};
use manifest_model::{RowSource, Step, Surface, check, column, reject, unique};

/// The closed set of authority surfaces: number, table and what an envelope of it must satisfy.
pub const SURFACE: Surface = Surface {
    number: 1,
    table: "surface_manifest",
    doc: "The closed set of authority surfaces: number, table and what an envelope of it must satisfy.",
    rows_step: Step::new(9),
    columns: &[
        column("number", Integer, "9001", "number of the surface"),
        column(
            "table_name",
            NonemptyText,
            "'negative_probe'",
            "its child table, in this schema",
        ),
        column(
            "envelope_rule",
            Text,
            "'exact_set'",
            "how its envelope is checked at the seal",
        ),
    ],
    constraints: &[
        unique("surface_manifest_number_key", &["manifest_id", "number"]),
        unique("surface_manifest_table_name_key", &["manifest_id", "table_name"]),
        check(
            "surface_manifest_envelope_rule_check",
            "(envelope_rule = ANY (ARRAY['exact_set'::text, 'exact_set_with_constraints'::text]))",
            &[reject("envelope_rule is unknown", "envelope_rule", "'none'")],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Surfaces,
    source: file!(),
};
