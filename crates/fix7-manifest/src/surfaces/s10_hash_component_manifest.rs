//! #10 hash_component_manifest.

use manifest_model::ColumnType::{Integer, ItemKey, NonemptyText, Text};
use manifest_model::{Index, RowSource, Step, Surface, check, column, foreign_key, reject, unique};

/// The components of the hash contracts H01..H07, in order, with their types and encodings.
pub const SURFACE: Surface = Surface {
    number: 10,
    table: "hash_component_manifest",
    doc: "The components of the hash contracts H01..H07, in order, with their types and encodings.",
    rows_step: Step::new(10),
    columns: &[
        column("contract", ItemKey, "'H99'", "hash contract"),
        column(
            "component_no",
            Integer,
            "1",
            "position in the contract's total order",
        ),
        column("component", ItemKey, "'probe_component'", "name of the component"),
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
        column("encoding", NonemptyText, "'as text'", "how CP-06 writes it"),
        column(
            "total_order",
            NonemptyText,
            "'probe'",
            "what orders the rows that the contract covers",
        ),
    ],
    constraints: &[
        unique(
            "hash_component_manifest_component_no_key",
            &["manifest_id", "contract", "component_no"],
        ),
        foreign_key(
            "hash_component_manifest_operand_type_fk",
            &["operand_type_family", "operand_type"],
            "code_catalog_item",
            &["family_code", "item_code"],
        ),
        check(
            "hash_component_manifest_component_no_check",
            "(component_no >= 1)",
            &[reject("component_no is 0", "component_no", "0")],
        ),
    ],
    indexes: &[Index {
        name: "hash_component_manifest_operand_type_idx",
        columns: &["operand_type", "operand_type_family"],
    }],
    fixtures: &[],
    rows: RowSource::HashComponents,
    source: file!(),
};
