//! Routines of the control plane as data; their bodies are the `.sql` files beside this one.
//!
//! A new seal check: its body under `seal/`, its entry here with its `order`, its reason code.

use manifest_model::{Language, Routine, RoutineKind, Security, Step, Volatility};

macro_rules! body {
    ($path:literal) => {
        include_str!(concat!($path, ".sql"))
    };
}

macro_rules! source {
    ($path:literal) => {
        concat!("crates/fix7-manifest/src/routines/", $path, ".sql")
    };
}

/// In creation order within their steps.
pub const ROUTINES: &[&Routine] = &[
    &H02,
    &H03,
    &H04,
    &H05,
    &H06,
    &H07_RELATION,
    &H07_ROUTINE,
    &H06_VIEW,
    &H07_SCHEMA,
    &H07_TYPE,
    &H07_DATABASE,
    &MANIFEST_ID_OF,
    &SEALED_ROWS_IMMUTABLE,
    &TRUNCATE_REFUSED,
    &LEGACY_FROZEN,
    &ENVELOPE_TRANSITION,
    &CATALOG_ROWS_IMMUTABLE,
    &CATALOG_ROOT_TRANSITION,
    &EVIDENCE_APPEND_ONLY,
    &REGISTRY_APPEND_ONLY,
    &EPOCH_MOVES_BY_ONE,
    &EVIDENCE_WRITER,
    &LEVEL_B_WRITER,
    &SIGNOFF_WRITER,
    &ACTIVATION_TRANSITION,
    &SESSION_PRINCIPAL,
    &HUMAN_OF,
    &HOLDS_SLOT,
    &CATALOG_DRIFT,
    &PROTECTED_STATE,
    &PRIVILEGE_SNAPSHOT,
    &CANDIDATE_SET_SHA256,
    &ASSERT_REVERSIBLE,
    &ASSERT_CATALOG_REVERSIBLE,
    &REALIZED_CONSTRAINT,
    &CHECK_OBJECT_AUTHORITY_IMMUTABLE,
    &CHECK_EXPECTED_SET_EMPTY,
    &CHECK_ITEM_MISSING,
    &CHECK_ITEM_EXTRA,
    &CHECK_ITEM_COUNT_WRONG,
    &CHECK_ORDINAL_NOT_CONTIGUOUS,
    &CHECK_ITEM_DIGEST_MISMATCH,
    &CHECK_PAYLOAD_DIGEST_MISMATCH,
    &CHECK_ENVELOPE_DIGEST_MISMATCH,
    &CHECK_OPERAND_INCOMPATIBLE,
    &CHECK_THRESHOLD_UNRESOLVED,
    &CHECK_EXPECTED_CONSTRAINT_SET_MISMATCH,
    &CHECK_CATALOG_NOT_SEALED,
    &CHECK_WRITER_TYPE_UNKNOWN,
    &CHECK_EPOCH_MOVED,
    &CHECK_SURFACE_NOT_SEALED,
    &CHECK_SET_DIGEST_MISMATCH,
    &CHECK_SIGNOFF_REJECTED,
    &CHECK_QUORUM_NOT_MET,
    &CHECK_SAME_HUMAN,
    &CHECK_ACTIVATION_OBJECT_AUTHORITY,
    &CHECK_NOTHING_ACTIVE,
    &RECORD_EXECUTION,
    &RECORD_RUN,
    &LEVEL_B_PAIRS,
    &CP_SEAL_CATALOG,
    &CHECK_PAYLOAD_NOT_AS_APPROVED,
    &CP_SEAL,
    &CP_ACTIVATE,
    &CP_SUPERSEDE,
    &CP_RECORD_SIGNOFF,
    &CP_RECORD_EVIDENCE,
    &CP_RECORD_MEASUREMENT,
    &CP_VERIFY_CATALOG,
    &CP_VERIFY_SEAL,
    &CP_VERIFY_ACTIVATION,
    &CP_VERIFY_SIGNOFF,
    &CP_VERIFY_EVIDENCE,
    &CP_VERIFY_MEASUREMENT,
    &CP_VERIFY_READINESS,
    &CP_VERIFY_DENIAL,
    &CP_VERIFY_PRIVILEGES,
    &CP_VERIFY_PROTECTED_STATE,
    &CP_RECORD_FINDINGS,
    &CP_SCAN,
    &READ_THRESHOLD,
    &READ_RETAIN_DAYS,
    &DEPENDENCY_DRIFT,
    &GATE_OBSERVATION,
    &QT001_WRITER_GATEWAY,
];

/// H02: the payload of a surface, in ordinal order.
pub const H02: Routine = Routine {
    name: "h02",
    arguments: "p_ordinals integer[], p_item_keys text[], p_item_digests bytea[]",
    argument_types: "integer[],text[],bytea[]",
    returns: "bytea",
    language: Language::Plpgsql,
    volatility: Volatility::Immutable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    body: body!("hash/h02"),
    doc: "H02: the payload of a surface, in ordinal order",
    source: source!("hash/h02"),
};

/// H03: an envelope.
pub const H03: Routine = Routine {
    name: "h03",
    arguments: "p_surface_no integer, p_version integer, p_item_count integer, p_payload_sha256 bytea, p_expected_sha256 bytea",
    argument_types: "integer,integer,integer,bytea,bytea",
    returns: "bytea",
    language: Language::Plpgsql,
    volatility: Volatility::Immutable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    body: body!("hash/h03"),
    doc: "H03: an envelope",
    source: source!("hash/h03"),
};

/// H04_SCOPE_V1: the scope of a signoff, evidence by its artifact digest.
pub const H04: Routine = Routine {
    name: "h04",
    arguments: "p_manifest_id uuid, p_surface_no integer, p_payload_sha256 bytea, p_slot text, p_principal_id text, p_evidence_sha256 bytea, p_control_epoch bigint, p_decision text",
    argument_types: "uuid,integer,bytea,text,text,bytea,bigint,text",
    returns: "bytea",
    language: Language::Plpgsql,
    volatility: Volatility::Immutable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    body: body!("hash/h04"),
    doc: "H04_SCOPE_V1: the scope of a signoff, evidence by its artifact digest",
    source: source!("hash/h04"),
};

/// H05: a set of objects, by identity in byte order.
pub const H05: Routine = Routine {
    name: "h05",
    arguments: "p_identities text[]",
    argument_types: "text[]",
    returns: "bytea",
    language: Language::Plpgsql,
    volatility: Volatility::Immutable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    body: body!("hash/h05"),
    doc: "H05: a set of objects, by identity in byte order",
    source: source!("hash/h05"),
};

/// H06: the source of a routine: kind, types, properties, settings and body bytes.
pub const H06: Routine = Routine {
    name: "h06",
    arguments: "p_routine regprocedure",
    argument_types: "regprocedure",
    returns: "bytea",
    language: Language::Sql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    body: body!("hash/h06"),
    doc: "H06: the source of a routine: kind, types, properties, settings and body bytes",
    source: source!("hash/h06"),
};

/// H07: the privileges of a relation, expanded through acldefault.
pub const H07_RELATION: Routine = Routine {
    name: "h07_relation",
    arguments: "p_relation regclass",
    argument_types: "regclass",
    returns: "bytea",
    language: Language::Sql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    body: body!("hash/h07_relation"),
    doc: "H07: the privileges of a relation, expanded through acldefault",
    source: source!("hash/h07_relation"),
};

/// H07: the privileges of a routine, expanded through acldefault.
pub const H07_ROUTINE: Routine = Routine {
    name: "h07_routine",
    arguments: "p_routine regprocedure",
    argument_types: "regprocedure",
    returns: "bytea",
    language: Language::Sql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    body: body!("hash/h07_routine"),
    doc: "H07: the privileges of a routine, expanded through acldefault",
    source: source!("hash/h07_routine"),
};

/// H06: the source of a view, as the server prints it, with its major version.
pub const H06_VIEW: Routine = Routine {
    name: "h06_view",
    arguments: "p_view regclass",
    argument_types: "regclass",
    returns: "bytea",
    language: Language::Sql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    body: body!("hash/h06_view"),
    doc: "H06: the source of a view, as the server prints it, with its major version",
    source: source!("hash/h06_view"),
};

/// H07: the privileges of a schema.
pub const H07_SCHEMA: Routine = Routine {
    name: "h07_schema",
    arguments: "p_schema regnamespace",
    argument_types: "regnamespace",
    returns: "bytea",
    language: Language::Sql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    body: body!("hash/h07_schema"),
    doc: "H07: the privileges of a schema",
    source: source!("hash/h07_schema"),
};

/// H07: the privileges of a type.
pub const H07_TYPE: Routine = Routine {
    name: "h07_type",
    arguments: "p_type regtype",
    argument_types: "regtype",
    returns: "bytea",
    language: Language::Sql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    body: body!("hash/h07_type"),
    doc: "H07: the privileges of a type",
    source: source!("hash/h07_type"),
};

/// H07: the privileges of the current database.
pub const H07_DATABASE: Routine = Routine {
    name: "h07_database",
    arguments: "",
    argument_types: "",
    returns: "bytea",
    language: Language::Sql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    body: body!("hash/h07_database"),
    doc: "H07: the privileges of the current database",
    source: source!("hash/h07_database"),
};

/// manifest_id from H03: an uuid of version 8.
pub const MANIFEST_ID_OF: Routine = Routine {
    name: "manifest_id_of",
    arguments: "p_envelope_sha256 bytea",
    argument_types: "bytea",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Immutable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Hash,
    step: Step::new(2),
    body: body!("hash/manifest_id_of"),
    doc: "manifest_id from H03: an uuid of version 8",
    source: source!("hash/manifest_id_of"),
};

/// Refuses every change to rows of a sealed version; reads the envelope FOR SHARE, so that an insert can't race the seal.
pub const SEALED_ROWS_IMMUTABLE: Routine = Routine {
    name: "sealed_rows_immutable",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    body: body!("immutability/sealed_rows_immutable"),
    doc: "Refuses every change to rows of a sealed version; reads the envelope FOR SHARE, so that an insert can't race the seal",
    source: source!("immutability/sealed_rows_immutable"),
};

/// Refuses TRUNCATE, which row triggers never see.
pub const TRUNCATE_REFUSED: Routine = Routine {
    name: "truncate_refused",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    body: body!("immutability/truncate_refused"),
    doc: "Refuses TRUNCATE, which row triggers never see",
    source: source!("immutability/truncate_refused"),
};

/// Refuses every write to a frozen table.
pub const LEGACY_FROZEN: Routine = Routine {
    name: "legacy_frozen",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    body: body!("immutability/legacy_frozen"),
    doc: "Refuses every write to a frozen table of the legacy path",
    source: source!("immutability/legacy_frozen"),
};

/// Lets an envelope change once, from draft to sealed, and runs every seal check when it does.
pub const ENVELOPE_TRANSITION: Routine = Routine {
    name: "envelope_transition",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    body: body!("immutability/envelope_transition"),
    doc: "Lets an envelope change once, from draft to sealed, and runs every seal check when it does",
    source: source!("immutability/envelope_transition"),
};

/// Refuses every change to families and items once the catalog root is sealed.
pub const CATALOG_ROWS_IMMUTABLE: Routine = Routine {
    name: "catalog_rows_immutable",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    body: body!("immutability/catalog_rows_immutable"),
    doc: "Refuses every change to families and items once the catalog root is sealed",
    source: source!("immutability/catalog_rows_immutable"),
};

/// Lets the catalog root change once, from draft to sealed, when families and items are exactly those counted.
pub const CATALOG_ROOT_TRANSITION: Routine = Routine {
    name: "catalog_root_transition",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    body: body!("immutability/catalog_root_transition"),
    doc: "Lets the catalog root change once, from draft to sealed, when families and items are exactly those counted",
    source: source!("immutability/catalog_root_transition"),
};

/// Refuses UPDATE and DELETE of evidence, for everybody.
pub const EVIDENCE_APPEND_ONLY: Routine = Routine {
    name: "evidence_append_only",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    body: body!("immutability/evidence_append_only"),
    doc: "Refuses UPDATE and DELETE of evidence, for everybody",
    source: source!("immutability/evidence_append_only"),
};

/// Refuses UPDATE and DELETE of registry rows, for everybody.
pub const REGISTRY_APPEND_ONLY: Routine = Routine {
    name: "registry_append_only",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    body: body!("immutability/registry_append_only"),
    doc: "Refuses UPDATE and DELETE of registry rows, for everybody",
    source: source!("immutability/registry_append_only"),
};

/// Lets the control epoch move up by one, and by nothing else.
pub const EPOCH_MOVES_BY_ONE: Routine = Routine {
    name: "epoch_moves_by_one",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    body: body!("immutability/epoch_moves_by_one"),
    doc: "Lets the control epoch move up by one, and by nothing else",
    source: source!("immutability/epoch_moves_by_one"),
};

/// Lets evidence be written only by a principal that holds the verifier slot, under its own login.
pub const EVIDENCE_WRITER: Routine = Routine {
    name: "evidence_writer",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    body: body!("immutability/evidence_writer"),
    doc: "Lets evidence be written only by a principal that holds the verifier slot, under its own login",
    source: source!("immutability/evidence_writer"),
};

/// Records a packet execution for the login that ran it, for nobody else.
pub const LEVEL_B_WRITER: Routine = Routine {
    name: "level_b_writer",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    body: body!("immutability/level_b_writer"),
    doc: "Records a packet execution for the login that ran it, for nobody else",
    source: source!("immutability/level_b_writer"),
};

/// Lets a signoff be recorded only by its signer, in a slot held, for the sealed payload at the current epoch, and not by one human in two separated slots.
pub const SIGNOFF_WRITER: Routine = Routine {
    name: "signoff_writer",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    body: body!("immutability/signoff_writer"),
    doc: "Lets a signoff be recorded only by its signer, in a slot held, for the sealed payload at the current epoch, and not by one human in two separated slots",
    source: source!("immutability/signoff_writer"),
};

/// Runs every activation check when an activation or supersession is inserted.
pub const ACTIVATION_TRANSITION: Routine = Routine {
    name: "activation_transition",
    arguments: "",
    argument_types: "",
    returns: "trigger",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Trigger,
    step: Step::new(2),
    body: body!("immutability/activation_transition"),
    doc: "Runs every activation check when an activation or supersession is inserted",
    source: source!("immutability/activation_transition"),
};

/// The principal of the session's login, through the newest sealed #02; never current_user, never an argument.
pub const SESSION_PRINCIPAL: Routine = Routine {
    name: "session_principal",
    arguments: "",
    argument_types: "",
    returns: "text",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    body: body!("readers/session_principal"),
    doc: "The principal of the session's login, through the newest sealed #02; never current_user, never an argument",
    source: source!("readers/session_principal"),
};

/// The human behind a principal, through the newest sealed #02.
pub const HUMAN_OF: Routine = Routine {
    name: "human_of",
    arguments: "p_principal_id text",
    argument_types: "text",
    returns: "text",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    body: body!("readers/human_of"),
    doc: "The human behind a principal, through the newest sealed #02",
    source: source!("readers/human_of"),
};

/// Whether a principal holds a slot, through the newest sealed #03.
pub const HOLDS_SLOT: Routine = Routine {
    name: "holds_slot",
    arguments: "p_principal_id text, p_slot text, p_slot_scope text",
    argument_types: "text,text,text",
    returns: "boolean",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    body: body!("readers/holds_slot"),
    doc: "Whether a principal holds a slot, through the newest sealed #03",
    source: source!("readers/holds_slot"),
};

/// How the catalog differs from its own counts and digest; empty when it does not.
pub const CATALOG_DRIFT: Routine = Routine {
    name: "catalog_drift",
    arguments: "",
    argument_types: "",
    returns: "TABLE(detail text)",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    body: body!("readers/catalog_drift"),
    doc: "How the catalog differs from its own counts and digest; empty when it does not",
    source: source!("readers/catalog_drift"),
};

/// What can be seen of each object that must not change, and whether it is as #20 sealed it.
pub const PROTECTED_STATE: Routine = Routine {
    name: "protected_state",
    arguments: "",
    argument_types: "",
    returns: "TABLE(object_name text, state_sha256 bytea, as_sealed boolean, row_count bigint)",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    body: body!("readers/protected_state"),
    doc: "What can be seen of each object that must not change, and whether it is as #20 sealed it",
    source: source!("readers/protected_state"),
};

/// Owners and privileges of the sealed set and of what surrounds it.
pub const PRIVILEGE_SNAPSHOT: Routine = Routine {
    name: "privilege_snapshot",
    arguments: "",
    argument_types: "",
    returns: "TABLE(object_name text, privilege_acl_hash bytea)",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    body: body!("readers/privilege_snapshot"),
    doc: "Owners and privileges of the sealed set and of what surrounds it, a digest each: objects, sequences, columns, schemas, defaults, memberships, effective rights",
    source: source!("readers/privilege_snapshot"),
};

/// Digest of the set of newest sealed versions.
pub const CANDIDATE_SET_SHA256: Routine = Routine {
    name: "candidate_set_sha256",
    arguments: "",
    argument_types: "",
    returns: "bytea",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    body: body!("readers/candidate_set_sha256"),
    doc: "Digest of the set of newest sealed versions",
    source: source!("readers/candidate_set_sha256"),
};

/// Refuses the way back of a version's rows once it is sealed.
pub const ASSERT_REVERSIBLE: Routine = Routine {
    name: "assert_reversible",
    arguments: "p_manifest_id uuid",
    argument_types: "uuid",
    returns: "void",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    body: body!("readers/assert_reversible"),
    doc: "Refuses the way back of a version's rows once it is sealed",
    source: source!("readers/assert_reversible"),
};

/// Refuses the way back of the catalog's rows once it is sealed.
pub const ASSERT_CATALOG_REVERSIBLE: Routine = Routine {
    name: "assert_catalog_reversible",
    arguments: "",
    argument_types: "",
    returns: "void",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    body: body!("readers/assert_catalog_reversible"),
    doc: "Refuses the way back of the catalog's rows once it is sealed",
    source: source!("readers/assert_catalog_reversible"),
};

/// Columns, constraints, indexes, triggers, NOT NULLs, defaults, domains and routine properties as the catalog holds them; NULL reads the whole schema.
pub const REALIZED_CONSTRAINT: Routine = Routine {
    name: "realized_constraint",
    arguments: "p_relation text",
    argument_types: "text",
    returns: "TABLE(object_kind text, relation_name text, object_name text, definition text)",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Reader,
    step: Step::new(6),
    body: body!("readers/realized_constraint"),
    doc: "Columns, constraints, indexes, triggers, NOT NULLs, defaults, domains and routine properties as the catalog holds them; NULL reads the whole schema",
    source: source!("readers/realized_constraint"),
};

/// Seal check: columns, constraints, indexes, triggers, domains and routine properties are exactly the expected ones, in both directions.
pub const CHECK_OBJECT_AUTHORITY_IMMUTABLE: Routine = Routine {
    name: "check_object_authority_immutable",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 13 },
    step: Step::new(6),
    body: body!("seal/check_object_authority_immutable"),
    doc: "Seal check: columns, constraints, indexes, triggers, domains and routine properties are exactly the expected ones, in both directions",
    source: source!("seal/check_object_authority_immutable"),
};

/// Seal check: something is expected.
pub const CHECK_EXPECTED_SET_EMPTY: Routine = Routine {
    name: "check_expected_set_empty",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 2 },
    step: Step::new(6),
    body: body!("seal/check_expected_set_empty"),
    doc: "Seal check: something is expected",
    source: source!("seal/check_expected_set_empty"),
};

/// Seal check: every expected item is there.
pub const CHECK_ITEM_MISSING: Routine = Routine {
    name: "check_item_missing",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 3 },
    step: Step::new(6),
    body: body!("seal/check_item_missing"),
    doc: "Seal check: every expected item is there",
    source: source!("seal/check_item_missing"),
};

/// Seal check: every item is expected.
pub const CHECK_ITEM_EXTRA: Routine = Routine {
    name: "check_item_extra",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 4 },
    step: Step::new(6),
    body: body!("seal/check_item_extra"),
    doc: "Seal check: every item is expected",
    source: source!("seal/check_item_extra"),
};

/// Seal check: the envelope counts its items.
pub const CHECK_ITEM_COUNT_WRONG: Routine = Routine {
    name: "check_item_count_wrong",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 5 },
    step: Step::new(6),
    body: body!("seal/check_item_count_wrong"),
    doc: "Seal check: the envelope counts its items",
    source: source!("seal/check_item_count_wrong"),
};

/// Seal check: ordinals run from 1 without a gap.
pub const CHECK_ORDINAL_NOT_CONTIGUOUS: Routine = Routine {
    name: "check_ordinal_not_contiguous",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 6 },
    step: Step::new(6),
    body: body!("seal/check_ordinal_not_contiguous"),
    doc: "Seal check: ordinals run from 1 without a gap",
    source: source!("seal/check_ordinal_not_contiguous"),
};

/// Seal check: every item digest recomputes.
pub const CHECK_ITEM_DIGEST_MISMATCH: Routine = Routine {
    name: "check_item_digest_mismatch",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 7 },
    step: Step::new(6),
    body: body!("seal/check_item_digest_mismatch"),
    doc: "Seal check: every item digest recomputes",
    source: source!("seal/check_item_digest_mismatch"),
};

/// Seal check: the payload digest recomputes.
pub const CHECK_PAYLOAD_DIGEST_MISMATCH: Routine = Routine {
    name: "check_payload_digest_mismatch",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 8 },
    step: Step::new(6),
    body: body!("seal/check_payload_digest_mismatch"),
    doc: "Seal check: the payload digest recomputes",
    source: source!("seal/check_payload_digest_mismatch"),
};

/// Seal check: the envelope digest recomputes, expected keys included.
pub const CHECK_ENVELOPE_DIGEST_MISMATCH: Routine = Routine {
    name: "check_envelope_digest_mismatch",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 9 },
    step: Step::new(6),
    body: body!("seal/check_envelope_digest_mismatch"),
    doc: "Seal check: the envelope digest recomputes, expected keys included",
    source: source!("seal/check_envelope_digest_mismatch"),
};

/// Seal check: every operator suits its operand type.
pub const CHECK_OPERAND_INCOMPATIBLE: Routine = Routine {
    name: "check_operand_incompatible",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 10 },
    step: Step::new(6),
    body: body!("seal/check_operand_incompatible"),
    doc: "Seal check: every operator suits its operand type",
    source: source!("seal/check_operand_incompatible"),
};

/// Seal check: every threshold that is referred to exists with that type.
pub const CHECK_THRESHOLD_UNRESOLVED: Routine = Routine {
    name: "check_threshold_unresolved",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 11 },
    step: Step::new(6),
    body: body!("seal/check_threshold_unresolved"),
    doc: "Seal check: every threshold that is referred to exists with that type",
    source: source!("seal/check_threshold_unresolved"),
};

/// Seal check: the expected constraints are those whose digests the authority scope holds.
pub const CHECK_EXPECTED_CONSTRAINT_SET_MISMATCH: Routine = Routine {
    name: "check_expected_constraint_set_mismatch",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::SealCheck { order: 12 },
    step: Step::new(6),
    body: body!("seal/check_expected_constraint_set_mismatch"),
    doc: "Seal check: the expected constraints are those whose digests the authority scope holds",
    source: source!("seal/check_expected_constraint_set_mismatch"),
};

/// Activation check: the code catalog is sealed.
pub const CHECK_CATALOG_NOT_SEALED: Routine = Routine {
    name: "check_catalog_not_sealed",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 1 },
    step: Step::new(8),
    body: body!("activation/check_catalog_not_sealed"),
    doc: "Activation check: the code catalog is sealed",
    source: source!("activation/check_catalog_not_sealed"),
};

/// Activation check: the writer type is in the closed set.
pub const CHECK_WRITER_TYPE_UNKNOWN: Routine = Routine {
    name: "check_writer_type_unknown",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 2 },
    step: Step::new(8),
    body: body!("activation/check_writer_type_unknown"),
    doc: "Activation check: the writer type is in the closed set",
    source: source!("activation/check_writer_type_unknown"),
};

/// Activation check: the epoch is the expected one.
pub const CHECK_EPOCH_MOVED: Routine = Routine {
    name: "check_epoch_moved",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 3 },
    step: Step::new(8),
    body: body!("activation/check_epoch_moved"),
    doc: "Activation check: the epoch is the expected one",
    source: source!("activation/check_epoch_moved"),
};

/// Activation check: every surface has a sealed version.
pub const CHECK_SURFACE_NOT_SEALED: Routine = Routine {
    name: "check_surface_not_sealed",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 4 },
    step: Step::new(8),
    body: body!("activation/check_surface_not_sealed"),
    doc: "Activation check: every surface has a sealed version",
    source: source!("activation/check_surface_not_sealed"),
};

/// Activation check: the set is the one that the caller named.
pub const CHECK_SET_DIGEST_MISMATCH: Routine = Routine {
    name: "check_set_digest_mismatch",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 5 },
    step: Step::new(8),
    body: body!("activation/check_set_digest_mismatch"),
    doc: "Activation check: the set is the one that the caller named",
    source: source!("activation/check_set_digest_mismatch"),
};

/// Activation check: nobody rejected the set at this epoch.
pub const CHECK_SIGNOFF_REJECTED: Routine = Routine {
    name: "check_signoff_rejected",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 6 },
    step: Step::new(8),
    body: body!("activation/check_signoff_rejected"),
    doc: "Activation check: nobody rejected the set at this epoch",
    source: source!("activation/check_signoff_rejected"),
};

/// Activation check: enough distinct humans approved every surface in every slot.
pub const CHECK_QUORUM_NOT_MET: Routine = Routine {
    name: "check_quorum_not_met",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 7 },
    step: Step::new(8),
    body: body!("activation/check_quorum_not_met"),
    doc: "Activation check: enough distinct humans approved every surface in every slot",
    source: source!("activation/check_quorum_not_met"),
};

/// Activation check: no human signed two separated slots.
pub const CHECK_SAME_HUMAN: Routine = Routine {
    name: "check_same_human",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 8 },
    step: Step::new(8),
    body: body!("activation/check_same_human"),
    doc: "Activation check: no human signed two separated slots",
    source: source!("activation/check_same_human"),
};

/// Activation check: the whole schema is as sealed.
pub const CHECK_ACTIVATION_OBJECT_AUTHORITY: Routine = Routine {
    name: "check_activation_object_authority",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 9 },
    step: Step::new(8),
    body: body!("activation/check_activation_object_authority"),
    doc: "Activation check: the whole schema is as sealed",
    source: source!("activation/check_activation_object_authority"),
};

/// Activation check: there is something to supersede.
pub const CHECK_NOTHING_ACTIVE: Routine = Routine {
    name: "check_nothing_active",
    arguments: "p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea",
    argument_types: "text,bigint,text,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::ActivationCheck { order: 10 },
    step: Step::new(8),
    body: body!("activation/check_nothing_active"),
    doc: "Activation check: there is something to supersede",
    source: source!("activation/check_nothing_active"),
};

/// Leaves the packet execution of a Level-B mutation, in the same call.
pub const RECORD_EXECUTION: Routine = Routine {
    name: "record_execution",
    arguments: "p_entrypoint text, p_subject text, p_subject_sha256 bytea",
    argument_types: "text,text,bytea",
    returns: "void",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    body: body!("entrypoints/record_execution"),
    doc: "Leaves the packet execution of a Level-B mutation, in the same call",
    source: source!("entrypoints/record_execution"),
};

/// Leaves the run of a Level-A verifier, with the digest of the verifier as it ran.
pub const RECORD_RUN: Routine = Routine {
    name: "record_run",
    arguments: "p_verifier text, p_subject text, p_verdict text",
    argument_types: "text,text,text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(6),
    body: body!("entrypoints/record_run"),
    doc: "Leaves the run of a Level-A verifier, with the digest of the verifier as it ran",
    source: source!("entrypoints/record_run"),
};

/// Each mutation that was executed, with the newest run of the verifier that #17 pairs with its entry point.
pub const LEVEL_B_PAIRS: Routine = Routine {
    name: "level_b_pairs",
    arguments: "",
    argument_types: "",
    returns: "TABLE(entrypoint text, subject text, verifier text, verdict text, pinned boolean, fresh boolean)",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Reader,
    step: Step::new(6),
    body: body!("readers/level_b_pairs"),
    doc: "Each mutation that was executed, with the newest run of the verifier that #17 pairs with its entry point",
    source: source!("readers/level_b_pairs"),
};

/// Seals the code catalog whose digest the caller approved.
pub const CP_SEAL_CATALOG: Routine = Routine {
    name: "cp_seal_catalog",
    arguments: "p_expected_sha256 bytea",
    argument_types: "bytea",
    returns: "void",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelB {
        verifier: "cp_verify_catalog",
    },
    step: Step::new(6),
    body: body!("entrypoints/cp_seal_catalog"),
    doc: "Seals the code catalog whose digest the caller approved",
    source: source!("entrypoints/cp_seal_catalog"),
};

/// What the caller of the seal approved is what is there.
pub const CHECK_PAYLOAD_NOT_AS_APPROVED: Routine = Routine {
    name: "check_payload_not_as_approved",
    arguments: "p_manifest_id uuid, p_expected_payload_sha256 bytea",
    argument_types: "uuid,bytea",
    returns: "SETOF {cp}.violation",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::EntryCheck,
    step: Step::new(6),
    body: body!("entrypoints/check_payload_not_as_approved"),
    doc: "What the caller of the seal approved is what is there",
    source: source!("entrypoints/check_payload_not_as_approved"),
};

/// Seals the version whose payload the caller approved.
pub const CP_SEAL: Routine = Routine {
    name: "cp_seal",
    arguments: "p_manifest_id uuid, p_expected_payload_sha256 bytea",
    argument_types: "uuid,bytea",
    returns: "void",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelB {
        verifier: "cp_verify_seal",
    },
    step: Step::new(6),
    body: body!("entrypoints/cp_seal"),
    doc: "Seals the version whose payload the caller approved",
    source: source!("entrypoints/cp_seal"),
};

/// Makes the set of newest sealed versions active for a writer type, and begins the next epoch.
pub const CP_ACTIVATE: Routine = Routine {
    name: "cp_activate",
    arguments: "p_writer_type text, p_expected_epoch bigint, p_expected_set_sha256 bytea",
    argument_types: "text,bigint,bytea",
    returns: "void",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelB {
        verifier: "cp_verify_activation",
    },
    step: Step::new(6),
    body: body!("entrypoints/cp_activate"),
    doc: "Makes the set of newest sealed versions active for a writer type, and begins the next epoch",
    source: source!("entrypoints/cp_activate"),
};

/// Ends the active set of a writer type, and begins the next epoch.
pub const CP_SUPERSEDE: Routine = Routine {
    name: "cp_supersede",
    arguments: "p_writer_type text, p_expected_epoch bigint",
    argument_types: "text,bigint",
    returns: "void",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelB {
        verifier: "cp_verify_activation",
    },
    step: Step::new(6),
    body: body!("entrypoints/cp_supersede"),
    doc: "Ends the active set of a writer type, and begins the next epoch",
    source: source!("entrypoints/cp_supersede"),
};

/// Records the decision of the session's human on one sealed version.
pub const CP_RECORD_SIGNOFF: Routine = Routine {
    name: "cp_record_signoff",
    arguments: "p_manifest_id uuid, p_slot text, p_evidence_id uuid, p_decision text",
    argument_types: "uuid,text,uuid,text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelB {
        verifier: "cp_verify_signoff",
    },
    step: Step::new(6),
    body: body!("entrypoints/cp_record_signoff"),
    doc: "Records the decision of the session's human on one sealed version",
    source: source!("entrypoints/cp_record_signoff"),
};

/// Records an artifact by its digest.
pub const CP_RECORD_EVIDENCE: Routine = Routine {
    name: "cp_record_evidence",
    arguments: "p_evidence_kind text, p_artifact_sha256 bytea, p_artifact_uri text",
    argument_types: "text,bytea,text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelB {
        verifier: "cp_verify_evidence",
    },
    step: Step::new(6),
    body: body!("entrypoints/cp_record_evidence"),
    doc: "Records an artifact by its digest",
    source: source!("entrypoints/cp_record_evidence"),
};

/// Records a measured value for a capability, with the artifact that holds its samples.
pub const CP_RECORD_MEASUREMENT: Routine = Routine {
    name: "cp_record_measurement",
    arguments: "p_capability text, p_metric text, p_value numeric, p_samples integer, p_evidence_id uuid",
    argument_types: "text,text,numeric,integer,uuid",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelB {
        verifier: "cp_verify_measurement",
    },
    step: Step::new(6),
    body: body!("entrypoints/cp_record_measurement"),
    doc: "Records a measured value for a capability, with the artifact that holds its samples",
    source: source!("entrypoints/cp_record_measurement"),
};

/// Recounts the catalog.
pub const CP_VERIFY_CATALOG: Routine = Routine {
    name: "cp_verify_catalog",
    arguments: "",
    argument_types: "",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    body: body!("verifiers/cp_verify_catalog"),
    doc: "Recounts the catalog",
    source: source!("verifiers/cp_verify_catalog"),
};

/// Recomputes a sealed payload from the typed columns alone.
pub const CP_VERIFY_SEAL: Routine = Routine {
    name: "cp_verify_seal",
    arguments: "p_manifest_id uuid, p_surface_no integer",
    argument_types: "uuid,integer",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    body: body!("verifiers/cp_verify_seal"),
    doc: "Recomputes a sealed payload from the typed columns alone",
    source: source!("verifiers/cp_verify_seal"),
};

/// Recomputes the active set from the activation's own lines.
pub const CP_VERIFY_ACTIVATION: Routine = Routine {
    name: "cp_verify_activation",
    arguments: "p_writer_type text",
    argument_types: "text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    body: body!("verifiers/cp_verify_activation"),
    doc: "Recomputes each set that was active from the activation's own lines, and that what was superseded is not",
    source: source!("verifiers/cp_verify_activation"),
};

/// Recomputes the scope of a signoff.
pub const CP_VERIFY_SIGNOFF: Routine = Routine {
    name: "cp_verify_signoff",
    arguments: "p_signoff_id uuid",
    argument_types: "uuid",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    body: body!("verifiers/cp_verify_signoff"),
    doc: "Recomputes the scope of a signoff",
    source: source!("verifiers/cp_verify_signoff"),
};

/// Checks that evidence is retained.
pub const CP_VERIFY_EVIDENCE: Routine = Routine {
    name: "cp_verify_evidence",
    arguments: "p_evidence_id uuid",
    argument_types: "uuid",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    body: body!("verifiers/cp_verify_evidence"),
    doc: "Recomputes the identity of evidence, and checks that it is retained",
    source: source!("verifiers/cp_verify_evidence"),
};

/// Checks a measurement against its requirement, its evidence and its execution.
pub const CP_VERIFY_MEASUREMENT: Routine = Routine {
    name: "cp_verify_measurement",
    arguments: "p_measurement_id uuid",
    argument_types: "uuid",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    body: body!("verifiers/cp_verify_measurement"),
    doc: "Checks a measurement against its requirement, its evidence and its execution",
    source: source!("verifiers/cp_verify_measurement"),
};

/// Records what is seen of every gate of the active set.
pub const CP_VERIFY_READINESS: Routine = Routine {
    name: "cp_verify_readiness",
    arguments: "p_writer_type text",
    argument_types: "text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    body: body!("verifiers/cp_verify_readiness"),
    doc: "Records what is seen of every gate of the active set",
    source: source!("verifiers/cp_verify_readiness"),
};

/// Records a refusal that was tried, after checking the claim against the catalog.
pub const CP_VERIFY_DENIAL: Routine = Routine {
    name: "cp_verify_denial",
    arguments: "p_persona text, p_relation text, p_privilege text, p_refused_with text",
    argument_types: "text,text,text,text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    body: body!("verifiers/cp_verify_denial"),
    doc: "Records a refusal that was tried, after checking the claim against the catalog",
    source: source!("verifiers/cp_verify_denial"),
};

/// Records the privilege digest of every legacy member.
pub const CP_VERIFY_PRIVILEGES: Routine = Routine {
    name: "cp_verify_privileges",
    arguments: "p_moment text",
    argument_types: "text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    body: body!("verifiers/cp_verify_privileges"),
    doc: "Records the complete snapshot of privileges: a digest of each legacy member and of what surrounds it",
    source: source!("verifiers/cp_verify_privileges"),
};

/// Records the state of every object that must not change.
pub const CP_VERIFY_PROTECTED_STATE: Routine = Routine {
    name: "cp_verify_protected_state",
    arguments: "",
    argument_types: "",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    body: body!("verifiers/cp_verify_protected_state"),
    doc: "Records the state of every object that must not change, and what got worse since the seal or the last run",
    source: source!("verifiers/cp_verify_protected_state"),
};

/// Imports what a static analysis found in sealed legacy bodies, from an artifact that was recorded.
pub const CP_RECORD_FINDINGS: Routine = Routine {
    name: "cp_record_findings",
    arguments: "p_document text",
    argument_types: "text",
    returns: "uuid",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    body: body!("verifiers/cp_record_findings"),
    doc: "Imports what a static analysis found in sealed legacy bodies, from an artifact that was recorded",
    source: source!("verifiers/cp_record_findings"),
};

/// Runs the paired verifier of every effect that is there, then looks at the gates.
pub const CP_SCAN: Routine = Routine {
    name: "cp_scan",
    arguments: "",
    argument_types: "",
    returns: "TABLE(executed bigint, sound bigint, unsound text[])",
    language: Language::Plpgsql,
    volatility: Volatility::Volatile,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::LevelA,
    step: Step::new(6),
    body: body!("verifiers/cp_scan"),
    doc: "Runs the paired verifier of every effect that is there, then looks at the gates",
    source: source!("verifiers/cp_scan"),
};

/// The value of a sealed threshold in the active set of a writer type.
pub const READ_THRESHOLD: Routine = Routine {
    name: "read_threshold",
    arguments: "p_writer_type text, p_threshold text",
    argument_types: "text,text",
    returns: "numeric",
    language: Language::SqlAtomic,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Reader,
    step: Step::new(8),
    body: body!("adapters/read_threshold"),
    doc: "The value of a sealed threshold in the active set of a writer type",
    source: source!("adapters/read_threshold"),
};

/// How many days a kind of evidence is kept, in the active set of a writer type.
pub const READ_RETAIN_DAYS: Routine = Routine {
    name: "read_retain_days",
    arguments: "p_writer_type text, p_evidence_kind text",
    argument_types: "text,text",
    returns: "integer",
    language: Language::SqlAtomic,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Reader,
    step: Step::new(8),
    body: body!("adapters/read_retain_days"),
    doc: "How many days a kind of evidence is kept, in the active set of a writer type",
    source: source!("adapters/read_retain_days"),
};

/// What the code of the control plane depends on and the active #11 does not know.
pub const DEPENDENCY_DRIFT: Routine = Routine {
    name: "dependency_drift",
    arguments: "p_writer_type text",
    argument_types: "text",
    returns: "TABLE(detail text)",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(8),
    body: body!("readers/dependency_drift"),
    doc: "What the code of the control plane depends on and the active #11 does not know; empty when nothing",
    source: source!("readers/dependency_drift"),
};

/// What can be seen of each gate, over the active set of a writer type; with the number of objects it ranges over.
pub const GATE_OBSERVATION: Routine = Routine {
    name: "gate_observation",
    arguments: "p_writer_type text",
    argument_types: "text",
    returns: "TABLE(gate_key text, is_met boolean, population bigint)",
    language: Language::Sql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Invoker,
    kind: RoutineKind::Internal,
    step: Step::new(8),
    body: body!("readers/gate_observation"),
    doc: "What can be seen of each gate, over the active set of a writer type; with the number of objects it ranges over",
    source: source!("readers/gate_observation"),
};

/// Decides whether a writer may write, and says which gates stand against it; refuses when asked to write while one does.
pub const QT001_WRITER_GATEWAY: Routine = Routine {
    name: "qt001_writer_gateway",
    arguments: "p_writer_type text, p_request jsonb, p_write boolean",
    argument_types: "text,jsonb,boolean",
    returns: "TABLE(decision text, blocking_gates text[])",
    language: Language::Plpgsql,
    volatility: Volatility::Stable,
    strict: false,
    security: Security::Definer,
    kind: RoutineKind::Gateway,
    step: Step::new(8),
    body: body!("gateway"),
    doc: "Decides whether a writer may write, and says which gates stand against it; refuses when asked to write while one does",
    source: source!("gateway"),
};
