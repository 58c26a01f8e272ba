//! Activation checks: each a set of violations, empty if the set may become active.
//!
//! The one fact to know: they run in their `order` when an activation or supersession is inserted, and the first that
//! finds something ends it.

use manifest_model::{Language, Routine, RoutineKind, Security, Step, Volatility};

pub(super) const CHECK_CATALOG_NOT_SEALED: Routine = routine! {
    "activation/check_catalog_not_sealed",
    name: "check_catalog_not_sealed",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 1 },
    step: Step::new(8),
    doc: "Activation check: the code catalog is sealed",
};

pub(super) const CHECK_WRITER_TYPE_UNKNOWN: Routine = routine! {
    "activation/check_writer_type_unknown",
    name: "check_writer_type_unknown",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 2 },
    step: Step::new(8),
    doc: "Activation check: the writer type is in the closed set",
};

pub(super) const CHECK_EPOCH_MOVED: Routine = routine! {
    "activation/check_epoch_moved",
    name: "check_epoch_moved",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 3 },
    step: Step::new(8),
    doc: "Activation check: the epoch is the expected one",
};

pub(super) const CHECK_SURFACE_NOT_SEALED: Routine = routine! {
    "activation/check_surface_not_sealed",
    name: "check_surface_not_sealed",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 4 },
    step: Step::new(8),
    doc: "Activation check: every surface has a sealed version",
};

pub(super) const CHECK_SET_DIGEST_MISMATCH: Routine = routine! {
    "activation/check_set_digest_mismatch",
    name: "check_set_digest_mismatch",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 5 },
    step: Step::new(8),
    doc: "Activation check: the set is the one that the caller named",
};

pub(super) const CHECK_SIGNOFF_REJECTED: Routine = routine! {
    "activation/check_signoff_rejected",
    name: "check_signoff_rejected",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 6 },
    step: Step::new(8),
    doc: "Activation check: nobody rejected the set at this epoch",
};

pub(super) const CHECK_QUORUM_NOT_MET: Routine = routine! {
    "activation/check_quorum_not_met",
    name: "check_quorum_not_met",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 7 },
    step: Step::new(8),
    doc: "Activation check: enough distinct humans approved every surface in every slot",
};

pub(super) const CHECK_SAME_HUMAN: Routine = routine! {
    "activation/check_same_human",
    name: "check_same_human",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 8 },
    step: Step::new(8),
    doc: "Activation check: no human signed two separated slots",
};

pub(super) const CHECK_ACTIVATION_OBJECT_AUTHORITY: Routine = routine! {
    "activation/check_activation_object_authority",
    name: "check_activation_object_authority",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 9 },
    step: Step::new(8),
    doc: "Activation check: the whole schema is as sealed",
};

pub(super) const CHECK_NOTHING_ACTIVE: Routine = routine! {
    "activation/check_nothing_active",
    name: "check_nothing_active",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 10 },
    step: Step::new(8),
    doc: "Activation check: there is something to supersede",
};
