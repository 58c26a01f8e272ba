//! Seal checks: each a set of violations, empty if the version may be sealed.
//!
//! The one fact to know: they run in their `order`, and the first that finds something ends the seal, so a refusal has
//! one cause.

use manifest_model::{Language, Routine, RoutineKind, Security, Step, Volatility};

pub(super) const CHECK_OBJECT_AUTHORITY_IMMUTABLE: Routine = routine! {
    "seal/check_object_authority_immutable",
    name: "check_object_authority_immutable",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 13 },
    step: Step::new(6),
    doc: "Seal check: columns, constraints, indexes, triggers, domains and routine properties are exactly the expected ones, in both directions",
};

pub(super) const CHECK_EXPECTED_SET_EMPTY: Routine = routine! {
    "seal/check_expected_set_empty",
    name: "check_expected_set_empty",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 2 },
    step: Step::new(6),
    doc: "Seal check: something is expected",
};

pub(super) const CHECK_ITEM_MISSING: Routine = routine! {
    "seal/check_item_missing",
    name: "check_item_missing",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 3 },
    step: Step::new(6),
    doc: "Seal check: every expected item is there",
};

pub(super) const CHECK_ITEM_EXTRA: Routine = routine! {
    "seal/check_item_extra",
    name: "check_item_extra",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 4 },
    step: Step::new(6),
    doc: "Seal check: every item is expected",
};

pub(super) const CHECK_ITEM_COUNT_WRONG: Routine = routine! {
    "seal/check_item_count_wrong",
    name: "check_item_count_wrong",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 5 },
    step: Step::new(6),
    doc: "Seal check: the envelope counts its items",
};

pub(super) const CHECK_ORDINAL_NOT_CONTIGUOUS: Routine = routine! {
    "seal/check_ordinal_not_contiguous",
    name: "check_ordinal_not_contiguous",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 6 },
    step: Step::new(6),
    doc: "Seal check: ordinals run from 1 without a gap",
};

pub(super) const CHECK_ITEM_DIGEST_MISMATCH: Routine = routine! {
    "seal/check_item_digest_mismatch",
    name: "check_item_digest_mismatch",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 7 },
    step: Step::new(6),
    doc: "Seal check: every item digest recomputes",
};

pub(super) const CHECK_PAYLOAD_DIGEST_MISMATCH: Routine = routine! {
    "seal/check_payload_digest_mismatch",
    name: "check_payload_digest_mismatch",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 8 },
    step: Step::new(6),
    doc: "Seal check: the payload digest recomputes",
};

pub(super) const CHECK_ENVELOPE_DIGEST_MISMATCH: Routine = routine! {
    "seal/check_envelope_digest_mismatch",
    name: "check_envelope_digest_mismatch",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 9 },
    step: Step::new(6),
    doc: "Seal check: the envelope digest recomputes, expected keys included",
};

pub(super) const CHECK_OPERAND_INCOMPATIBLE: Routine = routine! {
    "seal/check_operand_incompatible",
    name: "check_operand_incompatible",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 10 },
    step: Step::new(6),
    doc: "Seal check: every operator suits its operand type",
};

pub(super) const CHECK_THRESHOLD_UNRESOLVED: Routine = routine! {
    "seal/check_threshold_unresolved",
    name: "check_threshold_unresolved",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 11 },
    step: Step::new(6),
    doc: "Seal check: every threshold that is referred to exists with that type",
};

pub(super) const CHECK_EXPECTED_CONSTRAINT_SET_MISMATCH: Routine = routine! {
    "seal/check_expected_constraint_set_mismatch",
    name: "check_expected_constraint_set_mismatch",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 12 },
    step: Step::new(6),
    doc: "Seal check: the expected constraints are those whose digests the authority scope holds",
};
