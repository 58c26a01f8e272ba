//! Adapters: how code outside the schema reads sealed rows; rows of #24 and #25.
//!
//! None mutates. Bodies are `begin atomic`, in the form in which the server prints them, so that
//! `pg_depend` knows every column and H06 needs no server [ruling B10].

use manifest_model::Adapter;

/// In order.
pub const ADAPTERS: &[Adapter] = &[
    Adapter {
        key: "threshold_reader",
        routine: "read_threshold",
        inputs: &[
            ("active_manifest", "manifest_id"),
            ("active_manifest", "surface_no"),
            ("active_manifest", "writer_type"),
            ("threshold_manifest", "manifest_id"),
            ("threshold_manifest", "surface_no"),
            ("threshold_manifest", "threshold"),
            ("threshold_manifest", "value"),
        ],
    },
    Adapter {
        key: "retention_reader",
        routine: "read_retain_days",
        inputs: &[
            ("active_manifest", "manifest_id"),
            ("active_manifest", "surface_no"),
            ("active_manifest", "writer_type"),
            ("retention_policy_manifest", "evidence_kind"),
            ("retention_policy_manifest", "manifest_id"),
            ("retention_policy_manifest", "retain_days"),
            ("retention_policy_manifest", "surface_no"),
        ],
    },
];
