//! #11 dependency_manifest.

use manifest_model::ColumnType::{Integer, NonemptyText, Sha256, Text};
use manifest_model::{RowSource, Step, Surface, check, column, reject, unique};

/// Edges of the recursive closure from the new entry points: from, to, kind, depth, and the digest of the body in which an edge that pg_depend can't see was found (ruling B10).
pub const SURFACE: Surface = Surface {
    number: 11,
    table: "dependency_manifest",
    doc: "Edges of the recursive closure from the new entry points: from, to, kind, depth, and the digest of the body in which an edge that pg_depend can't see was found (ruling B10).",
    rows_step: Step::new(9),
    columns: &[
        column("from_object", NonemptyText, "'probe.from'", "depends"),
        column("to_object", NonemptyText, "'probe.to'", "on this"),
        column("edge_kind", Text, "'body'", "how the edge is known"),
        column(
            "depth",
            Integer,
            "1",
            "distance from the nearest entry point, from 1",
        ),
        column(
            "from_body_sha256",
            Sha256,
            "null",
            "H06 of the body in which the edge was found; none for a catalog edge",
        )
        .nullable(),
    ],
    constraints: &[
        unique(
            "dependency_manifest_edge_key",
            &["manifest_id", "from_object", "to_object"],
        ),
        check(
            "dependency_manifest_depth_check",
            "(depth >= 1)",
            &[reject("depth is 0", "depth", "0")],
        ),
        check(
            "dependency_manifest_edge_kind_check",
            "(edge_kind = ANY (ARRAY['body'::text, 'catalog'::text, 'trigger'::text]))",
            &[reject("edge_kind is unknown", "edge_kind", "'guess'")],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Dependencies,
    source: file!(),
};
