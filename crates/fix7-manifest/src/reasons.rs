//! Every reason code, in the order in which checks run; rows of #22 and items of the family REASON_CODE.
//!
//! The codes have SQLSTATEs of class `Q7`, one each, so that a client acts without parsing text.

use manifest_model::ReasonCode;
use manifest_model::Severity::{self, NoGo, Refusal};

const fn reason(
    code: &'static str,
    sqlstate: &'static str,
    severity: Severity,
    doc: &'static str,
) -> ReasonCode {
    ReasonCode {
        code,
        sqlstate,
        severity,
        doc,
    }
}

/// In check order: what is cheap to see comes first, the whole catalog last. A new code has the next
/// free SQLSTATE, wherever it stands; a code keeps its SQLSTATE for good.
pub const REASON_CODES: &[ReasonCode] = &[
    reason(
        "SEALED_ROW_IMMUTABLE",
        "Q7002",
        Refusal,
        "The row belongs to a sealed version; author and seal a new version instead",
    ),
    reason(
        "TRUNCATE_REFUSED",
        "Q7003",
        Refusal,
        "Tables of the control plane are never truncated",
    ),
    reason(
        "ENVELOPE_TRANSITION_REFUSED",
        "Q7004",
        Refusal,
        "An envelope is inserted as draft and changes once, to sealed, with nothing else changed",
    ),
    reason(
        "ENVELOPE_UNKNOWN",
        "Q7005",
        Refusal,
        "There is no envelope with this identity",
    ),
    reason(
        "EXPECTED_SET_EMPTY",
        "Q7006",
        NoGo,
        "The exact set of expected items is empty, so nothing could be missing from it",
    ),
    reason("ITEM_MISSING", "Q7007", NoGo, "An expected item is not there"),
    reason(
        "ITEM_EXTRA",
        "Q7008",
        NoGo,
        "An item is there that is not expected",
    ),
    reason(
        "ITEM_COUNT_WRONG",
        "Q7009",
        NoGo,
        "The envelope's item_count is not the number of items",
    ),
    reason(
        "ORDINAL_NOT_CONTIGUOUS",
        "Q7010",
        NoGo,
        "Ordinals do not run from 1 without a gap",
    ),
    reason(
        "ITEM_DIGEST_MISMATCH",
        "Q7011",
        NoGo,
        "The digest of an item does not recompute from its columns",
    ),
    reason(
        "PAYLOAD_DIGEST_MISMATCH",
        "Q7012",
        NoGo,
        "The payload digest of an envelope does not recompute from its items",
    ),
    reason(
        "ENVELOPE_DIGEST_MISMATCH",
        "Q7013",
        NoGo,
        "The digest of an envelope does not recompute from its number, version, count, payload and expected keys",
    ),
    reason(
        "PAYLOAD_NOT_AS_APPROVED",
        "Q7014",
        Refusal,
        "The payload digest is not the one that the caller approved",
    ),
    reason(
        "OPERAND_INCOMPATIBLE",
        "Q7015",
        NoGo,
        "An operator is applied to an operand type that the compatibility surface does not allow",
    ),
    reason(
        "THRESHOLD_UNRESOLVED",
        "Q7016",
        NoGo,
        "A rule or requirement refers to a threshold that is not sealed",
    ),
    reason(
        "EXPECTED_CONSTRAINT_SET_MISMATCH",
        "Q7017",
        NoGo,
        "The expected constraints of a relation are not those whose digest the authority scope holds",
    ),
    reason(
        "OBJECT_AUTHORITY_IMMUTABLE",
        "Q7001",
        NoGo,
        "A constraint, index, trigger, domain, default or routine property of the control plane is not the sealed one; restore it, nothing seals or activates until then",
    ),
    reason(
        "SEALED_NOT_REVERSIBLE",
        "Q7018",
        Refusal,
        "Sealed rows are not deleted; the way back after the seal drops their tables, or activates a new version",
    ),
    reason(
        "CATALOG_IMMUTABLE",
        "Q7019",
        Refusal,
        "The code catalog is sealed",
    ),
    reason(
        "CATALOG_FAMILY_DRIFT",
        "Q7020",
        NoGo,
        "The families or items of the catalog are not exactly those counted",
    ),
    reason(
        "EVIDENCE_APPEND_ONLY",
        "Q7021",
        Refusal,
        "Evidence is never changed or deleted",
    ),
    reason(
        "NOT_PINNED_VERIFIER",
        "Q7022",
        Refusal,
        "Evidence is written by a principal that holds the verifier slot, under its own login",
    ),
    reason(
        "PRINCIPAL_UNKNOWN",
        "Q7023",
        Refusal,
        "The session's login is no principal of the sealed principal surface",
    ),
    reason(
        "SLOT_NOT_HELD",
        "Q7024",
        Refusal,
        "The principal does not hold the slot",
    ),
    reason(
        "SIGNER_NOT_SESSION_USER",
        "Q7025",
        Refusal,
        "A signoff is recorded by the signer's own login",
    ),
    reason(
        "SAME_HUMAN",
        "Q7026",
        Refusal,
        "Two separated slots would be signed by one human",
    ),
    reason(
        "SIGNOFF_STALE",
        "Q7027",
        Refusal,
        "The signoff is for another control epoch",
    ),
    reason(
        "SIGNOFF_PAYLOAD_MISMATCH",
        "Q7028",
        Refusal,
        "The signoff is for another payload, or for one that is not sealed",
    ),
    reason(
        "SIGNOFF_SCOPE_MISMATCH",
        "Q7029",
        Refusal,
        "The scope digest of the signoff does not recompute from its 8 keys",
    ),
    reason(
        "SIGNOFF_REJECTED",
        "Q7030",
        NoGo,
        "A signer rejected the set at this epoch",
    ),
    reason(
        "QUORUM_NOT_MET",
        "Q7031",
        NoGo,
        "Fewer distinct humans approved than the quorum demands",
    ),
    reason(
        "EPOCH_MOVED",
        "Q7032",
        Refusal,
        "The control epoch is no longer the expected one; read it again and decide anew",
    ),
    reason(
        "SET_DIGEST_MISMATCH",
        "Q7033",
        Refusal,
        "The sealed set is not the one that the caller named",
    ),
    reason(
        "WRITER_TYPE_UNKNOWN",
        "Q7034",
        Refusal,
        "The writer type is not in the closed set",
    ),
    reason(
        "SURFACE_NOT_SEALED",
        "Q7035",
        NoGo,
        "A surface of the closed set has no sealed version",
    ),
    reason(
        "NOTHING_ACTIVE",
        "Q7036",
        Refusal,
        "No set is active for the writer type",
    ),
    reason(
        "REGISTRY_APPEND_ONLY",
        "Q7037",
        Refusal,
        "Rows of this registry are never changed or deleted",
    ),
    reason(
        "EPOCH_NOT_MONOTONIC",
        "Q7038",
        Refusal,
        "The control epoch moves up by one, and by nothing else",
    ),
    reason(
        "ACTOR_NOT_SESSION_USER",
        "Q7039",
        Refusal,
        "A packet execution is recorded for the login that ran it",
    ),
    reason(
        "READINESS_BLOCKED",
        "Q7040",
        Refusal,
        "Readiness is BLOCKED, so nothing is written; the message names the gates",
    ),
    reason(
        "WRITER_NOT_IMPLEMENTED",
        "Q7041",
        Refusal,
        "No adapter that mutates is shipped",
    ),
    reason(
        "DENIAL_NOT_REAL",
        "Q7042",
        Refusal,
        "The claimed denial does not agree with the catalog",
    ),
    reason(
        "SUBJECT_UNKNOWN",
        "Q7043",
        Refusal,
        "The verifier was given a subject that does not exist",
    ),
    reason(
        "ITEM_RULE_BROKEN",
        "Q7044",
        NoGo,
        "The rule of an item is not met",
    ),
    reason(
        "SURFACE_SET_DRIFT",
        "Q7045",
        NoGo,
        "The set of surfaces or of runtime tables is not the sealed one",
    ),
    reason(
        "HASH_CONTRACT_DRIFT",
        "Q7046",
        NoGo,
        "The components of a hash contract are not the sealed ones",
    ),
    reason(
        "RETENTION_UNSEALED",
        "Q7047",
        NoGo,
        "Evidence is kept without a sealed retention policy or archive",
    ),
    reason(
        "CAPABILITY_UNPROVEN",
        "Q7048",
        NoGo,
        "A capability has no sufficient measured evidence",
    ),
    reason(
        "EVIDENCE_MISSING",
        "Q7049",
        NoGo,
        "Evidence that is required is not there",
    ),
    reason(
        "VERIFIER_STALE",
        "Q7050",
        NoGo,
        "A verifier has not run within its staleness limit",
    ),
    reason(
        "DENOMINATOR_DRIFT",
        "Q7051",
        NoGo,
        "An inventory does not have its exact members",
    ),
    reason(
        "SCOPE_DRIFT",
        "Q7052",
        NoGo,
        "An object is not classed, or not as sealed",
    ),
    reason(
        "DIRECTUS_READ_DRIFT",
        "Q7053",
        NoGo,
        "A captured read of the application role is no longer held",
    ),
    reason(
        "WORKLOAD_PROFILE_DRIFT",
        "Q7054",
        NoGo,
        "A measurement was taken under a load that is not sealed",
    ),
    reason(
        "ADAPTER_INPUT_DRIFT",
        "Q7055",
        NoGo,
        "An adapter reads a column that it may not read",
    ),
    reason(
        "ADAPTER_SOURCE_MISMATCH",
        "Q7056",
        NoGo,
        "The source of an adapter is not the sealed one",
    ),
    reason(
        "GATEWAY_IDENTITY_MISMATCH",
        "Q7057",
        NoGo,
        "The live gateway is not the pinned one",
    ),
    reason(
        "REPOINT_SOURCE_MISMATCH",
        "Q7058",
        NoGo,
        "A live source is neither the pinned old nor the pinned new one",
    ),
    reason(
        "LEGACY_REACHABLE",
        "Q7059",
        NoGo,
        "A legacy object is reachable from a new entry point",
    ),
    reason(
        "DEPENDENCY_DRIFT",
        "Q7060",
        NoGo,
        "A dependency edge is not the sealed one",
    ),
    reason(
        "LEGACY_FROZEN",
        "Q7061",
        Refusal,
        "The table belongs to the legacy path, which is frozen; the new path is the gateway",
    ),
    reason(
        "LEGACY_LITERAL",
        "Q7062",
        NoGo,
        "A sealed legacy body compares or computes with a literal of its own",
    ),
    reason(
        "LEGACY_READINESS_CONSTANT",
        "Q7063",
        NoGo,
        "A sealed legacy body answers with a constant",
    ),
    reason(
        "LEGACY_SELF_AUDIT",
        "Q7064",
        NoGo,
        "A sealed legacy body rests on another that decides by constants of its own",
    ),
];
