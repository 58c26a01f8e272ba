//! Trigger functions: what may never change, what changes once, and who may write evidence.
//!
//! The one fact to know: they run as their definer, so whoever writes needs no right to what they look at.

use manifest_model::{Language, Routine, RoutineKind, Security, Step, Volatility};

pub(super) const SEALED_ROWS_IMMUTABLE: Routine = routine! {
    "immutability/sealed_rows_immutable",
    name: "sealed_rows_immutable",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    doc: "Refuses every change to rows of a sealed version; reads the envelope FOR SHARE, so that an insert can't race the seal",
};

pub(super) const TRUNCATE_REFUSED: Routine = routine! {
    "immutability/truncate_refused",
    name: "truncate_refused",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    doc: "Refuses TRUNCATE, which row triggers never see",
};

pub(super) const LEGACY_FROZEN: Routine = routine! {
    "immutability/legacy_frozen",
    name: "legacy_frozen",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    doc: "Refuses every write to a frozen table of the legacy path",
};

pub(super) const ENVELOPE_TRANSITION: Routine = routine! {
    "immutability/envelope_transition",
    name: "envelope_transition",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    doc: "Lets an envelope change once, from draft to sealed, and runs every seal check when it does",
};

pub(super) const CATALOG_ROWS_IMMUTABLE: Routine = routine! {
    "immutability/catalog_rows_immutable",
    name: "catalog_rows_immutable",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    doc: "Refuses every change to families and items once the catalog root is sealed",
};

pub(super) const CATALOG_ROOT_TRANSITION: Routine = routine! {
    "immutability/catalog_root_transition",
    name: "catalog_root_transition",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    doc: "Lets the catalog root change once, from draft to sealed, when families and items are exactly those counted",
};

pub(super) const EVIDENCE_APPEND_ONLY: Routine = routine! {
    "immutability/evidence_append_only",
    name: "evidence_append_only",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    doc: "Refuses UPDATE and DELETE of evidence, for everybody",
};

pub(super) const REGISTRY_APPEND_ONLY: Routine = routine! {
    "immutability/registry_append_only",
    name: "registry_append_only",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    doc: "Refuses UPDATE and DELETE of registry rows, for everybody",
};

pub(super) const EPOCH_MOVES_BY_ONE: Routine = routine! {
    "immutability/epoch_moves_by_one",
    name: "epoch_moves_by_one",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    doc: "Lets the control epoch move up by one, and by nothing else",
};

pub(super) const EVIDENCE_WRITER: Routine = routine! {
    "immutability/evidence_writer",
    name: "evidence_writer",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    doc: "Lets evidence be written only by a principal that holds the verifier slot, under its own login",
};

pub(super) const LEVEL_B_WRITER: Routine = routine! {
    "immutability/level_b_writer",
    name: "level_b_writer",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    doc: "Records a packet execution for the login that ran it, for nobody else",
};

pub(super) const SIGNOFF_WRITER: Routine = routine! {
    "immutability/signoff_writer",
    name: "signoff_writer",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    doc: "Lets a signoff be recorded only by its signer, in a slot held, for the sealed payload at the current epoch, and not by one human in two separated slots",
};

pub(super) const ACTIVATION_TRANSITION: Routine = routine! {
    "immutability/activation_transition",
    name: "activation_transition",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    doc: "Runs every activation check when an activation or supersession is inserted",
};
