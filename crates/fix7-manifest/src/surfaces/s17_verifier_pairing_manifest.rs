//! #17 verifier_pairing_manifest.

use manifest_model::ColumnType::{NonemptyText, Sha256, Text};
use manifest_model::{RowSource, Step, Surface, check, column, reject, unique};

/// Each Level-B mutation entry point and the Level-A verifier that recomputes its effect by another road; each gate and the verifier whose facts count for it. Routines are pinned by identity and source digest.
pub const SURFACE: Surface = Surface {
    number: 17,
    table: "verifier_pairing_manifest",
    doc: "Each Level-B mutation entry point and the Level-A verifier that recomputes its effect by another road; each gate and the verifier whose facts count for it. Routines are pinned by identity and source digest.",
    rows_step: Step::new(9),
    columns: &[
        column("pair_kind", Text, "'entrypoint'", "entrypoint or gate"),
        column(
            "subject",
            NonemptyText,
            "'probe'",
            "the entry point as regprocedure, or the gate",
        ),
        column(
            "verifier",
            NonemptyText,
            "'probe'",
            "the verifier as regprocedure",
        ),
        column(
            "verifier_sha256",
            Sha256,
            "'\\x0606060606060606060606060606060606060606060606060606060606060606'",
            "H06 of the verifier's source",
        ),
    ],
    constraints: &[
        unique(
            "verifier_pairing_manifest_subject_key",
            &["manifest_id", "pair_kind", "subject"],
        ),
        check(
            "verifier_pairing_manifest_pair_kind_check",
            "(pair_kind = ANY (ARRAY['entrypoint'::text, 'gate'::text]))",
            &[reject("pair_kind is unknown", "pair_kind", "'surface'")],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::VerifierPairs,
    source: file!(),
};
