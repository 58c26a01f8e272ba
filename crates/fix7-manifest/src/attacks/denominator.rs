//! Family `denominator`: coverage is made complete by shrinking what it is measured against.
//!
//! Where a seal check repels, the draft under attack is a second version, and all that follows from its one
//! change (digests, count) is recomputed: so no other check can see it.

use super::{ACTIVATE, ACTIVE, EVIDENCE, SET_DIGEST, SIGNED, blind_activation_check, blind_seal_check};
use manifest_model::AttackStage::{Activated, Sealed};
use manifest_model::Repelled::{Constraint, Detected, Refused};
use manifest_model::{Attack, AttackFamily, shield};

/// Seals the draft under attack, as the operator who was shown its digest.
const SEAL: &str =
    "select {cp}.cp_seal('00000000-0000-8000-8000-00000000a77a', current_setting('attack.payload')::bytea)";

/// The envelope over the rows that are there, version 2, and its payload digest for the operator.
macro_rules! envelope_over {
    ($table:literal) => {
        concat!(
            "insert into {cp}.manifest_envelope (manifest_id, surface_no, version, item_count, payload_sha256, envelope_sha256)
select d.manifest_id, d.surface_no, 2, d.n, d.payload, {cp}.h03(d.surface_no, 2, d.n, d.payload,
  (select {cp}.h05(array_agg(x.item_key::text)) from {cp}.expected_item x where x.manifest_id = d.manifest_id))
from (select i.manifest_id, i.surface_no, count(*)::integer as n,
    {cp}.h02(array_agg(i.ordinal::integer order by i.ordinal), array_agg(i.item_key::text order by i.ordinal), array_agg(i.item_sha256::bytea order by i.ordinal)) as payload
  from {cp}.", $table, " i where i.manifest_id = '00000000-0000-8000-8000-00000000a77a' group by 1, 2) d;
select set_config('attack.payload', e.payload_sha256::text, true) from {cp}.manifest_envelope e where e.manifest_id = '00000000-0000-8000-8000-00000000a77a'"
        )
    };
}

/// What is expected of the sealed version is expected of the draft.
macro_rules! expected_as_sealed {
    ($surface:literal) => {
        concat!(
            "insert into {cp}.expected_item (manifest_id, surface_no, item_key) select '00000000-0000-8000-8000-00000000a77a', x.surface_no, x.item_key from {cp}.expected_item x join {cp}.latest_sealed l on l.manifest_id = x.manifest_id where x.surface_no = {surface:",
            $surface,
            "}"
        )
    };
}

/// The family.
pub const FAMILY: AttackFamily = AttackFamily {
    id: "denominator",
    title: "Shrink, empty or replace the inventory that coverage is measured against",
    source: file!(),
    fields: None,
    attacks: &[
        Attack {
            id: "owner_forgets_an_expected_gate",
            what: "An expected key is deleted, so that its gate is not missed",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "owner",
                "delete from {cp}.expected_item where surface_no = {surface:readiness_gate_manifest} and item_key = 'CAPABILITY_EVIDENCE_PRESENT'",
            )],
            repelled: Refused("SEALED_ROW_IMMUTABLE"),
            shield: shield("trigger", "{cp}.expected_item", "expected_item_sealed_rows"),
            lower: &["alter table {cp}.expected_item disable trigger expected_item_sealed_rows"],
            gain: "select 'forgotten' where not exists (select from {cp}.expected_item x where x.surface_no = {surface:readiness_gate_manifest} and x.item_key = 'CAPABILITY_EVIDENCE_PRESENT')",
        },
        Attack {
            id: "owner_empties_what_is_expected",
            what: "An empty expected set, against which everything is complete: TRUNCATE passes row triggers",
            stage: Sealed,
            arrange: &[],
            acts: &[("owner", "truncate {cp}.expected_item")],
            repelled: Refused("TRUNCATE_REFUSED"),
            shield: shield("trigger", "{cp}.expected_item", "expected_item_no_truncate"),
            lower: &["alter table {cp}.expected_item disable trigger expected_item_no_truncate"],
            gain: "select 'empty' where not exists (select from {cp}.expected_item)",
        },
        Attack {
            id: "superuser_forgets_a_trigger_as_a_replica",
            what: "As a replica, whose plain triggers sleep, an expected trigger of #20 is deleted",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "harness",
                "set local session_replication_role = replica; delete from {cp}.expected_constraint where object_kind = 'trigger' and relation_name = 'signoff_binding'",
            )],
            repelled: Refused("SEALED_ROW_IMMUTABLE"),
            shield: shield(
                "trigger",
                "{cp}.expected_constraint",
                "expected_constraint_sealed_rows ENABLE ALWAYS",
            ),
            lower: &["alter table {cp}.expected_constraint enable trigger expected_constraint_sealed_rows"],
            gain: "select 'forgotten' where not exists (select from {cp}.expected_constraint x where x.object_kind = 'trigger' and x.relation_name = 'signoff_binding')",
        },
        Attack {
            id: "owner_drops_a_legacy_member_from_the_scope",
            what: "A legacy table leaves #20, so that the cutover does not see it",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "owner",
                "delete from {cp}.authority_scope_manifest where object_class = 'legacy' and object_identity = (select min(a.object_identity::text) from {cp}.authority_scope_manifest a where a.object_class = 'legacy' and a.object_kind = 'table')",
            )],
            repelled: Refused("SEALED_ROW_IMMUTABLE"),
            shield: shield(
                "trigger",
                "{cp}.authority_scope_manifest",
                "authority_scope_manifest_sealed_rows",
            ),
            lower: &[
                "alter table {cp}.authority_scope_manifest disable trigger authority_scope_manifest_sealed_rows",
            ],
            gain: "select 'shrunk' from {cp}.authority_scope_manifest a where a.object_class = 'legacy' and a.object_kind = 'table' and a.moment = 'as_captured' having count(*) < (select d.member_count from {cp}.denominator_manifest d where d.inventory = 'legacy_tables')",
        },
        Attack {
            id: "owner_counts_fewer_legacy_tables",
            what: "The sealed count of an inventory is lowered to what is left of it",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "owner",
                "update {cp}.denominator_manifest set member_count = 1 where inventory = 'legacy_tables'",
            )],
            repelled: Refused("SEALED_ROW_IMMUTABLE"),
            shield: shield(
                "trigger",
                "{cp}.denominator_manifest",
                "denominator_manifest_sealed_rows",
            ),
            lower: &[
                "alter table {cp}.denominator_manifest disable trigger denominator_manifest_sealed_rows",
            ],
            gain: "select 'lowered' from {cp}.denominator_manifest d where d.inventory = 'legacy_tables' and d.member_count = 1",
        },
        Attack {
            id: "owner_requires_nothing_of_a_capability",
            what: "What a capability must measure is deleted, so that nothing is left to prove",
            stage: Sealed,
            arrange: &[],
            acts: &[("owner", "delete from {cp}.capability_measurement_requirement")],
            repelled: Refused("SEALED_ROW_IMMUTABLE"),
            shield: shield(
                "trigger",
                "{cp}.capability_measurement_requirement",
                "capability_measurement_requirement_sealed_rows",
            ),
            lower: &[
                "alter table {cp}.capability_measurement_requirement disable trigger capability_measurement_requirement_sealed_rows",
            ],
            gain: "select 'nothing' where not exists (select from {cp}.capability_measurement_requirement)",
        },
        Attack {
            id: "owner_lowers_the_envelopes_count",
            what: "The count of a sealed envelope follows its shrunken rows",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "owner",
                "update {cp}.manifest_envelope set item_count = 13 where surface_no = {surface:readiness_gate_manifest}",
            )],
            repelled: Refused("SEALED_ROW_IMMUTABLE"),
            shield: shield(
                "trigger",
                "{cp}.manifest_envelope",
                "manifest_envelope_transition",
            ),
            lower: &["alter table {cp}.manifest_envelope disable trigger manifest_envelope_transition"],
            gain: "select 'lowered' from {cp}.manifest_envelope e where e.surface_no = {surface:readiness_gate_manifest} and e.item_count = 13",
        },
        Attack {
            id: "an_envelope_over_nothing",
            what: "A version without items, in which none is missing",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "owner",
                "insert into {cp}.manifest_envelope (manifest_id, surface_no, version, item_count, payload_sha256, envelope_sha256) values ('00000000-0000-8000-8000-00000000a77a', 9, 2, 0, sha256('a'), sha256('b'))",
            )],
            repelled: Constraint("23514", "manifest_envelope_item_count_check"),
            shield: shield(
                "constraint",
                "{cp}.manifest_envelope",
                "manifest_envelope_item_count_check",
            ),
            lower: &["alter table {cp}.manifest_envelope drop constraint manifest_envelope_item_count_check"],
            gain: "select 'empty' from {cp}.manifest_envelope e where e.item_count = 0",
        },
        Attack {
            id: "operator_seals_a_quorum_without_the_owner",
            what: "A second version of #16 asks for one slot less; count and digests agree with it",
            stage: Sealed,
            arrange: &[
                "insert into {cp}.quorum_manifest (manifest_id, surface_no, ordinal, item_key, refusal_code, activation_scope, slot, humans_min, item_sha256) select '00000000-0000-8000-8000-00000000a77a', q.surface_no, row_number() over (order by q.ordinal), q.item_key, q.refusal_code, q.activation_scope, q.slot, q.humans_min, q.item_sha256 from {cp}.quorum_manifest q where q.slot <> 'owner'",
                expected_as_sealed!("quorum_manifest"),
                envelope_over!("quorum_manifest"),
            ],
            acts: &[("operator", SEAL)],
            repelled: Refused("ITEM_MISSING"),
            shield: shield("check", "{cp}.seal_violations", "check_item_missing"),
            lower: &[blind_seal_check!("check_item_missing")],
            gain: "select 'sealed' from {cp}.latest_sealed l where l.surface_no = {surface:quorum_manifest} and l.version = 2",
        },
        Attack {
            id: "operator_seals_a_principal_nobody_expects",
            what: "A second version of #02 holds one human more; count and digests agree with it",
            stage: Sealed,
            arrange: &[
                "insert into {cp}.principal (principal_id) values ('p_mallory')",
                "insert into {cp}.principal_manifest (manifest_id, surface_no, ordinal, item_key, refusal_code, principal_id, human, principal_kind, login_role, item_sha256) select '00000000-0000-8000-8000-00000000a77a'::uuid, p.surface_no, p.ordinal, p.item_key, p.refusal_code, p.principal_id, p.human, p.principal_kind, p.login_role, p.item_sha256 from {cp}.principal_manifest p union all select '00000000-0000-8000-8000-00000000a77a'::uuid, {surface:principal_manifest}, max(p.ordinal) + 1, 'p_mallory', 'PRINCIPAL_UNKNOWN', 'p_mallory', 'human.mallory', 'person', 'mallory', sha256('a') from {cp}.principal_manifest p",
                "update {cp}.principal_manifest p set item_sha256 = i.recomputed_sha256 from {cp}.surface_item i where p.item_key = 'p_mallory' and i.surface_no = p.surface_no and i.manifest_id = p.manifest_id and i.ordinal = p.ordinal",
                expected_as_sealed!("principal_manifest"),
                envelope_over!("principal_manifest"),
            ],
            acts: &[("operator", SEAL)],
            repelled: Refused("ITEM_EXTRA"),
            shield: shield("check", "{cp}.seal_violations", "check_item_extra"),
            lower: &[blind_seal_check!("check_item_extra")],
            gain: "select p.human from {cp}.principal_manifest p join {cp}.latest_sealed l on l.manifest_id = p.manifest_id where p.human = 'human.mallory'",
        },
        Attack {
            id: "operator_activates_a_writer_outside_the_closed_set",
            what: "A writer type that #04 does not know, for which no gate was ever counted",
            stage: Sealed,
            arrange: &[EVIDENCE, SIGNED, SET_DIGEST],
            acts: &[(
                "operator",
                "select {cp}.cp_activate('shadow_writer', 1, current_setting('attack.set')::bytea)",
            )],
            repelled: Refused("WRITER_TYPE_UNKNOWN"),
            shield: shield("check", "{cp}.activation_violations", "check_writer_type_unknown"),
            lower: &[blind_activation_check!("check_writer_type_unknown")],
            gain: "select 'active' from {cp}.active_set a where a.writer_type = 'shadow_writer'",
        },
        Attack {
            id: "operator_activates_after_a_key_was_dropped",
            what: "The owner drops a sealed constraint, and the set is activated as if it were there",
            stage: Sealed,
            arrange: &[EVIDENCE, SIGNED, SET_DIGEST],
            acts: &[
                (
                    "owner",
                    "alter table {cp}.denominator_manifest drop constraint denominator_manifest_member_count_check",
                ),
                ("operator", ACTIVATE),
            ],
            repelled: Refused("OBJECT_AUTHORITY_IMMUTABLE"),
            shield: shield(
                "check",
                "{cp}.activation_violations",
                "check_activation_object_authority",
            ),
            lower: &[blind_activation_check!("check_activation_object_authority")],
            gain: ACTIVE,
        },
        Attack {
            id: "superuser_shrinks_the_gates_of_the_active_set",
            what: "Past the triggers the blocking gate's row is deleted, so that 13 of 13 are met",
            stage: Activated,
            arrange: &[
                "alter table {cp}.readiness_gate_manifest disable trigger readiness_gate_manifest_sealed_rows",
            ],
            acts: &[(
                "harness",
                "delete from {cp}.readiness_gate_manifest where gate_key = 'CAPABILITY_EVIDENCE_PRESENT'",
            )],
            repelled: Detected(
                "select v.reason_code || ' ' || v.object_name from {cp}.latest_sealed l, {cp}.check_item_missing(l.manifest_id, l.surface_no) v where l.surface_no = {surface:readiness_gate_manifest}",
            ),
            shield: shield("check", "{cp}.expected_item", "check_item_missing"),
            lower: &[blind_seal_check!("check_item_missing")],
            gain: "select 'shrunk' from {cp}.v_readiness_gate g having count(*) = 13",
        },
    ],
};
