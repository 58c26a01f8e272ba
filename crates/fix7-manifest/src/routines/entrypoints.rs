//! Level-B entry points, each with the Level-A verifier that #17 pairs with it, and what they need.
//!
//! The one fact to know: an entry point leaves its packet execution in the same call.

use manifest_model::{Language, Routine, RoutineKind, Security, Step, Volatility};

pub(super) const RECORD_EXECUTION: Routine = routine! {
    "entrypoints/record_execution",
    name: "record_execution",
    arguments: "p_entrypoint text, p_subject text, p_subject_sha256 bytea",
    argument_types: "text,text,bytea",
    returns: "void",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    doc: "Leaves the packet execution of a Level-B mutation, in the same call",
};

pub(super) const RECORD_RUN: Routine = routine! {
    "entrypoints/record_run",
    name: "record_run",
    arguments: "p_verifier text, p_subject text, p_verdict text",
    argument_types: "text,text,text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    doc: "Leaves the run of a Level-A verifier, with the digest of the verifier as it ran",
};

pub(super) const CP_SEAL_CATALOG: Routine = routine! {
    "entrypoints/cp_seal_catalog",
    name: "cp_seal_catalog",
    arguments: "p_expected_sha256 bytea",
    argument_types: "bytea",
    returns: "void",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelB {
        verifier: "cp_verify_catalog",
    },
    step: Step::new(6),
    doc: "Seals the code catalog whose digest the caller approved",
};

pub(super) const CHECK_PAYLOAD_NOT_AS_APPROVED: Routine = routine! {
    "entrypoints/check_payload_not_as_approved",
    name: "check_payload_not_as_approved",
    arguments: "p_manifest_id uuid, p_expected_payload_sha256 bytea",
    argument_types: "uuid,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::EntryCheck,
    step: Step::new(6),
    doc: "What the caller of the seal approved is what is there",
};

pub(super) const CP_SEAL: Routine = routine! {
    "entrypoints/cp_seal",
    name: "cp_seal",
    arguments: "p_manifest_id uuid, p_expected_payload_sha256 bytea",
    argument_types: "uuid,bytea",
    returns: "void",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelB {
        verifier: "cp_verify_seal",
    },
    step: Step::new(6),
    doc: "Seals the version whose payload the caller approved",
};

pub(super) const CP_ACTIVATE: Routine = routine! {
    "entrypoints/cp_activate",
    name: "cp_activate",
    arguments: "p_writer_type text, p_expected_epoch bigint, p_expected_set_sha256 bytea",
    argument_types: "text,bigint,bytea",
    returns: "void",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelB {
        verifier: "cp_verify_activation",
    },
    step: Step::new(6),
    doc: "Makes the set of newest sealed versions active for a writer type, and begins the next epoch",
};

pub(super) const CP_SUPERSEDE: Routine = routine! {
    "entrypoints/cp_supersede",
    name: "cp_supersede",
    arguments: "p_writer_type text, p_expected_epoch bigint",
    argument_types: "text,bigint",
    returns: "void",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelB {
        verifier: "cp_verify_activation",
    },
    step: Step::new(6),
    doc: "Ends the active set of a writer type, and begins the next epoch",
};

pub(super) const CP_RECORD_SIGNOFF: Routine = routine! {
    "entrypoints/cp_record_signoff",
    name: "cp_record_signoff",
    arguments: "p_manifest_id uuid, p_slot text, p_evidence_id uuid, p_decision text",
    argument_types: "uuid,text,uuid,text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelB {
        verifier: "cp_verify_signoff",
    },
    step: Step::new(6),
    doc: "Records the decision of the session's human on one sealed version",
};

pub(super) const CP_RECORD_EVIDENCE: Routine = routine! {
    "entrypoints/cp_record_evidence",
    name: "cp_record_evidence",
    arguments: "p_evidence_kind text, p_artifact_sha256 bytea, p_artifact_uri text",
    argument_types: "text,bytea,text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelB {
        verifier: "cp_verify_evidence",
    },
    step: Step::new(6),
    doc: "Records an artifact by its digest",
};

pub(super) const CP_RECORD_MEASUREMENT: Routine = routine! {
    "entrypoints/cp_record_measurement",
    name: "cp_record_measurement",
    arguments: "p_capability text, p_metric text, p_value numeric, p_samples integer, p_evidence_id uuid",
    argument_types: "text,text,numeric,integer,uuid",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    security: Security::Definer,
    kind: RoutineKind::LevelB {
        verifier: "cp_verify_measurement",
    },
    step: Step::new(6),
    doc: "Records a measured value for a capability, with the artifact that holds its samples",
};
