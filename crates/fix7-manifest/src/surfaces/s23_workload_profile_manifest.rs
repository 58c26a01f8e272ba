//! #23 workload_profile_manifest.

use manifest_model::ColumnType::{Integer, ItemKey, Numeric};
use manifest_model::V::{I, N, T};
use manifest_model::{Item, RowSource, Step, Surface, check, column, reject, unique};

/// The loads under which capabilities are measured: rates, sizes, duration.
pub const SURFACE: Surface = Surface {
    number: 23,
    table: "workload_profile_manifest",
    doc: "The loads under which capabilities are measured: rates, sizes, duration.",
    rows_step: Step::new(10),
    columns: &[
        column("profile", ItemKey, "'probe_profile'", "the profile"),
        column("births_per_second", Numeric, "1", "offered rate"),
        column("payload_bytes", Integer, "256", "size of one birth row, in bytes"),
        column("duration_seconds", Integer, "60", "how long it lasts"),
        column("concurrent_writers", Integer, "1", "how many writers at once"),
    ],
    constraints: &[
        unique(
            "workload_profile_manifest_profile_key",
            &["manifest_id", "profile"],
        ),
        check(
            "workload_profile_manifest_births_per_second_check",
            "(births_per_second > (0)::numeric)",
            &[reject("no load", "births_per_second", "0")],
        ),
        check(
            "workload_profile_manifest_payload_bytes_check",
            "(payload_bytes >= 1)",
            &[reject("empty payload", "payload_bytes", "0")],
        ),
        check(
            "workload_profile_manifest_duration_check",
            "(duration_seconds >= 1)",
            &[reject("no duration", "duration_seconds", "0")],
        ),
        check(
            "workload_profile_manifest_concurrent_writers_check",
            "(concurrent_writers >= 1)",
            &[reject("no writer", "concurrent_writers", "0")],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Listed(ROWS),
    source: file!(),
};

const ROWS: &[Item] = &[
    Item {
        key: "steady",
        refusal: "WORKLOAD_PROFILE_DRIFT",
        values: &[T("steady"), N("5"), I(512), I(3600), I(4)],
    },
    Item {
        key: "peak",
        refusal: "WORKLOAD_PROFILE_DRIFT",
        values: &[T("peak"), N("50"), I(512), I(900), I(16)],
    },
    Item {
        key: "burst",
        refusal: "WORKLOAD_PROFILE_DRIFT",
        values: &[T("burst"), N("500"), I(512), I(60), I(32)],
    },
    Item {
        key: "quiet_night",
        refusal: "WORKLOAD_PROFILE_DRIFT",
        values: &[T("quiet_night"), N("0.1"), I(512), I(28800), I(1)],
    },
];
