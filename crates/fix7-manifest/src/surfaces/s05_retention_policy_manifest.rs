//! #05 retention_policy_manifest.

use manifest_model::ColumnType::{Boolean, Integer, ItemKey, NonemptyText, Sha256, Text};
use manifest_model::V::{B, I, Null, T, X};
use manifest_model::{Item, RowSource, Step, Surface, check, column, reject, unique};

/// How long each kind of evidence is kept, and where its archive is: present, immutable, versioned (G-RETENTION-SEAL). Days are data, never a CHECK literal.
pub const SURFACE: Surface = Surface {
    number: 5,
    table: "retention_policy_manifest",
    doc: "How long each kind of evidence is kept, and where its archive is: present, immutable, versioned (G-RETENTION-SEAL). Days are data, never a CHECK literal.",
    rows_step: Step::new(10),
    columns: &[
        column("evidence_kind", ItemKey, "'probe_kind'", "kind of evidence"),
        column("retain_days", Integer, "30", "how long it is kept, in days"),
        column(
            "archive_required",
            Boolean,
            "false",
            "whether an archive copy is demanded",
        ),
        column("archive_uri", NonemptyText, "null", "archive target").nullable(),
        column(
            "archive_version_id",
            NonemptyText,
            "null",
            "version of the target's object; an unversioned target can't be named",
        )
        .nullable(),
        column(
            "archive_sha256",
            Sha256,
            "null",
            "digest of the target's policy document",
        )
        .nullable(),
        column("archive_lock_mode", Text, "null", "object lock mode").nullable(),
        column(
            "archive_lock_days",
            Integer,
            "null",
            "how long the lock holds, in days, at least the retain interval",
        )
        .nullable(),
    ],
    constraints: &[
        unique(
            "retention_policy_manifest_evidence_kind_key",
            &["manifest_id", "evidence_kind"],
        ),
        check(
            "retention_policy_manifest_retain_days_check",
            "(retain_days >= 1)",
            &[reject("no retention", "retain_days", "0")],
        ),
        check(
            "retention_policy_manifest_archive_present_check",
            "((NOT archive_required) OR (num_nonnulls(archive_uri, archive_version_id, archive_sha256, archive_lock_mode, archive_lock_days) = 5))",
            &[
                reject("an archive without a target", "archive_uri", "null").given(ARCHIVED),
                reject("an archive without a version", "archive_version_id", "null").given(ARCHIVED),
                reject("an archive without a policy digest", "archive_sha256", "null").given(ARCHIVED),
                reject("an archive without a lock mode", "archive_lock_mode", "null").given(ARCHIVED),
                reject("an archive without a lock interval", "archive_lock_days", "null").given(ARCHIVED),
            ],
        ),
        check(
            "retention_policy_manifest_archive_lock_mode_check",
            "(archive_lock_mode = ANY (ARRAY['COMPLIANCE'::text, 'GOVERNANCE'::text]))",
            &[reject("lock mode is unknown", "archive_lock_mode", "'NONE'")],
        ),
        check(
            "retention_policy_manifest_archive_lock_days_check",
            "(archive_lock_days >= retain_days)",
            &[reject(
                "lock ends before the retain interval",
                "archive_lock_days",
                "29",
            )],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Listed(ROWS),
    source: file!(),
};

/// An archive with all that is demanded of one.
const ARCHIVED: &[(&str, &str)] = &[
    ("archive_required", "true"),
    ("archive_uri", "'archive://probe'"),
    ("archive_version_id", "'v1'"),
    (
        "archive_sha256",
        "'\\x0707070707070707070707070707070707070707070707070707070707070707'",
    ),
    ("archive_lock_mode", "'COMPLIANCE'"),
    ("archive_lock_days", "30"),
];

const ROWS: &[Item] = &[
    Item {
        key: "signoff_artifact",
        refusal: "RETENTION_UNSEALED",
        values: &[
            T("signoff_artifact"),
            I(3650),
            B(true),
            T("archive://fix7-evidence/signoff_artifact"),
            T("v1"),
            X("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            T("COMPLIANCE"),
            I(3650),
        ],
    },
    Item {
        key: "rehearsal_evidence",
        refusal: "RETENTION_UNSEALED",
        values: &[
            T("rehearsal_evidence"),
            I(1095),
            B(true),
            T("archive://fix7-evidence/rehearsal_evidence"),
            T("v1"),
            X("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"),
            T("COMPLIANCE"),
            I(1095),
        ],
    },
    Item {
        key: "verification_log",
        refusal: "RETENTION_UNSEALED",
        values: &[
            T("verification_log"),
            I(1095),
            B(true),
            T("archive://fix7-evidence/verification_log"),
            T("v1"),
            X("cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"),
            T("COMPLIANCE"),
            I(1095),
        ],
    },
    Item {
        key: "acl_snapshot",
        refusal: "RETENTION_UNSEALED",
        values: &[
            T("acl_snapshot"),
            I(3650),
            B(true),
            T("archive://fix7-evidence/acl_snapshot"),
            T("v1"),
            X("dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"),
            T("COMPLIANCE"),
            I(3650),
        ],
    },
    Item {
        key: "measurement_samples",
        refusal: "RETENTION_UNSEALED",
        values: &[
            T("measurement_samples"),
            I(1825),
            B(true),
            T("archive://fix7-evidence/measurement_samples"),
            T("v1"),
            X("eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"),
            T("COMPLIANCE"),
            I(1825),
        ],
    },
    Item {
        key: "static_analysis",
        refusal: "RETENTION_UNSEALED",
        values: &[
            T("static_analysis"),
            I(1095),
            B(true),
            T("archive://fix7-evidence/static_analysis"),
            T("v1"),
            X("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
            T("COMPLIANCE"),
            I(1095),
        ],
    },
    Item {
        key: "scratch_log",
        refusal: "RETENTION_UNSEALED",
        values: &[T("scratch_log"), I(30), B(false), Null, Null, Null, Null, Null],
    },
];
