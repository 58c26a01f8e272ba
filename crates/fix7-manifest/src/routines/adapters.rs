//! Adapters: what reads a sealed number for a caller that may not read the surface.
//!
//! The one fact to know: their bodies are parsed when they are created (`BEGIN ATOMIC`), so
//! the catalog holds what they depend on.

use manifest_model::{Language, Routine, RoutineKind, Security, Step, Volatility};

pub(super) const READ_THRESHOLD: Routine = routine! {
    "adapters/read_threshold",
    name: "read_threshold",
    arguments: "p_writer_type text, p_threshold text",
    argument_types: "text,text",
    returns: "numeric",
    language: Language::SqlAtomic,
    volatility: Volatility::Stable,
    security: Security::Definer,
    kind: RoutineKind::Reader,
    step: Step::new(8),
    doc: "The value of a sealed threshold in the active set of a writer type",
};

pub(super) const READ_RETAIN_DAYS: Routine = routine! {
    "adapters/read_retain_days",
    name: "read_retain_days",
    arguments: "p_writer_type text, p_evidence_kind text",
    argument_types: "text,text",
    returns: "integer",
    language: Language::SqlAtomic,
    volatility: Volatility::Stable,
    security: Security::Definer,
    kind: RoutineKind::Reader,
    step: Step::new(8),
    doc: "How many days a kind of evidence is kept, in the active set of a writer type",
};
