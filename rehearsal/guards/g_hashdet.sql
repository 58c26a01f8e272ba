-- guard: G-HASHDET
-- invariant: Every digest recomputes byte for byte in the database from what an implementation outside it computed.
-- why: A digest that drifts proves nothing, and six attempts ended in that divergence.
-- probe: encoding_fixtures CP-06 encoding (hex, UTC, trim_scale, JSON-null): each committed value encodes to the same bytes
-- probe: h01_fixture recompute H01 over fixtures: the committed row over every type of value
-- probe: h02_fixture recompute H02 over fixtures, in ordinal order whatever the order of the input
-- probe: h03_fixture recompute H03 over fixtures, and the identity that follows from it
-- probe: h04_fixture recompute H04 over fixtures
-- probe: h05_fixture recompute H05 over fixtures, COLLATE "C" whatever the order of the input
-- probe: h01_rows two independent recomputes: every item's authored H01 against the one of its columns
-- probe: h02_payloads two independent recomputes: every authored payload digest against the one of its rows, stored digests
--   left aside
-- probe: h03_envelopes two independent recomputes: every envelope digest and the identity made of it
-- probe: h05_sets two independent recomputes: the expected constraint sets of #20
-- input: hash_vectors the committed vectors of the seven contracts, each made by an implementation outside the database
-- stage: control-plane
with contract as (
  select c.value ->> 'contract' as contract, c.value ->> 'name' as name, c.value -> 'input' as input, c.value ->> 'sha256' as sha256,
    c.value ->> 'manifest_id' as manifest_id
  from pg_catalog.jsonb_array_elements($1 -> 'hash_vectors' -> 'contracts') as c (value)
), fixture as (
  select v.value ->> 'name' as name, v.value ->> 'kind' as kind, v.value -> 'input' as input, v.value ->> 'input' as plain,
    v.value ->> 'encoded' as encoded, null::text as row_name, null::text as column_name, null::bigint as position
  from pg_catalog.jsonb_array_elements($1 -> 'hash_vectors' -> 'values') as v (value)
  union all
  select c.name, t.value ->> 1, t.value -> 2, t.value ->> 2, null, c.name, t.value ->> 0, t.position
  from contract as c
  cross join lateral pg_catalog.jsonb_array_elements(c.input -> 1) with ordinality as t (value, position)
  where c.contract = 'H01'
), moment as (
  -- A moment is given as microseconds since 2000, or as an infinity.
  select f.name, f.row_name, f.position, case
      when f.kind <> 'timestamptz' or f.plain is null then null
      when pg_catalog.jsonb_typeof(f.input) = 'string' then f.plain::timestamptz
      else '2000-01-01 00:00:00+00'::timestamptz + (f.plain || ' microseconds')::interval
    end as at
  from fixture as f
), encoded as (
  select f.*, case
      when f.plain is null then 'null'
      when f.kind = 'boolean' then f.plain::boolean::text
      when f.kind = 'integer' then '"' || f.plain::bigint::text || '"'
      when f.kind = 'numeric' then '"' || pg_catalog.trim_scale(f.plain::numeric)::text || '"'
      when f.kind = 'text' then pg_catalog.to_json(f.plain)::text
      when f.kind = 'bytea' then '"' || pg_catalog.encode(pg_catalog.decode(f.plain, 'hex'), 'hex') || '"'
      when f.kind = 'uuid' then '"' || f.plain::uuid::text || '"'
      when f.kind = 'timestamptz' and not pg_catalog.isfinite(m.at) then '"' || m.at::text || '"'
      when f.kind = 'timestamptz' then '"' || pg_catalog.replace(pg_catalog.to_char(
        pg_catalog.timezone('UTC', m.at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z" AD'), ' AD', '') || '"'
      when f.kind = 'text[]' then pg_catalog.array_to_json(array(
        select e.value from pg_catalog.jsonb_array_elements_text(f.input) with ordinality as e (value, position) order by e.position))::text
    end as again
  from fixture as f
  join moment as m on m.name = f.name and m.row_name is not distinct from f.row_name and m.position is not distinct from f.position
), h01 as (
  select c.name, c.sha256, (
    select pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
      '["H01","v1",' || (c.input ->> 0) || ',[' || pg_catalog.string_agg('["' || e.column_name || '",' || e.again || ']', ',' order by e.position)
      || ']]', 'UTF8')), 'hex')
    from encoded as e where e.row_name = c.name) as again
  from contract as c where c.contract = 'H01'
), h02 as (
  select c.name, c.sha256, pg_catalog.encode(qt001_cp.h02(
      array(select (l.value ->> 0)::integer from pg_catalog.jsonb_array_elements(c.input -> 0) with ordinality as l (value, at) order by l.at),
      array(select l.value ->> 1 from pg_catalog.jsonb_array_elements(c.input -> 0) with ordinality as l (value, at) order by l.at),
      array(select pg_catalog.decode(l.value ->> 2, 'hex') from pg_catalog.jsonb_array_elements(c.input -> 0) with ordinality as l (value, at) order by l.at)),
    'hex') as again
  from contract as c where c.contract = 'H02'
), h03 as (
  select c.name, c.sha256, c.manifest_id, qt001_cp.h03(
    (c.input ->> 0)::integer, (c.input ->> 1)::integer, (c.input ->> 2)::integer,
    pg_catalog.decode(c.input ->> 3, 'hex'), pg_catalog.decode(c.input ->> 4, 'hex')) as again
  from contract as c where c.contract = 'H03'
), h04 as (
  select c.name, c.sha256, pg_catalog.encode(qt001_cp.h04(
    (c.input -> 0 -> 0 ->> 2)::uuid, (c.input -> 0 -> 1 ->> 2)::integer, pg_catalog.decode(c.input -> 0 -> 2 ->> 2, 'hex'),
    c.input -> 0 -> 3 ->> 2, c.input -> 0 -> 4 ->> 2, pg_catalog.decode(c.input -> 0 -> 5 ->> 2, 'hex'),
    (c.input -> 0 -> 6 ->> 2)::bigint, c.input -> 0 -> 7 ->> 2), 'hex') as again
  from contract as c where c.contract = 'H04'
), h05 as (
  -- In the vector's order and in the opposite one.
  select c.name, c.sha256,
    pg_catalog.encode(qt001_cp.h05(array(
      select m.value from pg_catalog.jsonb_array_elements_text(c.input -> 0) with ordinality as m (value, at) order by m.at)), 'hex') as again,
    pg_catalog.encode(qt001_cp.h05(array(
      select m.value from pg_catalog.jsonb_array_elements_text(c.input -> 0) with ordinality as m (value, at) order by m.at desc)), 'hex') as reversed
  from contract as c where c.contract = 'H05'
), item as (
  select i.manifest_id, i.surface_no, i.ordinal::integer as ordinal, i.item_key::text as item_key,
    i.item_sha256::bytea as item_sha256, i.recomputed_sha256
  from qt001_cp.surface_item as i
), payload as (
  select i.manifest_id, i.surface_no, pg_catalog.array_agg(i.ordinal order by i.ordinal) as ordinals,
    pg_catalog.array_agg(i.item_key order by i.ordinal) as item_keys,
    pg_catalog.array_agg(i.recomputed_sha256 order by i.ordinal) as digests
  from item as i group by i.manifest_id, i.surface_no
), expected_set as (
  select x.manifest_id, x.surface_no, pg_catalog.array_agg(x.item_key::text) as item_keys
  from qt001_cp.expected_item as x group by x.manifest_id, x.surface_no
), envelope as (
  select e.manifest_id, e.surface_no, e.payload_sha256::bytea as payload_sha256, e.envelope_sha256::bytea as envelope_sha256,
    qt001_cp.h02(p.ordinals, p.item_keys, p.digests) as payload_again,
    qt001_cp.h03(e.surface_no, e.version, e.item_count, e.payload_sha256, qt001_cp.h05(x.item_keys)) as envelope_again
  from qt001_cp.manifest_envelope as e
  left join payload as p on p.manifest_id = e.manifest_id and p.surface_no = e.surface_no
  left join expected_set as x on x.manifest_id = e.manifest_id and x.surface_no = e.surface_no
), constraint_line as (
  select x.manifest_id, x.surface_no, x.relation_name::text as relation,
    pg_catalog.array_agg(x.object_kind || '|' || x.object_name || '|' || x.definition) as lines
  from qt001_cp.expected_constraint as x group by x.manifest_id, x.surface_no, x.relation_name::text
), constraint_set as (
  select a.object_identity::text as relation, a.source_sha256::bytea as set_sha256, qt001_cp.h05(x.lines) as again
  from qt001_cp.authority_scope_manifest as a
  left join constraint_line as x on x.manifest_id = a.manifest_id and x.surface_no = a.surface_no and x.relation = a.object_identity::text
  where a.object_class = 'constraint_set'
)
select 'encoding_fixtures' as probe,
  (select pg_catalog.count(*) from encoded as e where e.row_name is null) as expected,
  (select pg_catalog.count(*) from encoded as e where e.row_name is null and e.again = e.encoded) as realized,
  (select pg_catalog.count(*) from encoded as e where e.row_name is null) as population,
  array(select e.name collate "C" from encoded as e where e.row_name is null and e.again is distinct from e.encoded order by 1) as offenders
union all
select 'h01_fixture', (select pg_catalog.count(*) from h01), (select pg_catalog.count(*) from h01 as h where h.again = h.sha256),
  (select pg_catalog.count(*) from h01), array(select h.name collate "C" from h01 as h where h.again is distinct from h.sha256 order by 1)
union all
select 'h02_fixture', (select pg_catalog.count(*) from h02), (select pg_catalog.count(*) from h02 as h where h.again = h.sha256),
  (select pg_catalog.count(*) from h02), array(select h.name collate "C" from h02 as h where h.again is distinct from h.sha256 order by 1)
union all
select 'h03_fixture', (select pg_catalog.count(*) from h03),
  (select pg_catalog.count(*) from h03 as h
    where pg_catalog.encode(h.again, 'hex') = h.sha256 and qt001_cp.manifest_id_of(h.again)::text = h.manifest_id),
  (select pg_catalog.count(*) from h03),
  array(select h.name collate "C" from h03 as h
    where (pg_catalog.encode(h.again, 'hex') = h.sha256 and qt001_cp.manifest_id_of(h.again)::text = h.manifest_id) is not true order by 1)
union all
select 'h04_fixture', (select pg_catalog.count(*) from h04), (select pg_catalog.count(*) from h04 as h where h.again = h.sha256),
  (select pg_catalog.count(*) from h04), array(select h.name collate "C" from h04 as h where h.again is distinct from h.sha256 order by 1)
union all
select 'h05_fixture', (select pg_catalog.count(*) from h05), (select pg_catalog.count(*) from h05 as h where h.again = h.sha256 and h.reversed = h.sha256),
  (select pg_catalog.count(*) from h05),
  array(select h.name collate "C" from h05 as h where (h.again = h.sha256 and h.reversed = h.sha256) is not true order by 1)
union all
select 'h01_rows', (select pg_catalog.count(*) from item), (select pg_catalog.count(*) from item as i where i.item_sha256 = i.recomputed_sha256),
  (select pg_catalog.count(*) from item),
  array(select ('#' || i.surface_no || ' ' || i.item_key) collate "C" from item as i where i.item_sha256 is distinct from i.recomputed_sha256 order by 1)
union all
select 'h02_payloads', (select pg_catalog.count(*) from envelope), (select pg_catalog.count(*) from envelope as e where e.payload_sha256 = e.payload_again),
  (select pg_catalog.count(*) from envelope),
  array(select ('#' || e.surface_no) collate "C" from envelope as e where e.payload_sha256 is distinct from e.payload_again order by 1)
union all
select 'h03_envelopes', (select pg_catalog.count(*) from envelope),
  (select pg_catalog.count(*) from envelope as e
    where e.envelope_sha256 = e.envelope_again and e.manifest_id = qt001_cp.manifest_id_of(e.envelope_sha256)),
  (select pg_catalog.count(*) from envelope),
  array(select ('#' || e.surface_no) collate "C" from envelope as e
    where (e.envelope_sha256 = e.envelope_again and e.manifest_id = qt001_cp.manifest_id_of(e.envelope_sha256)) is not true order by 1)
union all
select 'h05_sets', (select pg_catalog.count(*) from constraint_set), (select pg_catalog.count(*) from constraint_set as s where s.set_sha256 = s.again),
  (select pg_catalog.count(*) from constraint_set),
  array(select s.relation collate "C" from constraint_set as s where s.set_sha256 is distinct from s.again order by 1)
