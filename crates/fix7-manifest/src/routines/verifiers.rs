//! Level-A verifiers: each recomputes the effect of an entry point by other SQL.
//!
//! The one fact to know: a verifier leaves a run with the digest of its own source, so that a replaced one is seen.

use manifest_model::{Language, Routine, RoutineKind, Security, Step, Volatility};

pub(super) const CP_VERIFY_CATALOG: Routine = routine! {
    "verifiers/cp_verify_catalog",
    name: "cp_verify_catalog",
    arguments: "",
    argument_types: "",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    doc: "Recounts the catalog",
};

pub(super) const CP_VERIFY_SEAL: Routine = routine! {
    "verifiers/cp_verify_seal",
    name: "cp_verify_seal",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    doc: "Recomputes a sealed payload from the typed columns alone",
};

pub(super) const CP_VERIFY_ACTIVATION: Routine = routine! {
    "verifiers/cp_verify_activation",
    name: "cp_verify_activation",
    arguments: "p_writer_type text",
    argument_types: "text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    doc: "Recomputes each set that was active from the activation's own lines, and that what was superseded is not",
};

pub(super) const CP_VERIFY_SIGNOFF: Routine = routine! {
    "verifiers/cp_verify_signoff",
    name: "cp_verify_signoff",
    arguments: "p_signoff_id uuid",
    argument_types: "uuid",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    doc: "Recomputes the scope of a signoff",
};

pub(super) const CP_VERIFY_EVIDENCE: Routine = routine! {
    "verifiers/cp_verify_evidence",
    name: "cp_verify_evidence",
    arguments: "p_evidence_id uuid",
    argument_types: "uuid",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    doc: "Recomputes the identity of evidence, and checks that it is retained",
};

pub(super) const CP_VERIFY_MEASUREMENT: Routine = routine! {
    "verifiers/cp_verify_measurement",
    name: "cp_verify_measurement",
    arguments: "p_measurement_id uuid",
    argument_types: "uuid",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    doc: "Checks a measurement against its requirement, its evidence and its execution",
};

pub(super) const CP_VERIFY_READINESS: Routine = routine! {
    "verifiers/cp_verify_readiness",
    name: "cp_verify_readiness",
    arguments: "p_writer_type text",
    argument_types: "text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    doc: "Records what is seen of every gate of the active set",
};

pub(super) const CP_VERIFY_DENIAL: Routine = routine! {
    "verifiers/cp_verify_denial",
    name: "cp_verify_denial",
    arguments: "p_persona text, p_relation text, p_privilege text, p_refused_with text",
    argument_types: "text,text,text,text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    doc: "Records a refusal that was tried, after checking the claim against the catalog",
};

pub(super) const CP_VERIFY_PRIVILEGES: Routine = routine! {
    "verifiers/cp_verify_privileges",
    name: "cp_verify_privileges",
    arguments: "p_moment text",
    argument_types: "text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    doc: "Records the complete snapshot of privileges: a digest of each legacy member and of what surrounds it",
};

pub(super) const CP_VERIFY_PROTECTED_STATE: Routine = routine! {
    "verifiers/cp_verify_protected_state",
    name: "cp_verify_protected_state",
    arguments: "",
    argument_types: "",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    doc: "Records the state of every object that must not change, and what got worse since the seal or the last run",
};

pub(super) const CP_RECORD_FINDINGS: Routine = routine! {
    "verifiers/cp_record_findings",
    name: "cp_record_findings",
    arguments: "p_document text",
    argument_types: "text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    doc: "Imports what a static analysis found in sealed legacy bodies, from an artifact that was recorded",
};

pub(super) const CP_SCAN: Routine = routine! {
    "verifiers/cp_scan",
    name: "cp_scan",
    arguments: "",
    argument_types: "",
    returns: "TABLE(executed bigint, sound bigint, unsound text[])",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    doc: "Runs the paired verifier of every effect that is there, then looks at the gates",
};
