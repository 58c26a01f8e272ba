//! What each seal and activation check must refuse alone, beside what every surface's definition yields.

use manifest_model::{ActivationProbe, CheckFault, Fault};

const OBJECTS: &[&str] = &["check_activation_object_authority"];

/// An activation of the birth writer, with an approval of every surface in each slot that #16 asks for.
pub const ACTIVATION_PROBE: ActivationProbe = ActivationProbe {
    table: "manifest_activation",
    base: &[
        "alter table {cp}.evidence_registry disable trigger evidence_registry_writer",
        "insert into {cp}.evidence_registry (evidence_id, evidence_kind, artifact_sha256, artifact_uri, control_epoch, principal_id) values ('00000000-0000-8000-8000-0000000000a1', 'signoff_artifact', sha256('negative'), 'urn:negative:payloads', 1, 'p_verifier')",
        "alter table {cp}.evidence_registry enable always trigger evidence_registry_writer",
        "alter table {cp}.signoff_binding disable trigger signoff_binding_writer",
        "insert into {cp}.signoff_binding (manifest_id, surface_no, payload_sha256, slot, principal_id, evidence_id, control_epoch, decision, scope_sha256) select l.manifest_id, l.surface_no, l.payload_sha256, s.slot, s.principal_id, '00000000-0000-8000-8000-0000000000a1', 1, 'approve', sha256('negative') from {cp}.latest_sealed l cross join (values ('reviewer', 'p_reviewer'), ('binder', 'p_binder'), ('owner', 'p_owner')) s (slot, principal_id)",
        "alter table {cp}.signoff_binding enable always trigger signoff_binding_writer",
    ],
    row: &[
        ("writer_type", "'birth_writer'"),
        ("control_epoch", "2"),
        ("action", "'activate'"),
        ("set_sha256", "{cp}.candidate_set_sha256()"),
        ("actor", "session_user"),
    ],
};

/// In the order of the checks.
pub const CHECK_FAULTS: &[CheckFault] = &[
    CheckFault {
        check: "check_expected_set_empty",
        reason: "EXPECTED_SET_EMPTY",
        object: "expected_item",
        what: "no item is expected",
        without: &["check_item_extra", "check_envelope_digest_mismatch"],
        arrange: &[],
        fault: Fault::Draft {
            surface: "workload_profile_manifest",
            change: "delete from {cp}.expected_item where manifest_id = {draft}",
            recompute: false,
        },
    },
    CheckFault {
        check: "check_operand_incompatible",
        reason: "OPERAND_INCOMPATIBLE",
        object: "policy_rule_manifest",
        what: "an operator for sets on a number",
        without: &[],
        arrange: &[],
        fault: Fault::Draft {
            surface: "policy_rule_manifest",
            change: "update {cp}.policy_rule_manifest set operator = 'SET_EQ' where manifest_id = {draft} and ordinal = 1",
            recompute: true,
        },
    },
    CheckFault {
        check: "check_operand_incompatible",
        reason: "OPERAND_INCOMPATIBLE",
        object: "capability_measurement_requirement",
        what: "an operator for sets on a number",
        without: &[],
        arrange: &[],
        fault: Fault::Draft {
            surface: "capability_measurement_requirement",
            change: "update {cp}.capability_measurement_requirement set operator = 'SET_EQ' where manifest_id = {draft} and ordinal = 1",
            recompute: true,
        },
    },
    CheckFault {
        check: "check_operand_incompatible",
        reason: "OPERAND_INCOMPATIBLE",
        object: "threshold_manifest",
        what: "an operator for sets on a number",
        without: &[],
        arrange: &[],
        fault: Fault::Draft {
            surface: "threshold_manifest",
            change: "update {cp}.threshold_manifest set operator = 'SET_EQ' where manifest_id = {draft} and ordinal = 1",
            recompute: true,
        },
    },
    CheckFault {
        check: "check_threshold_unresolved",
        reason: "THRESHOLD_UNRESOLVED",
        object: "policy_rule_manifest",
        what: "a threshold that #06 does not have",
        without: &[],
        arrange: &[],
        fault: Fault::Draft {
            surface: "policy_rule_manifest",
            change: "update {cp}.policy_rule_manifest set threshold = 'no_such_threshold' where manifest_id = {draft} and ordinal = 1",
            recompute: true,
        },
    },
    CheckFault {
        check: "check_threshold_unresolved",
        reason: "THRESHOLD_UNRESOLVED",
        object: "capability_measurement_requirement",
        what: "a threshold that #06 does not have",
        without: &[],
        arrange: &[],
        fault: Fault::Draft {
            surface: "capability_measurement_requirement",
            change: "update {cp}.capability_measurement_requirement set threshold = 'no_such_threshold' where manifest_id = {draft} and ordinal = 1",
            recompute: true,
        },
    },
    CheckFault {
        check: "check_expected_constraint_set_mismatch",
        reason: "EXPECTED_CONSTRAINT_SET_MISMATCH",
        object: "expected_constraint",
        what: "one constraint less is expected than the scope's digest says",
        without: &[],
        arrange: &[],
        fault: Fault::Draft {
            surface: "authority_scope_manifest",
            change: "delete from {cp}.expected_constraint where manifest_id = {draft} and relation_name = 'readiness_gate_manifest' and object_name = 'readiness_gate_manifest_pk'",
            recompute: true,
        },
    },
    CheckFault {
        check: "check_catalog_not_sealed",
        reason: "CATALOG_FAMILY_DRIFT",
        object: "code_catalog_root",
        what: "the code catalog is a draft",
        without: OBJECTS,
        arrange: &["alter table {cp}.code_catalog_root disable trigger code_catalog_root_transition"],
        fault: Fault::State("update {cp}.code_catalog_root set state = 'draft', sealed_at = null"),
    },
    CheckFault {
        check: "check_writer_type_unknown",
        reason: "WRITER_TYPE_UNKNOWN",
        object: "writer_type_manifest",
        what: "a writer type that #04 does not list",
        without: OBJECTS,
        arrange: &[],
        fault: Fault::Value {
            column: "writer_type",
            literal: "'no_such_writer'",
            given: &[],
        },
    },
    CheckFault {
        check: "check_epoch_moved",
        reason: "EPOCH_MOVED",
        object: "control_epoch",
        what: "the epoch moved since it was read",
        without: OBJECTS,
        arrange: &[],
        fault: Fault::State("update {cp}.control_epoch set epoch = epoch + 1"),
    },
    CheckFault {
        check: "check_surface_not_sealed",
        reason: "SURFACE_NOT_SEALED",
        object: "workload_profile_manifest",
        what: "one surface is a draft",
        without: OBJECTS,
        arrange: &["alter table {cp}.manifest_envelope disable trigger manifest_envelope_transition"],
        fault: Fault::State(
            "update {cp}.manifest_envelope set state = 'draft', sealed_at = null, sealed_by = null where surface_no = (select t.surface_no from {cp}.surface_table t where t.table_name = 'workload_profile_manifest')",
        ),
    },
    CheckFault {
        check: "check_set_digest_mismatch",
        reason: "SET_DIGEST_MISMATCH",
        object: "manifest_activation",
        what: "the digest of another set",
        without: OBJECTS,
        arrange: &[],
        fault: Fault::Value {
            column: "set_sha256",
            literal: "'\\x0909090909090909090909090909090909090909090909090909090909090909'",
            given: &[],
        },
    },
    CheckFault {
        check: "check_signoff_rejected",
        reason: "SIGNOFF_REJECTED",
        object: "signoff_binding",
        what: "one reviewer rejected one surface",
        without: OBJECTS,
        arrange: &["alter table {cp}.signoff_binding disable trigger signoff_binding_writer"],
        fault: Fault::State(
            "insert into {cp}.signoff_binding (manifest_id, surface_no, payload_sha256, slot, principal_id, evidence_id, control_epoch, decision, scope_sha256) select b.manifest_id, b.surface_no, b.payload_sha256, b.slot, 'p_reviewer_second', b.evidence_id, b.control_epoch, 'reject', b.scope_sha256 from {cp}.signoff_binding b where b.surface_no = 1 and b.slot = 'reviewer'",
        ),
    },
    CheckFault {
        check: "check_quorum_not_met",
        reason: "QUORUM_NOT_MET",
        object: "signoff_binding",
        what: "one surface lacks one approval",
        without: OBJECTS,
        arrange: &["alter table {cp}.signoff_binding disable trigger signoff_binding_append_only"],
        fault: Fault::State("delete from {cp}.signoff_binding where surface_no = 1 and slot = 'owner'"),
    },
    CheckFault {
        check: "check_same_human",
        reason: "SAME_HUMAN",
        object: "signoff_binding",
        what: "one human signed in two separated slots",
        without: OBJECTS,
        arrange: &["alter table {cp}.signoff_binding disable trigger signoff_binding_writer"],
        fault: Fault::State(
            "insert into {cp}.signoff_binding (manifest_id, surface_no, payload_sha256, slot, principal_id, evidence_id, control_epoch, decision, scope_sha256) select b.manifest_id, b.surface_no, b.payload_sha256, 'binder', b.principal_id, b.evidence_id, b.control_epoch, b.decision, b.scope_sha256 from {cp}.signoff_binding b where b.surface_no = 1 and b.slot = 'reviewer'",
        ),
    },
    CheckFault {
        check: "check_activation_object_authority",
        reason: "OBJECT_AUTHORITY_IMMUTABLE",
        object: "workload_profile_manifest",
        what: "a deferred key is dropped after the seal",
        without: &[],
        arrange: &[],
        fault: Fault::State(
            "alter table {cp}.workload_profile_manifest drop constraint workload_profile_manifest_envelope_fk",
        ),
    },
    CheckFault {
        check: "check_nothing_active",
        reason: "NOTHING_ACTIVE",
        object: "manifest_activation",
        what: "supersedes a writer type of which nothing is active",
        without: OBJECTS,
        arrange: &[
            "insert into {cp}.manifest_activation (writer_type, control_epoch, action, set_sha256, actor) values ('birth_writer', 2, 'activate', {cp}.candidate_set_sha256(), session_user)",
            "update {cp}.control_epoch set epoch = 2",
        ],
        fault: Fault::Value {
            column: "writer_type",
            literal: "'readback'",
            given: &[
                ("control_epoch", "3"),
                ("action", "'supersede'"),
                ("set_sha256", "null"),
            ],
        },
    },
];
