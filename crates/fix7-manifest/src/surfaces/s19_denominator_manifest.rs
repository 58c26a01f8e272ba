//! #19 denominator_manifest.

use manifest_model::ColumnType::{Integer, ItemKey, Sha256};
use manifest_model::{RowSource, Step, Surface, check, column, reject, unique};

/// The inventories that coverage is measured against: object class, exact count, digest of the set. Shrinking an inventory changes its digest.
pub const SURFACE: Surface = Surface {
    number: 19,
    table: "denominator_manifest",
    doc: "The inventories that coverage is measured against: object class, exact count, digest of the set. Shrinking an inventory changes its digest.",
    rows_step: Step::new(9),
    columns: &[
        column("inventory", ItemKey, "'probe_inventory'", "the inventory"),
        column("member_count", Integer, "1", "how many members, exactly"),
        column(
            "set_sha256",
            Sha256,
            "'\\x0606060606060606060606060606060606060606060606060606060606060606'",
            "H05 over the members' identities",
        ),
    ],
    constraints: &[
        unique(
            "denominator_manifest_inventory_key",
            &["manifest_id", "inventory"],
        ),
        check(
            "denominator_manifest_member_count_check",
            "(member_count >= 1)",
            &[reject("an empty denominator", "member_count", "0")],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Denominators,
    source: file!(),
};
