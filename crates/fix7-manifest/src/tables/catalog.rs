//! The code catalog (S02): one root, three families, their items.
//!
//! `item_payload` describes and is never read operationally [doc 06, G-ITEMPAYLOAD].

use manifest_model::ColumnType::{Integer, ItemKey, Jsonb, NonemptyText, Sha256, Text, Timestamp};
use manifest_model::{
    CatalogFamily, Index, Step, Table, TableClass, Trigger, TriggerLevel, check, column, foreign_key,
    primary_key, reject,
};

const IMMUTABLE_EVENTS: &str = "BEFORE INSERT OR DELETE OR UPDATE";

/// One row; sealing it freezes the whole catalog.
pub const CODE_CATALOG_ROOT: Table = Table {
    name: "code_catalog_root",
    class: TableClass::Catalog,
    step: Step::new(2),
    doc: "The root of the code catalog: one row. Sealing it freezes families and items for everybody, the owner included.",
    columns: &[
        column("root_code", ItemKey, "'CODE_CATALOG'", "the one root"),
        column("version", Integer, "1", "version of the catalog"),
        column(
            "family_count",
            Integer,
            "3",
            "how many families there are, exactly",
        ),
        column("state", Text, "'draft'", "draft, then sealed, never back").default("'draft'::text"),
        column("sealed_at", Timestamp, "null", "when it was sealed").nullable(),
        column(
            "catalog_sha256",
            Sha256,
            "'\\x0202020202020202020202020202020202020202020202020202020202020202'",
            "H05 over family/item pairs, recomputed at the seal",
        ),
    ],
    constraints: &[
        primary_key("code_catalog_root_pk", &["root_code"]),
        check(
            "code_catalog_root_single_check",
            "((root_code)::text = 'CODE_CATALOG'::text)",
            &[reject("a second root", "root_code", "'OTHER_ROOT'")],
        ),
        check(
            "code_catalog_root_version_check",
            "(version >= 1)",
            &[reject("version is 0", "version", "0")],
        ),
        check(
            "code_catalog_root_family_count_check",
            "(family_count >= 1)",
            &[reject("family_count is 0", "family_count", "0")],
        ),
        check(
            "code_catalog_root_state_check",
            "(state = ANY (ARRAY['draft'::text, 'sealed'::text]))",
            &[reject("state is unknown", "state", "'open'")],
        ),
        check(
            "code_catalog_root_sealed_at_check",
            "((state = 'sealed'::text) = (sealed_at IS NOT NULL))",
            &[
                reject("draft with a seal time", "sealed_at", "'2026-01-01 00:00:00+00'"),
                reject("sealed without a time", "state", "'sealed'"),
            ],
        ),
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "code_catalog_root_transition",
            events: IMMUTABLE_EVENTS,
            level: TriggerLevel::Row,
            routine: "catalog_root_transition",
        },
        Trigger {
            name: "code_catalog_root_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.code_catalog_family drop constraint code_catalog_family_root_fk",
        "alter table {cp}.code_catalog_root disable trigger user",
        "delete from {cp}.code_catalog_root",
    ],
    source: file!(),
};

/// Exactly three rows in FIX7.
pub const CODE_CATALOG_FAMILY: Table = Table {
    name: "code_catalog_family",
    class: TableClass::Catalog,
    step: Step::new(2),
    doc: "The families of codes: operators, operand types, reason codes.",
    columns: &[
        column("family_code", ItemKey, "'PROBE_FAMILY'", "identity of the family"),
        column("root_code", ItemKey, "'CODE_CATALOG'", "the root that freezes it"),
        column("title", NonemptyText, "'a probe'", "what the family is"),
        column("item_count", Integer, "1", "how many items it has, exactly"),
    ],
    constraints: &[
        primary_key("code_catalog_family_pk", &["family_code"]),
        foreign_key(
            "code_catalog_family_root_fk",
            &["root_code"],
            "code_catalog_root",
            &["root_code"],
        ),
        check(
            "code_catalog_family_item_count_check",
            "(item_count >= 1)",
            &[reject("item_count is 0", "item_count", "0")],
        ),
    ],
    indexes: &[Index {
        name: "code_catalog_family_root_idx",
        columns: &["root_code"],
    }],
    triggers: &[
        Trigger {
            name: "code_catalog_family_sealed_rows",
            events: IMMUTABLE_EVENTS,
            level: TriggerLevel::Row,
            routine: "catalog_rows_immutable",
        },
        Trigger {
            name: "code_catalog_family_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[],
    source: file!(),
};

/// The codes themselves.
pub const CODE_CATALOG_ITEM: Table = Table {
    name: "code_catalog_item",
    class: TableClass::Catalog,
    step: Step::new(2),
    doc: "The codes. item_payload describes a code to people and is never read operationally.",
    columns: &[
        column("family_code", ItemKey, "'OPERATOR'", "family of the code"),
        column("item_code", ItemKey, "'PROBE'", "the code"),
        column("title", NonemptyText, "'a probe'", "what the code means"),
        column(
            "item_payload",
            Jsonb,
            "null",
            "descriptive only, never read operationally",
        )
        .nullable(),
    ],
    constraints: &[
        primary_key("code_catalog_item_pk", &["family_code", "item_code"]),
        foreign_key(
            "code_catalog_item_family_fk",
            &["family_code"],
            "code_catalog_family",
            &["family_code"],
        ),
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "code_catalog_item_sealed_rows",
            events: IMMUTABLE_EVENTS,
            level: TriggerLevel::Row,
            routine: "catalog_rows_immutable",
        },
        Trigger {
            name: "code_catalog_item_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[],
    source: file!(),
};

/// The families beside `REASON_CODE`, whose items are the reason codes of #22.
pub const FAMILIES: &[CatalogFamily] = &[
    CatalogFamily {
        code: "OPERATOR",
        title: "Comparison operators that a rule or a measurement may use",
        items: &[
            ("EQ", "equal"),
            ("NE", "not equal"),
            ("LT", "less than"),
            ("LE", "less than or equal"),
            ("GT", "greater than"),
            ("GE", "greater than or equal"),
            ("SET_EQ", "both sets are equal"),
        ],
    },
    CatalogFamily {
        code: "OPERAND_TYPE",
        title: "Types of the values that operators compare and digests cover",
        items: &[
            ("BOOLEAN", "true or false"),
            ("INTEGER", "whole number"),
            ("NUMERIC", "exact decimal number"),
            ("DURATION_SECONDS", "whole seconds"),
            ("TEXT", "text, compared byte by byte"),
            ("DIGEST", "sha256, 32 bytes"),
            ("SET", "unordered set of texts"),
        ],
    },
    CatalogFamily {
        code: "REASON_CODE",
        title: "Codes of refusals and findings",
        items: &[],
    },
];

const _: () = assert!(FAMILIES.len() == 3, "FIX7 has exactly 3 catalog families");
