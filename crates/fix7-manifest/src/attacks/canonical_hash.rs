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

/// The same, where each pair has two digests and the twin must show each pair: some of them alone are neither
/// repelled nor a gain.
macro_rules! each_colliding {
    ($pairs:literal) => {
        concat!(
            "select set_config('attack.collision', (select case when count(p.same) < count(*) then (concat('a pair has no digest, of ', count(*))::integer)::text when count(*) filter (where p.same) = 0 then '' when count(*) filter (where p.same) = count(*) then string_agg(p.name, ', ' order by p.name) else (concat('of all pairs only ', string_agg(p.name, ', ' order by p.name) filter (where p.same))::integer)::text end from (select pair.name, pair.one = pair.other as same from (values ",
            $pairs,
            ") pair (name, one, other)) p), true)"
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
            id: "one_part_of_a_line_is_another",
            what: "The ordinal, the key or the digest of a line changes by itself, or a line is left out: H02",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                each_colliding!("('ordinal', {cp}.h02(array[1, 2], array['a', 'b'], array[sha256('a'), sha256('b')]), {cp}.h02(array[1, 3], array['a', 'b'], array[sha256('a'), sha256('b')])), ('item_key', {cp}.h02(array[1, 2], array['a', 'b'], array[sha256('a'), sha256('b')]), {cp}.h02(array[1, 2], array['a', 'c'], array[sha256('a'), sha256('b')])), ('digest', {cp}.h02(array[1, 2], array['a', 'b'], array[sha256('a'), sha256('b')]), {cp}.h02(array[1, 2], array['a', 'b'], array[sha256('a'), sha256('c')])), ('line', {cp}.h02(array[1, 2], array['a', 'b'], array[sha256('a'), sha256('b')]), {cp}.h02(array[1], array['a'], array[sha256('a')])), ('empty key', {cp}.h02(array[1, 2], array['a', ''], array[sha256('a'), sha256('b')]), {cp}.h02(array[1], array['a'], array[sha256('a')]))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h02", "every part of every line"),
            lower: &[naive!("h02(p_ordinals integer[], p_item_keys text[], p_item_digests bytea[])", "immutable parallel safe", "select sha256(convert_to(concat(p_ordinals[1], p_item_keys[1], encode(p_item_digests[1], 'hex')), 'UTF8'))")],
            gain: COLLISION,
        },
        Attack {
            id: "a_line_inside_a_key",
            what: "One key that holds the marks of a line reads like two lines: H02",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                each_colliding!(r#"('one line', {cp}.h02(array[1], array[concat('a","', encode(sha256('a'), 'hex'), '"],[2,"b')], array[sha256('b')]), {cp}.h02(array[1, 2], array['a', 'b'], array[sha256('a'), sha256('b')])), ('two lines', {cp}.h02(array[1, 3], array[concat('a","', encode(sha256('a'), 'hex'), '"],[2,"b'), 'c'], array[sha256('b'), sha256('c')]), {cp}.h02(array[1, 2, 3], array['a', 'b', 'c'], array[sha256('a'), sha256('b'), sha256('c')]))"#),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h02", "JSON strings"),
            lower: &[naive!("h02(p_ordinals integer[], p_item_keys text[], p_item_digests bytea[])", "immutable parallel safe", "select sha256(convert_to(string_agg(concat('[', o, ',\"', k, '\",\"', encode(d, 'hex'), '\"]'), ',' order by o), 'UTF8')) from unnest(p_ordinals, p_item_keys, p_item_digests) x (o, k, d)")],
            gain: COLLISION,
        },
        Attack {
            id: "letters_move_between_the_keys_of_a_scope",
            what: "Letters and digits move over each boundary of two keys that has no fixed width on both sides: H04",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                each_colliding!("('surface_no to slot', {cp}.h04('00000000-0000-8000-8000-000000000001', 1, decode(concat('2', repeat('a', 63)), 'hex'), 'fx', 'p', sha256('b'), 1, 'approve'), {cp}.h04('00000000-0000-8000-8000-000000000001', 12, decode(concat(repeat('a', 63), 'f'), 'hex'), 'x', 'p', sha256('b'), 1, 'approve')), ('slot to principal_id', {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'ab', 'c', sha256('b'), 1, 'approve'), {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'a', 'bc', sha256('b'), 1, 'approve')), ('empty slot', {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), '', 'abc', sha256('b'), 1, 'approve'), {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'abc', '', sha256('b'), 1, 'approve')), ('principal_id to control_epoch', {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 's', 'p1', decode(concat(repeat('a', 63), '2'), 'hex'), 3, 'approve'), {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 's', 'p', decode(concat('1', repeat('a', 63)), 'hex'), 23, 'approve')), ('control_epoch to decision', {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 's', 'p', sha256('b'), 1, '2x'), {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 's', 'p', sha256('b'), 12, 'x'))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h04", "named fields"),
            lower: &[naive!("h04(p_manifest_id uuid, p_surface_no integer, p_payload_sha256 bytea, p_slot text, p_principal_id text, p_evidence_sha256 bytea, p_control_epoch bigint, p_decision text)", "immutable parallel safe", "select sha256(convert_to(concat(p_manifest_id, p_surface_no, encode(p_payload_sha256, 'hex'), p_slot, p_principal_id, encode(p_evidence_sha256, 'hex'), p_control_epoch, p_decision), 'UTF8'))")],
            gain: COLLISION,
        },
        Attack {
            id: "a_key_that_holds_the_marks_of_others",
            what: "A name holds what stands between it and the decision, so that the decision seems another: H04",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                each_colliding!(r#"('principal_id to decision', {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 's', concat('p"],["evidence_id","', encode(sha256('b'), 'hex'), '"],["control_epoch","1"],["decision","approve'), sha256('b'), 1, 'reject'), {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 's', 'p', sha256('b'), 1, concat('approve"],["evidence_id","', encode(sha256('b'), 'hex'), '"],["control_epoch","1"],["decision","reject'))), ('slot to principal_id', {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'r"],["principal_id","p', 'q', sha256('b'), 1, 'approve'), {cp}.h04('00000000-0000-8000-8000-000000000001', 9, sha256('a'), 'r', 'p"],["principal_id","q', sha256('b'), 1, 'approve'))"#),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h04", "JSON strings"),
            lower: &[naive!("h04(p_manifest_id uuid, p_surface_no integer, p_payload_sha256 bytea, p_slot text, p_principal_id text, p_evidence_sha256 bytea, p_control_epoch bigint, p_decision text)", "immutable parallel safe", "select sha256(convert_to(concat('[[\"manifest_id\",\"', p_manifest_id, '\"],[\"surface_no\",\"', p_surface_no, '\"],[\"payload_sha256\",\"', encode(p_payload_sha256, 'hex'), '\"],[\"slot\",\"', p_slot, '\"],[\"principal_id\",\"', p_principal_id, '\"],[\"evidence_id\",\"', encode(p_evidence_sha256, 'hex'), '\"],[\"control_epoch\",\"', p_control_epoch, '\"],[\"decision\",\"', p_decision, '\"]]'), 'UTF8'))")],
            gain: COLLISION,
        },
        Attack {
            id: "letters_move_between_members",
            what: "A letter moves from one identity into the next, two are written as one, or an empty one is added: H05",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                each_colliding!("('moved', {cp}.h05(array['a', 'bc']), {cp}.h05(array['ab', 'c'])), ('joined', {cp}.h05(array['a', 'bc']), {cp}.h05(array['abc'])), ('empty', {cp}.h05(array['', 'abc']), {cp}.h05(array['abc'])), ('nothing and empty', {cp}.h05(array[]::text[]), {cp}.h05(array['']))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h05", "members are delimited"),
            lower: &[naive!("h05(p_identities text[])", "immutable parallel safe", "select sha256(convert_to(coalesce(string_agg(x, '' order by x collate \"C\"), ''), 'UTF8')) from unnest(p_identities) x")],
            gain: COLLISION,
        },
        Attack {
            id: "one_contract_answers_for_another",
            what: "What is nothing to two contracts has one digest: an empty payload and an empty set, an object of one class and one of another that nobody holds a right on: H02, H05, H07",
            stage: Sealed,
            arrange: &[
                "create schema attacked; create table attacked.relation (id integer); create type attacked.mood as enum ('calm'); create function attacked.routine() returns integer language sql as 'select 1'",
                "revoke all on attacked.relation from public, current_user; revoke all on type attacked.mood from public, current_user; revoke all on function attacked.routine() from public, current_user; revoke all on schema attacked from public, current_user; grant usage on schema attacked to public",
                "do $ids$ begin perform set_config('attack.relation', 'attacked.relation'::regclass::oid::text, true), set_config('attack.type', 'attacked.mood'::regtype::oid::text, true), set_config('attack.routine', 'attacked.routine()'::regprocedure::oid::text, true), set_config('attack.schema', 'attacked'::regnamespace::oid::text, true); end $ids$",
                "revoke all on schema attacked from public",
            ],
            acts: &[(
                "auditor",
                each_colliding!("('H02 and H05', {cp}.h02(array[]::integer[], array[]::text[], array[]::bytea[]), {cp}.h05(array[]::text[])), ('relation and schema', {cp}.h07_relation(current_setting('attack.relation')::oid::regclass), {cp}.h07_schema(current_setting('attack.schema')::oid::regnamespace)), ('schema and type', {cp}.h07_schema(current_setting('attack.schema')::oid::regnamespace), {cp}.h07_type(current_setting('attack.type')::oid::regtype)), ('type and routine', {cp}.h07_type(current_setting('attack.type')::oid::regtype), {cp}.h07_routine(current_setting('attack.routine')::oid::regprocedure))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h07_relation", "contract, version and class stand in front"),
            lower: &[
                naive!("h02(p_ordinals integer[], p_item_keys text[], p_item_digests bytea[])", "immutable parallel safe", "select sha256(convert_to(p_item_keys::text, 'UTF8'))"),
                naive!("h05(p_identities text[])", "immutable parallel safe", "select sha256(convert_to(p_identities::text, 'UTF8'))"),
                naive!("h07_relation(p_relation regclass)", "stable parallel safe", "select sha256(convert_to(concat(pg_get_userbyid(c.relowner), c.relacl), 'UTF8')) from pg_class c where c.oid = p_relation"),
                naive!("h07_schema(p_schema regnamespace)", "stable parallel safe", "select sha256(convert_to(concat(pg_get_userbyid(c.nspowner), c.nspacl), 'UTF8')) from pg_namespace c where c.oid = p_schema"),
                naive!("h07_type(p_type regtype)", "stable parallel safe", "select sha256(convert_to(concat(pg_get_userbyid(c.typowner), c.typacl), 'UTF8')) from pg_type c where c.oid = p_type"),
                naive!("h07_routine(p_routine regprocedure)", "stable parallel safe", "select sha256(convert_to(concat(pg_get_userbyid(c.proowner), c.proacl), 'UTF8')) from pg_proc c where c.oid = p_routine"),
            ],
            gain: COLLISION,
        },
        Attack {
            id: "one_property_of_a_routine_is_another",
            what: "Each property changes by itself, a setting is empty or is none, and the body keeps its length: H06",
            stage: Sealed,
            arrange: &[
                "create schema attacked; grant usage on schema attacked to public; set local check_function_bodies = off",
                "create function attacked.base(a integer) returns text language plpgsql stable set search_path = pg_catalog as 'body'; create function attacked.of_language(a integer) returns text language sql stable set search_path = pg_catalog as 'body'; create procedure attacked.of_kind(a integer) language plpgsql set search_path = pg_catalog as 'body'; create function attacked.of_arguments(a bigint) returns text language plpgsql stable set search_path = pg_catalog as 'body'; create function attacked.of_name(b integer) returns text language plpgsql stable set search_path = pg_catalog as 'body'; create function attacked.of_result(a integer) returns integer language plpgsql stable set search_path = pg_catalog as 'body'; create function attacked.of_definer(a integer) returns text language plpgsql stable security definer set search_path = pg_catalog as 'body'; create function attacked.of_volatility(a integer) returns text language plpgsql immutable set search_path = pg_catalog as 'body'; create function attacked.of_strict(a integer) returns text language plpgsql stable strict set search_path = pg_catalog as 'body'; create function attacked.of_leakproof(a integer) returns text language plpgsql stable leakproof set search_path = pg_catalog as 'body'; create function attacked.of_parallel(a integer) returns text language plpgsql stable parallel safe set search_path = pg_catalog as 'body'; create function attacked.of_setting(a integer) returns text language plpgsql stable set search_path = public as 'body'; create function attacked.of_empty_setting(a integer) returns text language plpgsql stable set search_path = '' as 'body'; create function attacked.of_no_setting(a integer) returns text language plpgsql stable as 'body'; create function attacked.of_body(a integer) returns text language plpgsql stable set search_path = pg_catalog as 'bodx'; create function attacked.of_binary(a integer) returns text language plpgsql stable set search_path = pg_catalog as 'body'; update pg_catalog.pg_proc set probin = 'binary' where oid = 'attacked.of_binary(integer)'::regprocedure",
            ],
            acts: &[(
                "auditor",
                each_colliding!("('language', {cp}.h06('attacked.base(integer)'), {cp}.h06('attacked.of_language(integer)')), ('kind', {cp}.h06('attacked.base(integer)'), {cp}.h06('attacked.of_kind(integer)')), ('arguments', {cp}.h06('attacked.base(integer)'), {cp}.h06('attacked.of_arguments(bigint)')), ('name of an argument', {cp}.h06('attacked.base(integer)'), {cp}.h06('attacked.of_name(integer)')), ('result', {cp}.h06('attacked.base(integer)'), {cp}.h06('attacked.of_result(integer)')), ('security_definer', {cp}.h06('attacked.base(integer)'), {cp}.h06('attacked.of_definer(integer)')), ('volatility', {cp}.h06('attacked.base(integer)'), {cp}.h06('attacked.of_volatility(integer)')), ('strict', {cp}.h06('attacked.base(integer)'), {cp}.h06('attacked.of_strict(integer)')), ('leakproof', {cp}.h06('attacked.base(integer)'), {cp}.h06('attacked.of_leakproof(integer)')), ('parallel', {cp}.h06('attacked.base(integer)'), {cp}.h06('attacked.of_parallel(integer)')), ('config', {cp}.h06('attacked.base(integer)'), {cp}.h06('attacked.of_setting(integer)')), ('config empty and none', {cp}.h06('attacked.of_empty_setting(integer)'), {cp}.h06('attacked.of_no_setting(integer)')), ('binary', {cp}.h06('attacked.base(integer)'), {cp}.h06('attacked.of_binary(integer)')), ('body', {cp}.h06('attacked.base(integer)'), {cp}.h06('attacked.of_body(integer)'))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h06", "every property"),
            lower: &[naive!("h06(p_routine regprocedure)", "stable parallel safe", "select sha256(convert_to(length(p.prosrc)::text, 'UTF8')) from pg_proc p where p.oid = p_routine")],
            gain: COLLISION,
        },
        Attack {
            id: "one_part_of_a_privilege_is_another",
            what: "Owner, grantee, grantor, privilege, leave to pass on or column changes by itself: H07",
            stage: Sealed,
            arrange: &[
                "create role attacked_one; create role attacked_other; create role attacked_third; create schema attacked; grant usage on schema attacked to public",
                "create table attacked.base (id integer, no integer); create table attacked.of_owner (id integer, no integer); create table attacked.of_grantee (id integer, no integer); create table attacked.of_grantor (id integer, no integer); create table attacked.of_privilege (id integer, no integer); create table attacked.of_option (id integer, no integer); create table attacked.of_column (id integer, no integer); create table attacked.of_other_column (id integer, no integer)",
                "do $grants$ declare of text; begin foreach of in array array['base', 'of_owner', 'of_grantee', 'of_grantor', 'of_privilege', 'of_option'] loop execute format('grant select on attacked.%I to attacked_one, attacked_other with grant option', of); end loop; end $grants$",
                "set local role attacked_one; grant select on attacked.base to attacked_third; grant select on attacked.of_owner to attacked_third; grant select on attacked.of_privilege to attacked_third; grant select on attacked.of_option to attacked_third with grant option; reset role; set local role attacked_other; grant select on attacked.of_grantor to attacked_third; reset role; set local role attacked_one; grant select on attacked.of_grantee to public; reset role",
                "alter table attacked.of_owner owner to attacked_third; grant insert on attacked.of_privilege to attacked_third; grant update on attacked.base to attacked_third; grant update on attacked.of_owner to attacked_third; grant update on attacked.of_grantee to attacked_third; grant update on attacked.of_grantor to attacked_third; grant update on attacked.of_option to attacked_third; grant select (id) on attacked.of_column to attacked_third; grant select (no) on attacked.of_other_column to attacked_third",
            ],
            acts: &[(
                "auditor",
                each_colliding!("('owner', {cp}.h07_relation('attacked.base'), {cp}.h07_relation('attacked.of_owner')), ('grantee', {cp}.h07_relation('attacked.base'), {cp}.h07_relation('attacked.of_grantee')), ('grantor', {cp}.h07_relation('attacked.base'), {cp}.h07_relation('attacked.of_grantor')), ('privilege', {cp}.h07_relation('attacked.base'), {cp}.h07_relation('attacked.of_privilege')), ('grantable', {cp}.h07_relation('attacked.base'), {cp}.h07_relation('attacked.of_option')), ('column', {cp}.h07_relation('attacked.of_column'), {cp}.h07_relation('attacked.of_other_column'))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h07_relation", "every part of every privilege"),
            lower: &[naive!("h07_relation(p_relation regclass)", "stable parallel safe", "select sha256(convert_to((c.relacl is null)::text, 'UTF8')) from pg_class c where c.oid = p_relation")],
            gain: COLLISION,
        },
        Attack {
            id: "letters_move_between_grantee_and_grantor",
            what: "A letter moves from the name of who holds a right into the name of who gave it: H07",
            stage: Sealed,
            arrange: &[
                "create role x_a; create role x_ab; create role b_x; create role _x; create schema attacked; grant usage on schema attacked to public, x_a, x_ab, b_x, _x",
                "create table attacked.one (id integer); create table attacked.other (id integer); grant select on attacked.one to b_x, _x with grant option; grant select on attacked.other to b_x, _x with grant option",
                "set local role b_x; grant select on attacked.one to x_a; reset role; set local role _x; grant select on attacked.other to x_ab; reset role",
            ],
            acts: &[(
                "auditor",
                each_colliding!("('moved', {cp}.h07_relation('attacked.one'), {cp}.h07_relation('attacked.other'))"),
            )],
            repelled: GainsNothing,
            shield: shield("encoding", "{cp}.h07_relation", "parts of a privilege are delimited"),
            lower: &[naive!("h07_relation(p_relation regclass)", "stable parallel safe", "select sha256(convert_to(string_agg(concat(pg_get_userbyid(x.grantee), pg_get_userbyid(x.grantor), x.privilege_type), ',' order by pg_get_userbyid(x.grantee), pg_get_userbyid(x.grantor), x.privilege_type), 'UTF8')) from pg_class c, aclexplode(c.relacl) x where c.oid = p_relation")],
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
