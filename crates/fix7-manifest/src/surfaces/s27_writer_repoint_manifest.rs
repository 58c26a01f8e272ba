//! #27 writer_repoint_manifest.

use manifest_model::ColumnType::{NonemptyText, Sha256, Text};
use manifest_model::{RowSource, Step, Surface, check, column, reject, unique};

/// What the repoint changes: old and new source digest, the pinned body that a rollback restores, the digest of the fail-closed stub.
pub const SURFACE: Surface = Surface {
    number: 27,
    table: "writer_repoint_manifest",
    doc: "What the repoint changes: old and new source digest, the pinned body that a rollback restores, the digest of the fail-closed stub.",
    rows_step: Step::new(9),
    columns: &[
        column(
            "object_identity",
            NonemptyText,
            "'public.probe()'",
            "routine as regprocedure",
        ),
        column("repoint_kind", Text, "'caller'", "live_writer, caller or stub"),
        column(
            "old_source_sha256",
            Sha256,
            "'\\x0606060606060606060606060606060606060606060606060606060606060606'",
            "H06 before",
        ),
        column(
            "new_source_sha256",
            Sha256,
            "'\\x0606060606060606060606060606060606060606060606060606060606060606'",
            "H06 after",
        ),
        column(
            "rollback_body",
            NonemptyText,
            "'select 1'",
            "the body that a rollback restores, byte for byte",
        ),
        column(
            "stub_body_sha256",
            Sha256,
            "null",
            "digest of the fail-closed body, for a stub",
        )
        .nullable(),
    ],
    constraints: &[
        unique(
            "writer_repoint_manifest_object_key",
            &["manifest_id", "object_identity"],
        ),
        check(
            "writer_repoint_manifest_repoint_kind_check",
            "(repoint_kind = ANY (ARRAY['live_writer'::text, 'caller'::text, 'stub'::text]))",
            &[
                reject("repoint_kind is unknown", "repoint_kind", "'other'").given(&[
                    ("repoint_kind", "'stub'"),
                    (
                        "stub_body_sha256",
                        "'\\x0606060606060606060606060606060606060606060606060606060606060606'",
                    ),
                ]),
            ],
        ),
        check(
            "writer_repoint_manifest_stub_body_check",
            "((repoint_kind = 'caller'::text) = (stub_body_sha256 IS NULL))",
            &[
                reject(
                    "a caller with a stub body",
                    "stub_body_sha256",
                    "'\\x0606060606060606060606060606060606060606060606060606060606060606'",
                ),
                reject("a stub without a body", "repoint_kind", "'stub'"),
            ],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Repoint,
    source: file!(),
};
