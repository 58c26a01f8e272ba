//! Hash contracts as the server computes them: H02 to H07, and the id that follows from H03.
//!
//! Not for: H01, which is rendered from the columns of each surface. The one fact to know: `canonical` computes the
//! same, and property tests compare the two on generated inputs.

use manifest_model::{Language, Routine, RoutineKind, Security, Step, Volatility};

pub(super) const H02: Routine = routine! {
    "hash/h02",
    name: "h02",
    arguments: "p_ordinals integer[], p_item_keys text[], p_item_digests bytea[]",
    argument_types: "integer[],text[],bytea[]",
    returns: "bytea",
    language: Language::Plpgsql,
    volatility: Volatility::Immutable,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    doc: "H02: the payload of a surface, in ordinal order",
};

pub(super) const H03: Routine = routine! {
    "hash/h03",
    name: "h03",
    arguments: "p_surface_no integer, p_version integer, p_item_count integer, p_payload_sha256 bytea, p_expected_sha256 bytea",
    argument_types: "integer,integer,integer,bytea,bytea",
    returns: "bytea",
    language: Language::Plpgsql,
    volatility: Volatility::Immutable,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    doc: "H03: an envelope",
};

pub(super) const H04: Routine = routine! {
    "hash/h04",
    name: "h04",
    arguments: "p_manifest_id uuid, p_surface_no integer, p_payload_sha256 bytea, p_slot text, p_principal_id text, p_evidence_sha256 bytea, p_control_epoch bigint, p_decision text",
    argument_types: "uuid,integer,bytea,text,text,bytea,bigint,text",
    returns: "bytea",
    language: Language::Plpgsql,
    volatility: Volatility::Immutable,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    doc: "H04_SCOPE_V1: the scope of a signoff, evidence by its artifact digest",
};

pub(super) const H05: Routine = routine! {
    "hash/h05",
    name: "h05",
    arguments: "p_identities text[]",
    argument_types: "text[]",
    returns: "bytea",
    language: Language::Plpgsql,
    volatility: Volatility::Immutable,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    doc: "H05: a set of objects, by identity in byte order",
};

pub(super) const H06: Routine = routine! {
    "hash/h06",
    name: "h06",
    arguments: "p_routine regprocedure",
    argument_types: "regprocedure",
    returns: "bytea",
    language: Language::Sql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    doc: "H06: the source of a routine: kind, types, properties, settings and body bytes",
};

pub(super) const H07_RELATION: Routine = routine! {
    "hash/h07_relation",
    name: "h07_relation",
    arguments: "p_relation regclass",
    argument_types: "regclass",
    returns: "bytea",
    language: Language::Sql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    doc: "H07: the privileges of a relation, expanded through acldefault",
};

pub(super) const H07_ROUTINE: Routine = routine! {
    "hash/h07_routine",
    name: "h07_routine",
    arguments: "p_routine regprocedure",
    argument_types: "regprocedure",
    returns: "bytea",
    language: Language::Sql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    doc: "H07: the privileges of a routine, expanded through acldefault",
};

pub(super) const H06_VIEW: Routine = routine! {
    "hash/h06_view",
    name: "h06_view",
    arguments: "p_view regclass",
    argument_types: "regclass",
    returns: "bytea",
    language: Language::Sql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    doc: "H06: the source of a view, as the server prints it, with its major version",
};

pub(super) const H07_SCHEMA: Routine = routine! {
    "hash/h07_schema",
    name: "h07_schema",
    arguments: "p_schema regnamespace",
    argument_types: "regnamespace",
    returns: "bytea",
    language: Language::Sql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    doc: "H07: the privileges of a schema",
};

pub(super) const H07_TYPE: Routine = routine! {
    "hash/h07_type",
    name: "h07_type",
    arguments: "p_type regtype",
    argument_types: "regtype",
    returns: "bytea",
    language: Language::Sql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    doc: "H07: the privileges of a type",
};

pub(super) const H07_DATABASE: Routine = routine! {
    "hash/h07_database",
    name: "h07_database",
    arguments: "",
    argument_types: "",
    returns: "bytea",
    language: Language::Sql,
    volatility: Volatility::Stable,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    doc: "H07: the privileges of the current database",
};

pub(super) const MANIFEST_ID_OF: Routine = routine! {
    "hash/manifest_id_of",
    name: "manifest_id_of",
    arguments: "p_envelope_sha256 bytea",
    argument_types: "bytea",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Immutable,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    doc: "manifest_id from H03: an uuid of version 8",
};
