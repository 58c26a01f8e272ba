//! #22 reason_code_manifest.

use manifest_model::ColumnType::{ItemKey, NonemptyText, Text};
use manifest_model::{RowSource, Step, Surface, check, column, reject, unique};

/// Every reason code with its SQLSTATE. Codes stand in the order in which checks run, and each SQLSTATE belongs to one code, so that a client can act without parsing text.
pub const SURFACE: Surface = Surface {
    number: 22,
    table: "reason_code_manifest",
    doc: "Every reason code with its SQLSTATE. Codes stand in the order in which checks run, and each SQLSTATE belongs to one code, so that a client can act without parsing text.",
    rows_step: Step::new(9),
    columns: &[
        column(
            "reason_code",
            ItemKey,
            "'PROBE_REASON'",
            "the code, as in the catalog",
        ),
        column("sqlstate", ItemKey, "'Q7999'", "its SQLSTATE, class Q7").other("'Q7998'"),
        column("severity", Text, "'refusal'", "refusal or no_go"),
        column("title", NonemptyText, "'a probe'", "what happened and what to do"),
    ],
    constraints: &[
        unique(
            "reason_code_manifest_reason_code_key",
            &["manifest_id", "reason_code"],
        ),
        unique("reason_code_manifest_sqlstate_key", &["manifest_id", "sqlstate"]),
        check(
            "reason_code_manifest_sqlstate_check",
            "((length((sqlstate)::text) = 5) AND (\"left\"((sqlstate)::text, 2) = 'Q7'::text))",
            &[
                reject("a SQLSTATE of another class", "sqlstate", "'P0001'"),
                reject("a SQLSTATE of six characters", "sqlstate", "'Q70001'"),
                reject("a SQLSTATE of four characters", "sqlstate", "'Q700'"),
            ],
        ),
        check(
            "reason_code_manifest_severity_check",
            "(severity = ANY (ARRAY['refusal'::text, 'no_go'::text]))",
            &[reject("severity is unknown", "severity", "'warning'")],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::ReasonCodes,
    source: file!(),
};
