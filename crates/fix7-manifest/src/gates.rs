//! The 14 readiness gates: rows of #09, never schema objects [doc 06, G-GATES-14].
//!
//! CAPABILITY_EVIDENCE_PRESENT stays unmet, and readiness BLOCKED, until real evidence exists.

use manifest_model::Gate;

const fn gate(number: u8, key: &'static str, refusal: &'static str, title: &'static str) -> Gate {
    Gate {
        number,
        key,
        title,
        refusal,
    }
}

/// In order.
pub const GATES: &[Gate] = &[
    gate(
        1,
        "CATALOG_SEALED",
        "CATALOG_FAMILY_DRIFT",
        "The code catalog is sealed and its families and items are exactly those counted",
    ),
    gate(
        2,
        "AUTHORITY_SET_EXACT",
        "SURFACE_SET_DRIFT",
        "Each surface of the closed set has a sealed version, and there is no other",
    ),
    gate(
        3,
        "RUNTIME_NON_AUTHORITY",
        "SURFACE_SET_DRIFT",
        "The runtime-evidence tables are exactly those classed so, and none is classed as authority",
    ),
    gate(
        4,
        "HASH_DETERMINISM",
        "PAYLOAD_DIGEST_MISMATCH",
        "Every sealed payload digest recomputes from its rows",
    ),
    gate(
        5,
        "CONSTRAINT_SET_EXACT",
        "OBJECT_AUTHORITY_IMMUTABLE",
        "Constraints, indexes, triggers, domains and routine properties are exactly the sealed ones",
    ),
    gate(
        6,
        "RETENTION_SEALED",
        "RETENTION_UNSEALED",
        "Every kind of evidence that is required has a sealed retention policy with an archive",
    ),
    gate(
        7,
        "THRESHOLDS_SEALED",
        "THRESHOLD_UNRESOLVED",
        "Every rule and requirement refers to a sealed threshold of a compatible type",
    ),
    gate(
        8,
        "SIGNOFF_SEPARATION",
        "SAME_HUMAN",
        "No two separated slots of the active set were signed by one human",
    ),
    gate(
        9,
        "EVIDENCE_INTEGRITY",
        "EVIDENCE_MISSING",
        "Evidence foreign keys restrict, are not deferrable and are validated",
    ),
    gate(
        10,
        "DEPENDENCY_CLOSURE_CLEAN",
        "LEGACY_REACHABLE",
        "No legacy object is reachable from the new entry points, and the closure is not empty",
    ),
    gate(
        11,
        "DIRECTUS_READ_PRESERVED",
        "DIRECTUS_READ_DRIFT",
        "The application role still holds every captured read",
    ),
    gate(
        12,
        "GATEWAY_IDENTITY_PINNED",
        "GATEWAY_IDENTITY_MISMATCH",
        "The live gateway is the pinned routine: identity, kind, source, owner",
    ),
    gate(
        13,
        "CAPABILITY_EVIDENCE_PRESENT",
        "CAPABILITY_UNPROVEN",
        "Every capability is proven by enough measured samples that meet its requirement",
    ),
    gate(
        14,
        "VERIFIER_FRESH",
        "VERIFIER_STALE",
        "Every paired verifier has run within its staleness limit",
    ),
];

const _: () = assert!(GATES.len() == 14, "FIX7 has exactly 14 readiness gates");
