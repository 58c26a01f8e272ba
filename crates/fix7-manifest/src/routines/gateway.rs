//! The gateway that decides whether a writer may write.
//!
//! The one fact to know: it derives the facts anew, and says which gates stand against a write.

use manifest_model::{Language, Routine, RoutineKind, Security, Step, Volatility};

/// Decides whether a writer may write, and says which gates stand against it; refuses when asked to write while one does.
pub const QT001_WRITER_GATEWAY: Routine = routine! {
    "gateway",
    name: "qt001_writer_gateway",
    arguments: "p_writer_type text, p_request jsonb, p_write boolean",
    argument_types: "text,jsonb,boolean",
    returns: "TABLE(decision text, blocking_gates text[])",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Definer,
    kind: RoutineKind::Gateway,
    step: Step::new(8),
    doc: "Decides whether a writer may write, and says which gates stand against it; refuses when asked to write while one does",
};
