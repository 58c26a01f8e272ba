//! Family `signoff`: a signature by the wrong human, in the wrong slot, on the wrong payload, or of another day.
//!
//! Who signs is `session_user`, mapped through the sealed #02 [ruling A7]; who counts is the human [ruling B6].

use super::{ACTIVATE, ACTIVE, EVIDENCE, GATES, SET_DIGEST, SIGN, SIGNED, blind_activation_check};
use manifest_model::AttackStage::{Activated, Sealed};
use manifest_model::Repelled::Refused;
use manifest_model::{Attack, AttackFamily, Shield, shield};

const WRITER: Shield = shield("trigger", "{cp}.signoff_binding", "signoff_binding_writer");
const UNGUARDED: &[&str] = &["alter table {cp}.signoff_binding disable trigger signoff_binding_writer"];
const SLOT_OWNER: &str = "select set_config('attack.slot', 'owner', true)";
const SLOT_REVIEWER: &str = "select set_config('attack.slot', 'reviewer', true)";
const SLOT_BINDER: &str = "select set_config('attack.slot', 'binder', true)";
/// A reviewer whom somebody made a member of the owner's role: past privileges, not past the trigger.
const REVIEWER_OWNS: &str = "grant qt001_cp_owner to fix7_reviewer";
/// A signature written by hand, with everything right but what the statement replaces.
macro_rules! written_by_hand {
    ($principal:literal, $epoch:literal, $scope:literal) => {
        concat!(
            "insert into {cp}.signoff_binding (manifest_id, surface_no, payload_sha256, slot, principal_id, evidence_id, control_epoch, decision, scope_sha256)
select l.manifest_id, l.surface_no, l.payload_sha256, 'reviewer', ", $principal, ", r.evidence_id, ", $epoch, ", 'approve',
  {cp}.h04(", $scope, ", l.payload_sha256, 'reviewer', ", $principal, ", r.artifact_sha256, ", $epoch, ", 'approve')
from {cp}.latest_sealed l, {cp}.evidence_registry r
where l.manifest_id = current_setting('attack.manifest')::uuid and r.evidence_id = current_setting('attack.evidence')::uuid"
        )
    };
}

/// The family.
pub const FAMILY: AttackFamily = AttackFamily {
    id: "signoff",
    title: "Spoof, self-sign, sign twice, sign for another epoch or payload, or undo a rejection",
    source: file!(),
    fields: None,
    attacks: &[
        Attack {
            id: "reviewer_signs_in_the_owners_slot",
            what: "A reviewer takes a slot that #03 did not give to them",
            stage: Sealed,
            arrange: &[EVIDENCE, GATES, SLOT_OWNER],
            acts: &[("reviewer", SIGN)],
            repelled: Refused("SLOT_NOT_HELD"),
            shield: shield("routine", "{cp}.signoff_writer", "holds_slot"),
            lower: &[
                "create or replace function {cp}.holds_slot(p_principal_id text, p_slot text, p_slot_scope text) returns boolean language plpgsql stable set search_path = pg_catalog, pg_temp as 'begin return true; end'",
            ],
            gain: "select b.principal_id from {cp}.signoff_binding b where b.slot = 'owner'",
        },
        Attack {
            id: "author_signs_as_reviewer_of_their_own_work",
            what: "The author approves what the author wrote",
            stage: Sealed,
            arrange: &[EVIDENCE, GATES, SLOT_REVIEWER],
            acts: &[("author", SIGN)],
            repelled: Refused("SLOT_NOT_HELD"),
            shield: shield(
                "row",
                "{cp}.slot_binding_manifest",
                "no slot reviewer for p_author",
            ),
            lower: &[
                "alter table {cp}.slot_binding_manifest disable trigger slot_binding_manifest_sealed_rows",
                "insert into {cp}.slot_binding_manifest (manifest_id, surface_no, ordinal, item_key, refusal_code, principal_id, slot, slot_scope, item_sha256) select s.manifest_id, s.surface_no, 99, 'smuggled', s.refusal_code, 'p_author', 'reviewer', 'activation', s.item_sha256 from {cp}.slot_binding_manifest s where s.ordinal = 1",
            ],
            gain: "select b.slot from {cp}.signoff_binding b where b.principal_id = 'p_author'",
        },
        Attack {
            id: "unknown_login_signs",
            what: "A login that #02 does not know signs, with the signer's door open to it",
            stage: Sealed,
            arrange: &[
                EVIDENCE,
                GATES,
                SLOT_REVIEWER,
                "grant qt001_cp_signer to fix7_outsider",
            ],
            acts: &[("outsider", SIGN)],
            repelled: Refused("SLOT_NOT_HELD"),
            shield: shield("routine", "{cp}.session_principal", "login through #02"),
            lower: &[
                "create or replace function {cp}.session_principal() returns text language plpgsql stable set search_path = pg_catalog, pg_temp as 'begin return ''p_reviewer''; end'",
            ],
            gain: "select b.principal_id from {cp}.signoff_binding b where b.slot = 'reviewer'",
        },
        Attack {
            id: "binder_takes_the_reviewers_role",
            what: "SET ROLE to another signer's login, which a membership allows, to sign in their name",
            stage: Sealed,
            arrange: &[
                EVIDENCE,
                GATES,
                SLOT_REVIEWER,
                "grant fix7_reviewer to fix7_binder",
            ],
            acts: &[(
                "binder",
                "set local role fix7_reviewer; select {cp}.cp_record_signoff(current_setting('attack.manifest')::uuid, current_setting('attack.slot'), current_setting('attack.evidence')::uuid, 'approve')",
            )],
            repelled: Refused("SLOT_NOT_HELD"),
            shield: shield("routine", "{cp}.session_principal", "session_user"),
            lower: &[
                "create or replace function {cp}.session_principal() returns text language plpgsql stable set search_path = pg_catalog, pg_temp as 'begin return (select p.principal_id::text from {cp}.principal_manifest p where p.login_role::text = current_setting(''role'')); end'",
            ],
            gain: "select b.slot from {cp}.signoff_binding b where b.principal_id = 'p_reviewer'",
        },
        Attack {
            id: "reviewer_names_another_principal",
            what: "A row that says, as an argument, that somebody else signed",
            stage: Sealed,
            arrange: &[EVIDENCE, GATES, REVIEWER_OWNS],
            acts: &[(
                "reviewer",
                written_by_hand!("'p_reviewer_second'", "1", "l.manifest_id, l.surface_no"),
            )],
            repelled: Refused("SIGNER_NOT_SESSION_USER"),
            shield: WRITER,
            lower: UNGUARDED,
            gain: "select b.slot from {cp}.signoff_binding b where b.principal_id = 'p_reviewer_second'",
        },
        Attack {
            id: "one_human_signs_two_separated_slots",
            what: "A human with two principals reviews under the one and binds under the other",
            stage: Sealed,
            arrange: &[
                EVIDENCE,
                GATES,
                SLOT_REVIEWER,
                "set local session authorization fix7_reviewer; select {cp}.cp_record_signoff(current_setting('attack.manifest')::uuid, 'reviewer', current_setting('attack.evidence')::uuid, 'approve'); set local session authorization default",
                SLOT_BINDER,
            ],
            acts: &[("reviewer_second", SIGN)],
            repelled: Refused("SAME_HUMAN"),
            shield: shield("routine", "{cp}.human_of", "human through #02"),
            lower: &[
                "create or replace function {cp}.human_of(p_principal_id text) returns text language plpgsql stable set search_path = pg_catalog, pg_temp as 'begin return p_principal_id; end'",
            ],
            gain: "select b.principal_id from {cp}.signoff_binding b where b.slot = 'binder'",
        },
        Attack {
            id: "reviewer_signs_for_an_epoch_that_is_over",
            what: "A signature dated back to the epoch that was activated",
            stage: Activated,
            arrange: &[EVIDENCE, GATES, REVIEWER_OWNS],
            acts: &[(
                "reviewer",
                written_by_hand!("'p_reviewer'", "1", "l.manifest_id, l.surface_no"),
            )],
            repelled: Refused("SIGNOFF_STALE"),
            shield: WRITER,
            lower: UNGUARDED,
            gain: "select b.slot from {cp}.signoff_binding b where b.control_epoch = 1 and b.evidence_id = current_setting('attack.evidence')::uuid",
        },
        Attack {
            id: "reviewer_signs_what_is_not_sealed",
            what: "A signature on a draft, whose rows may still change under it",
            stage: Sealed,
            arrange: &[
                EVIDENCE,
                SLOT_REVIEWER,
                "insert into {cp}.manifest_envelope (manifest_id, surface_no, version, item_count, payload_sha256, envelope_sha256) values ('00000000-0000-8000-8000-00000000a77a', 9, 99, 1, sha256('a'), sha256('b'))",
                "select set_config('attack.manifest', '00000000-0000-8000-8000-00000000a77a', true)",
            ],
            acts: &[("reviewer", SIGN)],
            repelled: Refused("SIGNOFF_PAYLOAD_MISMATCH"),
            shield: WRITER,
            lower: UNGUARDED,
            gain: "select b.slot from {cp}.signoff_binding b join {cp}.manifest_envelope e on e.manifest_id = b.manifest_id and e.state = 'draft'",
        },
        Attack {
            id: "signature_is_moved_to_another_surface",
            what: "The scope digest of one surface's signature under another surface's row",
            stage: Sealed,
            arrange: &[EVIDENCE, GATES, REVIEWER_OWNS],
            acts: &[(
                "reviewer",
                written_by_hand!("'p_reviewer'", "1", "l.manifest_id, l.surface_no + 1"),
            )],
            repelled: Refused("SIGNOFF_SCOPE_MISMATCH"),
            shield: WRITER,
            lower: UNGUARDED,
            gain: "select b.slot from {cp}.signoff_binding b where b.principal_id = 'p_reviewer'",
        },
        Attack {
            id: "owner_takes_a_rejection_back",
            what: "A rejection is deleted before anybody activates",
            stage: Sealed,
            arrange: &[
                EVIDENCE,
                GATES,
                "set local session authorization fix7_reviewer; select {cp}.cp_record_signoff(current_setting('attack.manifest')::uuid, 'reviewer', current_setting('attack.evidence')::uuid, 'reject'); set local session authorization default",
            ],
            acts: &[(
                "owner",
                "delete from {cp}.signoff_binding where decision = 'reject'",
            )],
            repelled: Refused("EVIDENCE_APPEND_ONLY"),
            shield: shield("trigger", "{cp}.signoff_binding", "signoff_binding_append_only"),
            lower: &["alter table {cp}.signoff_binding disable trigger signoff_binding_append_only"],
            gain: "select 'gone' where not exists (select from {cp}.signoff_binding b where b.decision = 'reject')",
        },
        Attack {
            id: "operator_activates_over_a_rejection",
            what: "The quorum is there, and one reviewer said no: the operator activates all the same",
            stage: Sealed,
            arrange: &[
                EVIDENCE,
                SIGNED,
                GATES,
                "set local session authorization fix7_reviewer; select {cp}.cp_record_signoff(current_setting('attack.manifest')::uuid, 'reviewer', current_setting('attack.evidence')::uuid, 'reject'); set local session authorization default",
                SET_DIGEST,
            ],
            acts: &[("operator", ACTIVATE)],
            repelled: Refused("SIGNOFF_REJECTED"),
            shield: shield("check", "{cp}.activation_violations", "check_signoff_rejected"),
            lower: &[blind_activation_check!("check_signoff_rejected")],
            gain: ACTIVE,
        },
        Attack {
            id: "operator_activates_what_nobody_signed",
            what: "The operator alone: no signature at all",
            stage: Sealed,
            arrange: &[SET_DIGEST],
            acts: &[("operator", ACTIVATE)],
            repelled: Refused("QUORUM_NOT_MET"),
            shield: shield("check", "{cp}.activation_violations", "check_quorum_not_met"),
            lower: &[blind_activation_check!("check_quorum_not_met")],
            gain: ACTIVE,
        },
        Attack {
            id: "operator_activates_again_with_last_epochs_signatures",
            what: "What was signed for the first activation is used for a second",
            stage: Activated,
            arrange: &[SET_DIGEST],
            acts: &[(
                "operator",
                "select {cp}.cp_activate('birth_writer', 2, current_setting('attack.set')::bytea)",
            )],
            repelled: Refused("QUORUM_NOT_MET"),
            shield: shield(
                "check",
                "{cp}.check_quorum_not_met",
                "b.control_epoch = p_control_epoch - 1",
            ),
            lower: &[super::rewritten!(
                routine "check_quorum_not_met(text,bigint,text,bytea)",
                "and b.control_epoch = p_control_epoch - 1",
                ""
            )],
            gain: "select 'active' from {cp}.active_set a where a.control_epoch = 3",
        },
    ],
};
