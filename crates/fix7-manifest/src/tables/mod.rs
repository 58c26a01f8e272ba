//! Tables that are no surfaces: catalog, anchors, registries, runtime evidence.
pub mod anchors;
pub mod catalog;
pub mod registries;
pub mod runtime;

use manifest_model::Table;

/// In creation order.
pub const TABLES: &[&Table] = &[
    &catalog::CODE_CATALOG_ROOT,
    &catalog::CODE_CATALOG_FAMILY,
    &catalog::CODE_CATALOG_ITEM,
    &anchors::MANIFEST_ENVELOPE,
    &anchors::CONTROL_EPOCH,
    &anchors::PRINCIPAL,
    &anchors::EXPECTED_ITEM,
    &anchors::EXPECTED_CONSTRAINT,
    &registries::MANIFEST_ACTIVATION,
    &registries::MANIFEST_ACTIVATION_LINE,
    &registries::OPERATOR_PACKET_RUN,
    &registries::LEGACY_SENTINEL,
    &runtime::EVIDENCE_REGISTRY,
    &runtime::SIGNOFF_BINDING,
    &runtime::LEVEL_B_PACKET_EXECUTION,
    &runtime::VERIFICATION_RUN,
    &runtime::VERIFICATION_FINDING,
    &runtime::CAPABILITY_MEASUREMENT,
    &runtime::READINESS_GATE_FACT,
    &runtime::HASH_RECOMPUTE,
    &runtime::ACCESS_DENIAL_EVENT,
    &runtime::ACL_SNAPSHOT,
    &runtime::PROTECTED_STATE_OBSERVATION,
];
