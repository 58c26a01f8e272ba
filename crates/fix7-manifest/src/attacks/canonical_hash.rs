//! Family `canonical_hash`: two different things with one digest, so that the approved one can be swapped.
//!
//! An attempt searches a collision with the contract's own routine; its twin does the same with an encoding
//! that lacks what CP-06 asks for (quotes, lengths, order, a field), and finds one.

use manifest_model::AttackStage::Sealed;
use manifest_model::Repelled::{Detected, GainsNothing};
use manifest_model::{Attack, AttackFamily, FieldAttacks, shield};

use super::blind_seal_check;

const COLLISION: &str =
    "select current_setting('attack.collision', true) where current_setting('attack.collision', true) <> ''";

/// Which of the pairs have one digest.
macro_rules! colliding {
    ($pairs:literal) => {
        concat!(
            "select set_config('attack.collision', coalesce((select string_agg(pair.name, ', ' order by pair.name) from (values ",
            $pairs,
            ") pair (name, one, other) where pair.one = pair.other), ''), true)"
        )
    };
}

macro_rules! naive {
    ($head:literal, $stability:literal, $body:literal) => {
        concat!(
            "create or replace function {cp}.",
            $head,
            " returns bytea language sql ",
            $stability,
            " set search_path = pg_catalog, pg_temp as $naive$",
            $body,
            "$naive$"
        )
    };
}

/// The family.
pub const FAMILY: AttackFamily = AttackFamily {
    id: "canonical_hash",
    title: "Two different objects with one digest: delimiters, neighbours, order, NULL, look-alikes, a field left out",
    source: file!(),
    fields: Some(FieldAttacks {
        items: "surface_item",
        sealed: "latest_sealed",
    }),
    attacks: &[
        Attack {
            id: "delimiters_inside_an_identity",
            what: "One identity that holds the delimiter reads like two: H05",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                colliding!(r#"('comma', {cp}.h05(array['a,b']), {cp}.h05(array['a', 'b'])), ('quoted comma', {cp}.h05(array['a","b']), {cp}.h05(array['a', 'b'])), ('escape', {cp}.h05(array['a\"']), {cp}.h05(array['a"']))"#),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h05", "JSON strings"),
            lower: &[naive!("h05(p_identities text[])", "immutable parallel safe", "select sha256(convert_to(string_agg(x, ',' order by x collate \"C\"), 'UTF8')) from unnest(p_identities) x")],
            gain: COLLISION,
        },
        Attack {
            id: "nothing_and_the_empty_text",
            what: "NULL, the empty text and absence are told apart, or have no digest: H05",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                colliding!("('null and absent', {cp}.h05(array['a', null]), {cp}.h05(array['a'])), ('empty and absent', {cp}.h05(array['a', '']), {cp}.h05(array['a'])), ('null and empty', {cp}.h05(array['a', null]), {cp}.h05(array['a', '']))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h05", "a NULL element has no digest"),
            lower: &[naive!("h05(p_identities text[])", "immutable parallel safe", "select sha256(convert_to(string_agg(coalesce(x, ''), ',' order by coalesce(x, '') collate \"C\"), 'UTF8')) from unnest(p_identities) x")],
            gain: COLLISION,
        },
        Attack {
            id: "a_member_that_stands_twice",
            what: "A set in which one member stands twice, to make up for one that is missing: H05",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                colliding!("('twice', {cp}.h05(array['a', 'a']), {cp}.h05(array['a']))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h05", "a duplicate has no digest"),
            lower: &[naive!("h05(p_identities text[])", "immutable parallel safe", "select sha256(convert_to(string_agg(distinct x, ','), 'UTF8')) from unnest(p_identities) x")],
            gain: COLLISION,
        },
        Attack {
            id: "look_alike_letters",
            what: "A composed letter and its decomposed twin name two objects: H05",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                colliding!("('e acute', {cp}.h05(array[U&'caf\\00E9']), {cp}.h05(array[U&'cafe\\0301']))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h05", "bytes, never normalised"),
            lower: &[naive!("h05(p_identities text[])", "immutable parallel safe", "select sha256(convert_to(normalize(string_agg(to_json(x)::text, ',' order by x collate \"C\")), 'UTF8')) from unnest(p_identities) x")],
            gain: COLLISION,
        },
        Attack {
            id: "items_change_places",
            what: "Two items of a payload swap their ordinals: H02",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                colliding!("('swapped', {cp}.h02(array[1, 2], array['a', 'b'], array[sha256('a'), sha256('b')]), {cp}.h02(array[1, 2], array['b', 'a'], array[sha256('b'), sha256('a')])), ('digests swapped', {cp}.h02(array[1, 2], array['a', 'b'], array[sha256('a'), sha256('b')]), {cp}.h02(array[1, 2], array['a', 'b'], array[sha256('b'), sha256('a')]))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h02", "ordinal order"),
            lower: &[naive!("h02(p_ordinals integer[], p_item_keys text[], p_item_digests bytea[])", "immutable parallel safe", "select sha256(convert_to(string_agg(to_json(k)::text || encode(d, 'hex'), ',' order by k), 'UTF8')) from unnest(p_item_keys, p_item_digests) x (k, d)")],
            gain: COLLISION,
        },
        Attack {
            id: "bytes_move_between_ordinal_and_key",
            what: "Item 1 with key `1a` reads like item 11 with key `a`: H02",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                colliding!("('moved', {cp}.h02(array[1], array['1a'], array[sha256('a')]), {cp}.h02(array[11], array['a'], array[sha256('a')]))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h02", "fields are delimited"),
            lower: &[naive!("h02(p_ordinals integer[], p_item_keys text[], p_item_digests bytea[])", "immutable parallel safe", "select sha256(convert_to(string_agg(o::text || k || encode(d, 'hex'), '' order by o), 'UTF8')) from unnest(p_ordinals, p_item_keys, p_item_digests) x (o, k, d)")],
            gain: COLLISION,
        },
        Attack {
            id: "digits_move_between_the_envelopes_numbers",
            what: "Surface 1, version 12 reads like surface 11, version 2: H03",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                colliding!("('surface and version', {cp}.h03(1, 12, 3, sha256('a'), sha256('b')), {cp}.h03(11, 2, 3, sha256('a'), sha256('b'))), ('version and count', {cp}.h03(1, 1, 23, sha256('a'), sha256('b')), {cp}.h03(1, 12, 3, sha256('a'), sha256('b')))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h03", "fields are delimited"),
            lower: &[naive!("h03(p_surface_no integer, p_version integer, p_item_count integer, p_payload_sha256 bytea, p_expected_sha256 bytea)", "immutable parallel safe", "select sha256(convert_to(concat(p_surface_no, p_version, p_item_count), 'UTF8') || p_payload_sha256 || p_expected_sha256)")],
            gain: COLLISION,
        },
        Attack {
            id: "what_is_expected_is_left_out_of_the_envelope",
            what: "The expected set is another, and the envelope's digest the same: H03",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                colliding!("('surface', {cp}.h03(1, 1, 1, sha256('a'), sha256('b')), {cp}.h03(2, 1, 1, sha256('a'), sha256('b'))), ('version', {cp}.h03(1, 1, 1, sha256('a'), sha256('b')), {cp}.h03(1, 2, 1, sha256('a'), sha256('b'))), ('count', {cp}.h03(1, 1, 1, sha256('a'), sha256('b')), {cp}.h03(1, 1, 2, sha256('a'), sha256('b'))), ('payload', {cp}.h03(1, 1, 1, sha256('a'), sha256('b')), {cp}.h03(1, 1, 1, sha256('c'), sha256('b'))), ('expected', {cp}.h03(1, 1, 1, sha256('a'), sha256('b')), {cp}.h03(1, 1, 1, sha256('a'), sha256('c'))), ('exchanged', {cp}.h03(1, 1, 1, sha256('a'), sha256('b')), {cp}.h03(1, 1, 1, sha256('b'), sha256('a')))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h03", "every field"),
            lower: &[naive!("h03(p_surface_no integer, p_version integer, p_item_count integer, p_payload_sha256 bytea, p_expected_sha256 bytea)", "immutable parallel safe", "select sha256(convert_to(concat_ws(',', p_surface_no, p_version, p_item_count, p_payload_sha256::text), 'UTF8'))")],
            gain: COLLISION,
        },
        Attack {
            id: "bytes_move_between_slot_and_principal",
            what: "A letter moves from the slot into the principal's name: H04",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                colliding!(r#"('moved', {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'reviewer', 'p', sha256('b'), 1, 'approve'), {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'reviewe', 'rp', sha256('b'), 1, 'approve')), ('injected', {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'r"],["principal_id","p', 'q', sha256('b'), 1, 'approve'), {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'r', 'p"],["principal_id","q', sha256('b'), 1, 'approve'))"#),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h04", "named fields, JSON strings"),
            lower: &[naive!("h04(p_manifest_id uuid, p_surface_no integer, p_payload_sha256 bytea, p_slot text, p_principal_id text, p_evidence_sha256 bytea, p_control_epoch bigint, p_decision text)", "immutable parallel safe", "select sha256(convert_to(concat(p_manifest_id, p_surface_no, p_payload_sha256, p_slot, p_principal_id, p_evidence_sha256, p_control_epoch, p_decision), 'UTF8'))")],
            gain: COLLISION,
        },
        Attack {
            id: "one_key_of_the_scope_is_another",
            what: "Each of the eight keys changes by itself; an approval with the digest of a rejection: H04",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                "select set_config('attack.collision', coalesce((with base as (select {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'reviewer', 'p', sha256('b'), 1, 'approve') as digest) select string_agg(v.name, ', ' order by v.name) from base, (values
  ('manifest_id', {cp}.h04('00000000-0000-8000-8000-000000000002', 9, sha256('a'), 'reviewer', 'p', sha256('b'), 1, 'approve')),
  ('surface_no', {cp}.h04('00000000-0000-8000-8000-000000000001', 8, sha256('a'), 'reviewer', 'p', sha256('b'), 1, 'approve')),
  ('payload_sha256', {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('c'), 'reviewer', 'p', sha256('b'), 1, 'approve')),
  ('slot', {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'binder', 'p', sha256('b'), 1, 'approve')),
  ('principal_id', {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'reviewer', 'q', sha256('b'), 1, 'approve')),
  ('evidence_id', {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'reviewer', 'p', sha256('c'), 1, 'approve')),
  ('control_epoch', {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'reviewer', 'p', sha256('b'), 2, 'approve')),
  ('decision', {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'reviewer', 'p', sha256('b'), 1, 'reject'))) v (name, digest) where v.digest = base.digest), ''), true)",
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h04", "every key"),
            lower: &[naive!("h04(p_manifest_id uuid, p_surface_no integer, p_payload_sha256 bytea, p_slot text, p_principal_id text, p_evidence_sha256 bytea, p_control_epoch bigint, p_decision text)", "immutable parallel safe", "select sha256(convert_to(concat_ws(',', p_manifest_id, p_surface_no, p_payload_sha256, p_slot, p_principal_id, p_evidence_sha256, p_control_epoch), 'UTF8'))")],
            gain: COLLISION,
        },
        Attack {
            id: "one_body_with_two_masters",
            what: "A routine becomes SECURITY DEFINER, or loses its search_path, and keeps its body: H06",
            stage: Sealed,
            arrange: &[
                "create schema attacked; create function attacked.plain() returns text language sql set search_path = pg_catalog as 'select current_user::text'; create function attacked.definer() returns text language sql security definer set search_path = pg_catalog as 'select current_user::text'; create function attacked.open() returns text language sql as 'select current_user::text'",
                "grant usage on schema attacked to public",
            ],
            acts: &[(
                "auditor",
                colliding!("('definer', {cp}.h06('attacked.plain()'), {cp}.h06('attacked.definer()')), ('search_path', {cp}.h06('attacked.plain()'), {cp}.h06('attacked.open()'))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h06", "properties beside the body"),
            lower: &[naive!("h06(p_routine regprocedure)", "stable parallel safe", "select sha256(convert_to(p.prosrc, 'UTF8')) from pg_proc p where p.oid = p_routine")],
            gain: COLLISION,
        },
        Attack {
            id: "a_privilege_that_may_be_passed_on",
            what: "SELECT with and without GRANT OPTION, on the table and on a column: H07",
            stage: Sealed,
            arrange: &[
                "create table public.attacked_a (id integer); create table public.attacked_b (id integer); create table public.attacked_c (id integer)",
                "grant select on public.attacked_a to directus; grant select on public.attacked_b to directus with grant option; grant select (id) on public.attacked_c to directus",
            ],
            acts: &[(
                "auditor",
                colliding!("('grant option', {cp}.h07_relation('public.attacked_a'), {cp}.h07_relation('public.attacked_b')), ('column', {cp}.h07_relation('public.attacked_a'), {cp}.h07_relation('public.attacked_c'))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h07_relation", "grant option and column"),
            lower: &[naive!("h07_relation(p_relation regclass)", "stable parallel safe", "select sha256(convert_to(string_agg(x.grantee::text || x.privilege_type, ',' order by x.grantee, x.privilege_type), 'UTF8')) from pg_class c, aclexplode(c.relacl) x where c.oid = p_relation")],
            gain: COLLISION,
        },
        Attack {
            id: "a_sealed_number_changes_under_its_digest",
            what: "Past the triggers a threshold grows, and its item keeps its digest: H01",
            stage: Sealed,
            arrange: &[
                "alter table {cp}.threshold_manifest disable trigger threshold_manifest_sealed_rows",
            ],
            acts: &[(
                "owner",
                "update {cp}.threshold_manifest set value = value * 10 where ordinal = 1",
            )],
            repelled: Detected(
                "select v.reason_code || ' ' || v.object_name from {cp}.latest_sealed l, {cp}.check_item_digest_mismatch(l.manifest_id, l.surface_no) v where l.surface_no = {surface:threshold_manifest}",
            ),
            shield: shield("check", "{cp}.seal_violations", "check_item_digest_mismatch"),
            lower: &[blind_seal_check!("check_item_digest_mismatch")],
            gain: "select 'grown' from {cp}.threshold_manifest h, {cp}.surface_item i where h.ordinal = 1 and i.surface_no = h.surface_no and i.manifest_id = h.manifest_id and i.ordinal = 1 and i.item_sha256 <> i.recomputed_sha256",
        },
    ],
};
