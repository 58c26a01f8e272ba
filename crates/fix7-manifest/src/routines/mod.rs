//! Routines of the control plane as data, a file a kind; their bodies are the `.sql` files beside it.
//!
//! A new seal check: its body under `seal/`, its entry in `seal.rs` with its `order`, its place in [`ROUTINES`], its
//! reason code.

/// A routine whose body is a file beside this one, named by its path without `.sql`; none is strict.
macro_rules! routine {
    ($path:literal, $($field:ident: $value:expr),+ $(,)?) => {
        Routine {
            strict: false,
            body: include_str!(concat!($path, ".sql")),
            source: concat!("crates/fix7-manifest/src/routines/", $path, ".sql"),
            $($field: $value),+
        }
    };
}

mod activation;
mod adapters;
mod entrypoints;
mod gateway;
mod hash;
mod immutability;
mod readers;
mod seal;
mod verifiers;

use manifest_model::Routine;

pub use gateway::QT001_WRITER_GATEWAY;
pub use readers::GATE_OBSERVATION;

/// In creation order within their steps.
pub const ROUTINES: &[&Routine] = &[
    &hash::H02,
    &hash::H03,
    &hash::H04,
    &hash::H05,
    &hash::H06,
    &hash::H07_RELATION,
    &hash::H07_ROUTINE,
    &hash::H06_VIEW,
    &hash::H07_SCHEMA,
    &hash::H07_TYPE,
    &hash::H07_DATABASE,
    &hash::MANIFEST_ID_OF,
    &immutability::SEALED_ROWS_IMMUTABLE,
    &immutability::TRUNCATE_REFUSED,
    &immutability::LEGACY_FROZEN,
    &immutability::ENVELOPE_TRANSITION,
    &immutability::CATALOG_ROWS_IMMUTABLE,
    &immutability::CATALOG_ROOT_TRANSITION,
    &immutability::EVIDENCE_APPEND_ONLY,
    &immutability::REGISTRY_APPEND_ONLY,
    &immutability::EPOCH_MOVES_BY_ONE,
    &immutability::EVIDENCE_WRITER,
    &immutability::LEVEL_B_WRITER,
    &immutability::SIGNOFF_WRITER,
    &immutability::ACTIVATION_TRANSITION,
    &readers::SESSION_PRINCIPAL,
    &readers::HUMAN_OF,
    &readers::HOLDS_SLOT,
    &readers::CATALOG_DRIFT,
    &readers::PROTECTED_STATE,
    &readers::PRIVILEGE_SNAPSHOT,
    &readers::CANDIDATE_SET_SHA256,
    &readers::ASSERT_REVERSIBLE,
    &readers::ASSERT_CATALOG_REVERSIBLE,
    &readers::REALIZED_CONSTRAINT,
    &seal::CHECK_OBJECT_AUTHORITY_IMMUTABLE,
    &seal::CHECK_EXPECTED_SET_EMPTY,
    &seal::CHECK_ITEM_MISSING,
    &seal::CHECK_ITEM_EXTRA,
    &seal::CHECK_ITEM_COUNT_WRONG,
    &seal::CHECK_ORDINAL_NOT_CONTIGUOUS,
    &seal::CHECK_ITEM_DIGEST_MISMATCH,
    &seal::CHECK_PAYLOAD_DIGEST_MISMATCH,
    &seal::CHECK_ENVELOPE_DIGEST_MISMATCH,
    &seal::CHECK_OPERAND_INCOMPATIBLE,
    &seal::CHECK_THRESHOLD_UNRESOLVED,
    &seal::CHECK_EXPECTED_CONSTRAINT_SET_MISMATCH,
    &activation::CHECK_CATALOG_NOT_SEALED,
    &activation::CHECK_WRITER_TYPE_UNKNOWN,
    &activation::CHECK_EPOCH_MOVED,
    &activation::CHECK_SURFACE_NOT_SEALED,
    &activation::CHECK_SET_DIGEST_MISMATCH,
    &activation::CHECK_SIGNOFF_REJECTED,
    &activation::CHECK_QUORUM_NOT_MET,
    &activation::CHECK_SAME_HUMAN,
    &activation::CHECK_ACTIVATION_OBJECT_AUTHORITY,
    &activation::CHECK_NOTHING_ACTIVE,
    &entrypoints::RECORD_EXECUTION,
    &entrypoints::RECORD_RUN,
    &readers::LEVEL_B_PAIRS,
    &entrypoints::CP_SEAL_CATALOG,
    &entrypoints::CHECK_PAYLOAD_NOT_AS_APPROVED,
    &entrypoints::CP_SEAL,
    &entrypoints::CP_ACTIVATE,
    &entrypoints::CP_SUPERSEDE,
    &entrypoints::CP_RECORD_SIGNOFF,
    &entrypoints::CP_RECORD_EVIDENCE,
    &entrypoints::CP_RECORD_MEASUREMENT,
    &verifiers::CP_VERIFY_CATALOG,
    &verifiers::CP_VERIFY_SEAL,
    &verifiers::CP_VERIFY_ACTIVATION,
    &verifiers::CP_VERIFY_SIGNOFF,
    &verifiers::CP_VERIFY_EVIDENCE,
    &verifiers::CP_VERIFY_MEASUREMENT,
    &verifiers::CP_VERIFY_READINESS,
    &verifiers::CP_VERIFY_DENIAL,
    &verifiers::CP_VERIFY_PRIVILEGES,
    &verifiers::CP_VERIFY_PROTECTED_STATE,
    &verifiers::CP_RECORD_FINDINGS,
    &verifiers::CP_SCAN,
    &adapters::READ_THRESHOLD,
    &adapters::READ_RETAIN_DAYS,
    &readers::DEPENDENCY_DRIFT,
    &GATE_OBSERVATION,
    &QT001_WRITER_GATEWAY,
];
