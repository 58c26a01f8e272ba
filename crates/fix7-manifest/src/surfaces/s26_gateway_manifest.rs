//! #26 gateway_manifest.

use manifest_model::ColumnType::{ItemKey, NonemptyText, Sha256, Text};
use manifest_model::{RowSource, Step, Surface, check, column, reject, unique};

/// The writer gateway, pinned: regprocedure, kind, source digest, owner, argument and result types. Born owner-isolated; it is not the birth gateway.
pub const SURFACE: Surface = Surface {
    number: 26,
    table: "gateway_manifest",
    doc: "The writer gateway, pinned: regprocedure, kind, source digest, owner, argument and result types. Born owner-isolated; it is not the birth gateway.",
    rows_step: Step::new(9),
    columns: &[
        column(
            "gateway",
            NonemptyText,
            "'probe()'",
            "the gateway as regprocedure",
        ),
        column(
            "writer_type",
            ItemKey,
            "'probe_writer'",
            "writer type that it serves",
        ),
        column("routine_kind", Text, "'function'", "function or procedure"),
        column(
            "source_sha256",
            Sha256,
            "'\\x0606060606060606060606060606060606060606060606060606060606060606'",
            "H06 of its source",
        ),
        column(
            "owner_role",
            NonemptyText,
            "'qt001_cp_owner'",
            "owner, from birth on",
        ),
        column("argument_types", Text, "''", "argument types"),
        column("result_type", NonemptyText, "'text'", "result type"),
    ],
    constraints: &[
        unique(
            "gateway_manifest_writer_type_key",
            &["manifest_id", "writer_type"],
        ),
        check(
            "gateway_manifest_routine_kind_check",
            "(routine_kind = ANY (ARRAY['function'::text, 'procedure'::text]))",
            &[reject("routine_kind is unknown", "routine_kind", "'aggregate'")],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Gateway,
    source: file!(),
};
