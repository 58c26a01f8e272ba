//! What reads the sealed rows and the catalog, for the checks, the verifiers and the gateway.
//!
//! Not for: deciding. The one fact to know: who somebody is and holds comes from the newest sealed versions and from
//! `session_user`, never from an argument.

use manifest_model::{Language, Routine, RoutineKind, Security, Step, Volatility};

pub(super) const SESSION_PRINCIPAL: Routine = routine! {
    "readers/session_principal",
    name: "session_principal",
    arguments: "",
    argument_types: "",
    returns: "text",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    doc: "The principal of the session's login, through the newest sealed #02; never current_user, never an argument",
};

pub(super) const HUMAN_OF: Routine = routine! {
    "readers/human_of",
    name: "human_of",
    arguments: "p_principal_id text",
    argument_types: "text",
    returns: "text",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    doc: "The human behind a principal, through the newest sealed #02",
};

pub(super) const HOLDS_SLOT: Routine = routine! {
    "readers/holds_slot",
    name: "holds_slot",
    arguments: "p_principal_id text, p_slot text, p_slot_scope text",
    argument_types: "text,text,text",
    returns: "boolean",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    doc: "Whether a principal holds a slot, through the newest sealed #03",
};

pub(super) const CATALOG_DRIFT: Routine = routine! {
    "readers/catalog_drift",
    name: "catalog_drift",
    arguments: "",
    argument_types: "",
    returns: "TABLE(detail text)",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    doc: "How the catalog differs from its own counts and digest; empty when it does not",
};

pub(super) const PROTECTED_STATE: Routine = routine! {
    "readers/protected_state",
    name: "protected_state",
    arguments: "",
    argument_types: "",
    returns: "TABLE(object_name text, state_sha256 bytea, as_sealed boolean, row_count bigint)",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    doc: "What can be seen of each object that must not change, and whether it is as #20 sealed it",
};

pub(super) const PRIVILEGE_SNAPSHOT: Routine = routine! {
    "readers/privilege_snapshot",
    name: "privilege_snapshot",
    arguments: "",
    argument_types: "",
    returns: "TABLE(object_name text, privilege_acl_hash bytea)",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    doc: "Owners and privileges of the sealed set and of what surrounds it, a digest each: objects, sequences, columns, schemas, defaults, memberships, effective rights",
};

pub(super) const CANDIDATE_SET_SHA256: Routine = routine! {
    "readers/candidate_set_sha256",
    name: "candidate_set_sha256",
    arguments: "",
    argument_types: "",
    returns: "bytea",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    doc: "Digest of the set of newest sealed versions",
};

pub(super) const ASSERT_REVERSIBLE: Routine = routine! {
    "readers/assert_reversible",
    name: "assert_reversible",
    arguments: "p_manifest_id uuid",
    argument_types: "uuid",
    returns: "void",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    doc: "Refuses the way back of a version's rows once it is sealed",
};

pub(super) const ASSERT_CATALOG_REVERSIBLE: Routine = routine! {
    "readers/assert_catalog_reversible",
    name: "assert_catalog_reversible",
    arguments: "",
    argument_types: "",
    returns: "void",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    doc: "Refuses the way back of the catalog's rows once it is sealed",
};

pub(super) const REALIZED_CONSTRAINT: Routine = routine! {
    "readers/realized_constraint",
    name: "realized_constraint",
    arguments: "p_relation text",
    argument_types: "text",
    returns: "TABLE(object_kind text, relation_name text, object_name text, definition text)",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Reader,
    step: Step::new(6),
    doc: "Columns, constraints, indexes, triggers, NOT NULLs, defaults, domains and routine properties as the catalog holds them; NULL reads the whole schema",
};

pub(super) const LEVEL_B_PAIRS: Routine = routine! {
    "readers/level_b_pairs",
    name: "level_b_pairs",
    arguments: "",
    argument_types: "",
    returns: "TABLE(entrypoint text, subject text, verifier text, verdict text, pinned boolean, fresh boolean)",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Reader,
    step: Step::new(6),
    doc: "Each mutation that was executed, with the newest run of the verifier that #17 pairs with its entry point",
};

pub(super) const DEPENDENCY_DRIFT: Routine = routine! {
    "readers/dependency_drift",
    name: "dependency_drift",
    arguments: "p_writer_type text",
    argument_types: "text",
    returns: "TABLE(detail text)",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(8),
    doc: "What the code of the control plane depends on and the active #11 does not know; empty when nothing",
};

/// What can be seen of each gate, over the active set of a writer type; with the number of objects it ranges over.
pub const GATE_OBSERVATION: Routine = routine! {
    "readers/gate_observation",
    name: "gate_observation",
    arguments: "p_writer_type text",
    argument_types: "text",
    returns: "TABLE(gate_key text, is_met boolean, population bigint)",
    language: Language::Sql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(8),
    doc: "What can be seen of each gate, over the active set of a writer type; with the number of objects it ranges over",
};
