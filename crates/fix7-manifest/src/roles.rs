//! Contract roles, what they are granted, and the logins that a rehearsal acts under.
//!
//! No contract role can log in. `qt001_cp_writer` gets its EXECUTE on the gateway in S15 and nowhere
//! else [ruling A19]. `qt001_cp_signer` only opens the door of `cp_record_signoff`: what a signature
//! counts for is decided by the slots of #03.

use manifest_model::{AccessGrant, FirstActivation, Persona, Privilege, Role};

/// Owns every object of the schema.
pub const OWNER: &str = "qt001_cp_owner";
const VERIFIER: &str = "qt001_cp_verifier";
const OPERATOR: &str = "qt001_cp_operator";
const SIGNER: &str = "qt001_cp_signer";
const WRITER: &str = "qt001_cp_writer";
const AUDITOR: &str = "qt001_cp_auditor";

/// The owner first.
pub const ROLES: &[Role] = &[
    Role {
        name: OWNER,
        doc: "owns every object of the control plane; nobody is a member outside a package's transaction",
    },
    Role {
        name: VERIFIER,
        doc: "may run the Level-A verifiers, and through them alone write evidence",
    },
    Role {
        name: OPERATOR,
        doc: "may call the owner's entry points: seal, activate, supersede",
    },
    Role {
        name: SIGNER,
        doc: "may record a signoff under its own login; #03 says what it counts for",
    },
    Role {
        name: WRITER,
        doc: "may call the writer gateway, from S15 on",
    },
    Role {
        name: AUDITOR,
        doc: "may read every relation and recompute every digest",
    },
];

const fn execute(role: &'static str, routine: &'static str) -> AccessGrant {
    AccessGrant {
        role,
        privilege: Privilege::Execute(routine),
    }
}

const fn usage(role: &'static str) -> AccessGrant {
    AccessGrant {
        role,
        privilege: Privilege::SchemaUsage,
    }
}

/// Everything that anybody but the owner holds in the schema before S15.
pub const GRANTS: &[AccessGrant] = &[
    usage(VERIFIER),
    usage(OPERATOR),
    usage(SIGNER),
    usage(AUDITOR),
    execute(OPERATOR, "cp_seal_catalog"),
    execute(OPERATOR, "cp_seal"),
    execute(OPERATOR, "cp_activate"),
    execute(OPERATOR, "cp_supersede"),
    execute(SIGNER, "cp_record_signoff"),
    execute(VERIFIER, "cp_record_evidence"),
    execute(VERIFIER, "cp_verify_catalog"),
    execute(VERIFIER, "cp_verify_seal"),
    execute(VERIFIER, "cp_verify_activation"),
    execute(VERIFIER, "cp_verify_signoff"),
    execute(VERIFIER, "cp_verify_evidence"),
    execute(VERIFIER, "cp_verify_measurement"),
    execute(VERIFIER, "cp_verify_readiness"),
    execute(VERIFIER, "cp_verify_denial"),
    execute(VERIFIER, "cp_verify_privileges"),
    execute(VERIFIER, "cp_verify_protected_state"),
    execute(VERIFIER, "cp_record_findings"),
    execute(VERIFIER, "cp_scan"),
    execute(VERIFIER, "cp_record_measurement"),
    AccessGrant {
        role: AUDITOR,
        privilege: Privilege::SelectAll,
    },
    execute(AUDITOR, "h02"),
    execute(AUDITOR, "h03"),
    execute(AUDITOR, "h04"),
    execute(AUDITOR, "h05"),
    execute(AUDITOR, "h06"),
    execute(AUDITOR, "h06_view"),
    execute(AUDITOR, "h07_relation"),
    execute(AUDITOR, "h07_routine"),
    execute(AUDITOR, "h07_schema"),
    execute(AUDITOR, "h07_type"),
    execute(AUDITOR, "h07_database"),
    execute(AUDITOR, "manifest_id_of"),
    execute(AUDITOR, "realized_constraint"),
    execute(AUDITOR, "privilege_snapshot"),
    execute(AUDITOR, "level_b_pairs"),
    execute(AUDITOR, "seal_violations"),
    // What `seal_violations` asks, with the rights of whoever calls it.
    execute(AUDITOR, "check_expected_set_empty"),
    execute(AUDITOR, "check_item_missing"),
    execute(AUDITOR, "check_item_extra"),
    execute(AUDITOR, "check_item_count_wrong"),
    execute(AUDITOR, "check_ordinal_not_contiguous"),
    execute(AUDITOR, "check_item_digest_mismatch"),
    execute(AUDITOR, "check_payload_digest_mismatch"),
    execute(AUDITOR, "check_envelope_digest_mismatch"),
    execute(AUDITOR, "check_operand_incompatible"),
    execute(AUDITOR, "check_threshold_unresolved"),
    execute(AUDITOR, "check_expected_constraint_set_mismatch"),
    execute(AUDITOR, "check_object_authority_immutable"),
];

/// Logins of #02 that a rehearsal makes for itself and rolls back.
pub const PERSONAS: &[Persona] = &[
    Persona {
        name: "operator",
        login: "fix7_operator",
        member_of: &[OPERATOR],
    },
    Persona {
        name: "verifier",
        login: "fix7_verifier",
        member_of: &[VERIFIER],
    },
    Persona {
        name: "author",
        login: "fix7_author",
        member_of: &[SIGNER],
    },
    Persona {
        name: "reviewer",
        login: "fix7_reviewer",
        member_of: &[SIGNER],
    },
    Persona {
        name: "reviewer_second",
        login: "fix7_reviewer_second",
        member_of: &[SIGNER],
    },
    Persona {
        name: "binder",
        login: "fix7_binder",
        member_of: &[SIGNER],
    },
    Persona {
        name: "signing_owner",
        login: "fix7_owner",
        member_of: &[SIGNER],
    },
    Persona {
        name: "auditor",
        login: "fix7_auditor",
        member_of: &[AUDITOR],
    },
    Persona {
        name: "outsider",
        login: "fix7_outsider",
        member_of: &[],
    },
];

/// The quorum of #16, each slot by another human of #02.
pub const FIRST_ACTIVATION: FirstActivation = FirstActivation {
    writer_type: "birth_writer",
    operator: "operator",
    verifier: "verifier",
    evidence_kind: "signoff_artifact",
    signers: &[
        ("reviewer", "reviewer"),
        ("binder", "binder"),
        ("signing_owner", "owner"),
    ],
};
