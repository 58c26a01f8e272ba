//! Family `unknown_dependency`: the reviewed closure of #11 no longer says what the code depends on.
//!
//! What a body depends on is known only for the body that was read [ruling B10]: an edge, a body or a routine
//! that the sealed rows do not know is UNKNOWN_REQUIRES_REVIEW, and the gate of the closure is not met.

use super::rewritten;
use manifest_model::AttackStage::Activated;
use manifest_model::Repelled::{Detected, Refused};
use manifest_model::{Attack, AttackFamily, Shield, shield};

const DRIFT: &str = "select d.detail from {cp}.dependency_drift('birth_writer') d";
const BODIES_UNREAD: &str = rewritten!(routine "dependency_drift(text)", "{cp}.h06(to_regprocedure(x.from_object)) is distinct from x.from_body_sha256", "false");
/// An edge that somebody did review, as a row of the active #11.
macro_rules! known_edge {
    ($from:literal, $to:literal, $kind:literal) => {
        concat!(
            "alter table {cp}.dependency_manifest disable trigger dependency_manifest_sealed_rows;
insert into {cp}.dependency_manifest (manifest_id, surface_no, ordinal, item_key, refusal_code, from_object, to_object, edge_kind, depth, item_sha256)
select d.manifest_id, d.surface_no, 9999, 'known', d.refusal_code, '", $from, "', '", $to, "', '", $kind, "', 1, d.item_sha256 from {cp}.dependency_manifest d where d.ordinal = 1"
        )
    };
}
const TRIGGER_EDGE: Shield = shield("row", "{cp}.dependency_manifest", "no such trigger edge");
/// A helper outside the schema that the attacker's code calls.
const HELPER: &str = "create function public.attacked_helper() returns trigger language plpgsql as 'begin return new; end'; grant execute on function public.attacked_helper() to qt001_cp_owner";

/// The family.
pub const FAMILY: AttackFamily = AttackFamily {
    id: "unknown_dependency",
    title: "Code of the control plane depends on something that the sealed closure does not know",
    source: file!(),
    fields: None,
    attacks: &[
        Attack {
            id: "entry_point_calls_the_legacy_path",
            what: "The body of an entry point changes and now reads a legacy table",
            stage: Activated,
            arrange: &[],
            acts: &[(
                "owner",
                "create or replace function {cp}.cp_supersede(p_writer_type text, p_expected_epoch bigint) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $new$ begin perform count(*) from public.qt001_backfill_permit; end $new$",
            )],
            repelled: Detected(DRIFT),
            shield: shield("routine", "{cp}.dependency_drift", "the body's digest"),
            lower: &[BODIES_UNREAD],
            gain: "select 'legacy' from pg_proc p where p.oid = '{cp}.cp_supersede(text,bigint)'::regprocedure and position('qt001_backfill_permit' in p.prosrc) > 0",
        },
        Attack {
            id: "entry_point_runs_text_as_code",
            what: "Dynamic SQL in a body: what it depends on is decided when it runs",
            stage: Activated,
            arrange: &[],
            acts: &[(
                "owner",
                "create or replace function {cp}.record_execution(p_entrypoint text, p_subject text, p_subject_sha256 bytea) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $new$ begin execute p_subject; end $new$",
            )],
            repelled: Detected(DRIFT),
            shield: shield("routine", "{cp}.dependency_drift", "the body's digest"),
            lower: &[BODIES_UNREAD],
            gain: "select 'dynamic' from pg_proc p where p.oid = '{cp}.record_execution(text,text,bytea)'::regprocedure and position('execute' in p.prosrc) > 0",
        },
        Attack {
            id: "check_that_finds_nothing",
            what: "The quorum's check is replaced by one that returns nothing; its properties stay",
            stage: Activated,
            arrange: &[],
            acts: &[("owner", super::blind_activation_check!("check_quorum_not_met"))],
            repelled: Detected(DRIFT),
            shield: shield("routine", "{cp}.dependency_drift", "the body's digest"),
            lower: &[BODIES_UNREAD],
            gain: "select 'blind' from pg_proc p where p.proname = 'check_quorum_not_met' and p.prosrc = 'begin return; end'",
        },
        Attack {
            id: "trigger_nobody_reviewed",
            what: "A trigger on evidence fires a function outside the schema",
            stage: Activated,
            arrange: &[HELPER],
            acts: &[(
                "owner",
                "create trigger attacked before insert on {cp}.evidence_registry for each row execute function public.attacked_helper()",
            )],
            repelled: Detected(DRIFT),
            shield: TRIGGER_EDGE,
            lower: &[known_edge!("{cp}.evidence_registry", "public.attacked_helper()", "trigger")],
            gain: "select t.tgname from pg_trigger t where t.tgname = 'attacked'",
        },
        Attack {
            id: "trigger_is_pointed_elsewhere",
            what: "A trigger of the control plane keeps its name and fires another function",
            stage: Activated,
            arrange: &[HELPER],
            acts: &[(
                "owner",
                "create or replace trigger signoff_binding_writer before insert on {cp}.signoff_binding for each row execute function public.attacked_helper()",
            )],
            repelled: Detected(DRIFT),
            shield: TRIGGER_EDGE,
            lower: &[known_edge!("{cp}.signoff_binding", "public.attacked_helper()", "trigger")],
            gain: "select t.tgname from pg_trigger t where t.tgfoid = 'public.attacked_helper()'::regprocedure",
        },
        Attack {
            id: "view_reads_a_legacy_relation",
            what: "A view of the control plane is put over a relation that #11 does not name",
            stage: Activated,
            arrange: &["grant select on public.qt001_backfill_permit to qt001_cp_owner"],
            acts: &[(
                "owner",
                rewritten!(view "active_set", "WHERE (", "WHERE ((SELECT count(*) FROM public.qt001_backfill_permit) >= 0) AND ("),
            )],
            repelled: Detected(DRIFT),
            shield: shield("row", "{cp}.dependency_manifest", "no such view edge"),
            lower: &[known_edge!("{cp}.active_set", "public.qt001_backfill_permit", "catalog")],
            gain: "select 'legacy' where position('qt001_backfill_permit' in pg_get_viewdef('{cp}.active_set'::regclass)) > 0",
        },
        Attack {
            id: "routine_nobody_reviewed",
            what: "A routine is added beside the sealed ones",
            stage: Activated,
            arrange: &[],
            acts: &[(
                "owner",
                "create function {cp}.cp_seal(p_manifest_id uuid) returns void language sql as 'select'",
            )],
            repelled: Detected(DRIFT),
            shield: shield("row", "{cp}.authority_scope_manifest", "no such routine"),
            lower: &[
                "alter table {cp}.authority_scope_manifest disable trigger authority_scope_manifest_sealed_rows;
insert into {cp}.authority_scope_manifest (manifest_id, surface_no, ordinal, item_key, refusal_code, object_class, object_identity, object_kind, moment, item_sha256)
select a.manifest_id, a.surface_no, 9999, 'known', a.refusal_code, 'routine', '{cp}.cp_seal(uuid)', 'function', 'always', a.item_sha256 from {cp}.authority_scope_manifest a where a.ordinal = 1",
            ],
            gain: "select 'added' where to_regprocedure('{cp}.cp_seal(uuid)') is not null",
        },
        Attack {
            id: "owner_forgets_an_edge",
            what: "The edge that would give it away is deleted from #11",
            stage: Activated,
            arrange: &[],
            acts: &[(
                "owner",
                "delete from {cp}.dependency_manifest where edge_kind = 'body' and ordinal = (select min(d.ordinal) from {cp}.dependency_manifest d where d.edge_kind = 'body')",
            )],
            repelled: Refused("SEALED_ROW_IMMUTABLE"),
            shield: shield("trigger", "{cp}.dependency_manifest", "dependency_manifest_sealed_rows"),
            lower: &["alter table {cp}.dependency_manifest disable trigger dependency_manifest_sealed_rows"],
            gain: "select 'forgotten' from {cp}.dependency_manifest d join {cp}.manifest_envelope e on e.manifest_id = d.manifest_id having count(*) < max(e.item_count)",
        },
        Attack {
            id: "owner_vouches_for_the_new_body",
            what: "The digest of #11 is set to that of the changed body",
            stage: Activated,
            arrange: &[],
            acts: &[(
                "owner",
                "update {cp}.dependency_manifest set from_body_sha256 = sha256('attack') where edge_kind = 'body'",
            )],
            repelled: Refused("SEALED_ROW_IMMUTABLE"),
            shield: shield("trigger", "{cp}.dependency_manifest", "dependency_manifest_sealed_rows"),
            lower: &["alter table {cp}.dependency_manifest disable trigger dependency_manifest_sealed_rows"],
            gain: "select distinct 'vouched' from {cp}.dependency_manifest d where d.from_body_sha256 = sha256('attack')",
        },
    ],
};
