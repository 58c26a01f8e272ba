//! Views of the control plane as data; their queries are the `.sql` files beside this one.

use manifest_model::{Step, View};

macro_rules! view {
    ($name:literal, $step:literal, $doc:literal) => {
        View {
            name: $name,
            step: Step::new($step),
            query: include_str!(concat!($name, ".sql")),
            doc: $doc,
            source: concat!("crates/fix7-manifest/src/views/", $name, ".sql"),
        }
    };
}

/// In creation order.
pub const VIEWS: &[&View] = &[
    &view!("latest_sealed", 6, "The newest sealed version of each surface"),
    &view!(
        "active_set",
        6,
        "The set that is active for each writer type, if one is"
    ),
    &view!(
        "active_manifest",
        6,
        "The sealed version of each surface in each active set"
    ),
    &view!(
        "v_readiness_gate",
        8,
        "Each gate of each active set, with every condition under which its newest fact counts"
    ),
    &view!(
        "v_fix7_acceptance",
        8,
        "READY only when every gate of the active set is met, NULL-strict; otherwise BLOCKED, with the gates"
    ),
];
