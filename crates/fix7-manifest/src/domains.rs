//! Domains (S02). Expressions stand exactly as the server prints them [ruling B2].

use manifest_model::{ColumnType, Domain, Reject};

/// In creation order.
pub const DOMAINS: &[Domain] = &[
    Domain {
        ty: ColumnType::Sha256,
        collate_c: false,
        check_name: "sha256_digest_check",
        expression: "(octet_length(VALUE) = 32)",
        rejects: &[
            Reject {
                what: "31 bytes",
                set: &[(
                    "",
                    "'\\x00000000000000000000000000000000000000000000000000000000000000'::bytea",
                )],
            },
            Reject {
                what: "33 bytes",
                set: &[(
                    "",
                    "'\\x000000000000000000000000000000000000000000000000000000000000000000'::bytea",
                )],
            },
        ],
        doc: "A sha256 digest: 32 bytes",
    },
    Domain {
        ty: ColumnType::ItemKey,
        collate_c: true,
        check_name: "item_key_check",
        expression: "(VALUE ~ '^[!-~]+$'::text)",
        rejects: &[
            Reject {
                what: "empty",
                set: &[("", "''")],
            },
            Reject {
                what: "a space",
                set: &[("", "'a b'")],
            },
            Reject {
                what: "not ASCII",
                set: &[("", "'schlüssel'")],
            },
        ],
        doc: "An identity: printable ASCII without spaces, ordered byte by byte",
    },
    Domain {
        ty: ColumnType::Ordinal,
        collate_c: false,
        check_name: "ordinal_check",
        expression: "(VALUE >= 1)",
        rejects: &[Reject {
            what: "0",
            set: &[("", "0")],
        }],
        doc: "A position, from 1",
    },
    Domain {
        ty: ColumnType::NonemptyText,
        collate_c: false,
        check_name: "nonempty_text_check",
        expression: "(VALUE <> ''::text)",
        rejects: &[Reject {
            what: "empty",
            set: &[("", "''")],
        }],
        doc: "Text that says something",
    },
    Domain {
        ty: ColumnType::Timestamp,
        collate_c: false,
        check_name: "utc_timestamp_check",
        expression: "isfinite(VALUE)",
        rejects: &[Reject {
            what: "infinity",
            set: &[("", "'infinity'")],
        }],
        doc: "A finite moment; written and hashed in UTC",
    },
];
