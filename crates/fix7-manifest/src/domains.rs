//! Domains (S02). Expressions stand exactly as the server prints them [ruling B2].

use manifest_model::{ColumnType, Domain};

/// In creation order.
pub const DOMAINS: &[Domain] = &[
    Domain {
        ty: ColumnType::Sha256,
        collate_c: false,
        check_name: "sha256_digest_check",
        expression: "(octet_length(VALUE) = 32)",
        rejects: &[
            (
                "31 bytes",
                "'\\x00000000000000000000000000000000000000000000000000000000000000'::bytea",
            ),
            (
                "33 bytes",
                "'\\x000000000000000000000000000000000000000000000000000000000000000000'::bytea",
            ),
        ],
        doc: "A sha256 digest: 32 bytes",
    },
    Domain {
        ty: ColumnType::ItemKey,
        collate_c: true,
        check_name: "item_key_check",
        expression: "(VALUE ~ '^[!-~]+$'::text)",
        rejects: &[
            ("empty", "''"),
            ("two words", "'a b'"),
            ("not ASCII", "'schlüssel'"),
        ],
        doc: "An identity: printable ASCII without spaces, ordered byte by byte",
    },
    Domain {
        ty: ColumnType::Ordinal,
        collate_c: false,
        check_name: "ordinal_check",
        expression: "(VALUE >= 1)",
        rejects: &[("0", "0")],
        doc: "A position, from 1",
    },
    Domain {
        ty: ColumnType::NonemptyText,
        collate_c: false,
        check_name: "nonempty_text_check",
        expression: "(VALUE <> ''::text)",
        rejects: &[("empty", "''")],
        doc: "Text that says something",
    },
    Domain {
        ty: ColumnType::Timestamp,
        collate_c: false,
        check_name: "utc_timestamp_check",
        expression: "isfinite(VALUE)",
        rejects: &[("infinity", "'infinity'")],
        doc: "A finite moment; written and hashed in UTC",
    },
];
