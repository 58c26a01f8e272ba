//! The 7 hash contracts; rows of #10. The encoding itself is specified in the crate `canonical`.

use manifest_model::{HashComponent, HashContract};

const fn part(name: &'static str, operand_type: &'static str, encoding: &'static str) -> HashComponent {
    HashComponent {
        name,
        operand_type,
        encoding,
    }
}

const TEXT: &str = "JSON string, minimal escapes";
const NUMBER: &str = "JSON number, ASCII digits";
const HEX: &str = "JSON string of lower hex";

/// H01..H07.
pub const HASH_CONTRACTS: &[HashContract] = &[
    HashContract {
        id: "H01",
        title: "one item row",
        total_order: "column position",
        components: &[
            part("surface_no", "INTEGER", NUMBER),
            part("item_key", "TEXT", TEXT),
            part("refusal_code", "TEXT", TEXT),
            part(
                "typed_columns",
                "SET",
                "name and value of each, in column position; NULL as JSON null",
            ),
        ],
    },
    HashContract {
        id: "H02",
        title: "the payload of a surface",
        total_order: "ordinal",
        components: &[
            part("ordinal", "INTEGER", NUMBER),
            part("item_key", "TEXT", TEXT),
            part("item_sha256", "DIGEST", HEX),
        ],
    },
    HashContract {
        id: "H03",
        title: "an envelope",
        total_order: "component position",
        components: &[
            part("surface_no", "INTEGER", NUMBER),
            part("version", "INTEGER", NUMBER),
            part("item_count", "INTEGER", NUMBER),
            part("payload_sha256", "DIGEST", HEX),
            part("expected_item_sha256", "DIGEST", HEX),
        ],
    },
    HashContract {
        id: "H04",
        title: "H04_SCOPE_V1, the scope of a signoff",
        total_order: "the 8 keys, in this order",
        components: &[
            part("manifest_id", "TEXT", TEXT),
            part("surface_no", "INTEGER", NUMBER),
            part("payload_sha256", "DIGEST", HEX),
            part("slot", "TEXT", TEXT),
            part("principal_id", "TEXT", TEXT),
            part(
                "evidence_id",
                "DIGEST",
                "the artifact_sha256 of the evidence, as lower hex",
            ),
            part("control_epoch", "INTEGER", NUMBER),
            part("decision", "TEXT", TEXT),
        ],
    },
    HashContract {
        id: "H05",
        title: "a set of objects",
        total_order: "identity, COLLATE \"C\"",
        components: &[part("identity", "TEXT", TEXT)],
    },
    HashContract {
        id: "H06",
        title: "the source of a routine or view",
        total_order: "component position",
        components: &[
            part("identity", "TEXT", "kind, language, argument and result types"),
            part(
                "properties",
                "TEXT",
                "security, volatility, strictness, leakproofness, parallel safety, settings",
            ),
            part(
                "body",
                "TEXT",
                "the body's bytes, CRLF as LF, nothing else changed",
            ),
        ],
    },
    HashContract {
        id: "H07",
        title: "the privileges of one object",
        total_order: "grantee, grantor, privilege, COLLATE \"C\"",
        components: &[
            part("owner", "TEXT", TEXT),
            part("grantee", "TEXT", "JSON string; empty for PUBLIC"),
            part("grantor", "TEXT", TEXT),
            part("privilege", "TEXT", TEXT),
            part("grantable", "BOOLEAN", "JSON boolean"),
        ],
    },
];

const _: () = assert!(HASH_CONTRACTS.len() == 7, "FIX7 has exactly 7 hash contracts");
