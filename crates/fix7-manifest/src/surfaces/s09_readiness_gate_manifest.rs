//! #09 readiness_gate_manifest.

use manifest_model::ColumnType::{Integer, ItemKey, NonemptyText};
use manifest_model::{RowSource, Step, Surface, check, column, reject, unique};

/// The readiness gates. They are rows, not schema objects: adding one is a sealed new version of this surface. Read by v_fix7_acceptance.
pub const SURFACE: Surface = Surface {
    number: 9,
    table: "readiness_gate_manifest",
    doc: "The readiness gates. They are rows, not schema objects: adding one is a sealed new version of this surface. Read by v_fix7_acceptance.",
    rows_step: Step::new(10),
    columns: &[
        column("gate_no", Integer, "9001", "number of the gate"),
        column("gate_key", ItemKey, "'PROBE_GATE'", "name of the gate"),
        column(
            "title",
            NonemptyText,
            "'a probe gate'",
            "what it means when it is met",
        ),
    ],
    constraints: &[
        unique("readiness_gate_manifest_gate_no_key", &["manifest_id", "gate_no"]),
        unique(
            "readiness_gate_manifest_gate_key_key",
            &["manifest_id", "gate_key"],
        ),
        check(
            "readiness_gate_manifest_gate_no_check",
            "(gate_no >= 1)",
            &[reject("gate_no is 0", "gate_no", "0")],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Gates,
    source: file!(),
};
