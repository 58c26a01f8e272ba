-- guard: G-H04-SCOPE
-- invariant: A signoff binds exactly the keys that #10 seals for H04, in their order, its evidence by digest.
-- why: A signature that binds less can be moved to another payload.
-- probe: keys_not_null 8 NOT NULL cols: every key that #10 seals for H04 is a NOT NULL column of signoff_binding
-- probe: keys_unique UNIQUE: one UNIQUE over exactly those columns, in that order
-- probe: keys_as_fixed 8-key order: the keys are those of H04_SCOPE_V1 as the committed vector fixes them, both EXCEPTs
--   by position
-- probe: closed_set closed set: beside the keys there are the row's own id, its moment and the digest of the scope, nothing
--   else
-- probe: order_recomputes 8-key order: the digest function gives the vector's digest for the vector's keys
-- probe: evidence_dereferenced evidence deref: evidence_id is keyed to evidence_registry, whose artifact_sha256 is a NOT
--   NULL digest
-- probe: signoffs_recompute every signoff's scope digest recomputes from its own columns with the artifact's digest
-- input: hash_vectors the committed vectors of the seven contracts, each made by an implementation outside the database
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), scope_key as (
  select h.component_no, h.component::text as name
  from qt001_cp.hash_component_manifest as h
  join newest as n on n.manifest_id = h.manifest_id and n.surface_no = h.surface_no
  where h.contract = 'H04'
), vector as (
  select c.value as vector
  from pg_catalog.jsonb_array_elements($1 -> 'hash_vectors' -> 'contracts') as c (value)
  where c.value ->> 'contract' = 'H04'
), fixed as (
  select k.position, k.pair ->> 0 as name, k.pair ->> 2 as value
  from vector as v
  cross join lateral pg_catalog.jsonb_array_elements(v.vector -> 'input' -> 0) with ordinality as k (pair, position)
), key_drift as (
  (select 'missing ' || d.position || ' ' || d.name as offender
    from (select position, name from fixed except select component_no, name from scope_key) as d)
  union all
  (select 'unexpected ' || d.component_no || ' ' || d.name
    from (select component_no::bigint, name from scope_key except select position, name from fixed) as d)
), live_column as (
  select a.attnum, a.attname::text as name, a.attnotnull
  from pg_catalog.pg_attribute as a
  where a.attrelid = 'qt001_cp.signoff_binding'::pg_catalog.regclass and a.attnum > 0 and not a.attisdropped
), unique_key as (
  select k.conname::text as name, array(
    select c.name
    from pg_catalog.unnest(k.conkey) with ordinality as o (attnum, position)
    join live_column as c on c.attnum = o.attnum
    order by o.position) as columns
  from pg_catalog.pg_constraint as k
  where k.conrelid = 'qt001_cp.signoff_binding'::pg_catalog.regclass and k.contype = 'u'
), beside as (
  select c.name,
    exists (
      select from pg_catalog.pg_constraint as k
      where k.conrelid = 'qt001_cp.signoff_binding'::pg_catalog.regclass and k.contype = 'p' and k.conkey = array[c.attnum])
    or c.name in ('recorded_at', 'scope_sha256') as known
  from live_column as c
  where not exists (select from scope_key as k where k.name = c.name)
), value as (
  select (select f.value from fixed as f where f.name = 'manifest_id')::uuid as manifest_id,
    (select f.value from fixed as f where f.name = 'surface_no')::integer as surface_no,
    pg_catalog.decode((select f.value from fixed as f where f.name = 'payload_sha256'), 'hex') as payload_sha256,
    (select f.value from fixed as f where f.name = 'slot') as slot,
    (select f.value from fixed as f where f.name = 'principal_id') as principal_id,
    pg_catalog.decode((select f.value from fixed as f where f.name = 'evidence_id'), 'hex') as evidence_sha256,
    (select f.value from fixed as f where f.name = 'control_epoch')::bigint as control_epoch,
    (select f.value from fixed as f where f.name = 'decision') as decision
), again as (
  select v.vector ->> 'name' as name, pg_catalog.encode(qt001_cp.h04(
      x.manifest_id, x.surface_no, x.payload_sha256, x.slot, x.principal_id, x.evidence_sha256, x.control_epoch, x.decision), 'hex')
    is not distinct from v.vector ->> 'sha256' as sound
  from vector as v, value as x
), evidence_key as (
  select k.conname::text as name
  from pg_catalog.pg_constraint as k
  join live_column as c on k.conkey = array[c.attnum] and c.name = 'evidence_id'
  join pg_catalog.pg_attribute as r on r.attrelid = k.confrelid and k.confkey = array[r.attnum] and r.attname = 'evidence_id'
  join pg_catalog.pg_attribute as d on d.attrelid = k.confrelid and d.attname = 'artifact_sha256' and d.attnotnull
    and d.atttypid = 'qt001_cp.sha256_digest'::pg_catalog.regtype
  where k.conrelid = 'qt001_cp.signoff_binding'::pg_catalog.regclass and k.contype = 'f'
    and k.confrelid = 'qt001_cp.evidence_registry'::pg_catalog.regclass and k.confdeltype = 'r' and k.convalidated
), signoff as (
  select b.signoff_id, b.scope_sha256::bytea is not distinct from qt001_cp.h04(
      b.manifest_id, b.surface_no, b.payload_sha256, b.slot, b.principal_id, r.artifact_sha256, b.control_epoch, b.decision) as sound
  from qt001_cp.signoff_binding as b
  left join qt001_cp.evidence_registry as r on r.evidence_id = b.evidence_id
)
select 'keys_not_null' as probe,
  (select pg_catalog.count(*) from scope_key) as expected,
  (select pg_catalog.count(*) from scope_key as k join live_column as c on c.name = k.name and c.attnotnull) as realized,
  (select pg_catalog.count(*) from scope_key) as population,
  array(select k.name collate "C" from scope_key as k
    where not exists (select from live_column as c where c.name = k.name and c.attnotnull) order by 1) as offenders
union all
select 'keys_unique', 1,
  (select pg_catalog.count(*) from unique_key as u where u.columns = array(select k.name from scope_key as k order by k.component_no)),
  (select pg_catalog.count(*) from scope_key),
  array(select u.name collate "C" from unique_key as u
    where u.columns is distinct from array(select k.name from scope_key as k order by k.component_no) order by 1)
union all
select 'keys_as_fixed',
  (select pg_catalog.count(*) from fixed), (select pg_catalog.count(*) from scope_key), (select pg_catalog.count(*) from fixed),
  array(select d.offender collate "C" from key_drift as d order by 1)
union all
select 'closed_set', (select pg_catalog.count(*) from beside), (select pg_catalog.count(*) from beside as b where b.known), (select pg_catalog.count(*) from live_column),
  array(select b.name collate "C" from beside as b where b.known is not true order by 1)
union all
select 'order_recomputes',
  (select pg_catalog.count(*) from vector), (select pg_catalog.count(*) from again as a where a.sound), (select pg_catalog.count(*) from again),
  array(select a.name collate "C" from again as a where a.sound is not true order by 1)
union all
select 'evidence_dereferenced', 1, (select pg_catalog.count(*) from evidence_key), (select pg_catalog.count(*) from live_column as c where c.name = 'evidence_id'),
  array(select 'evidence_id' where not exists (select from evidence_key))
union all
-- Ranges over the vector too, so that a plane that nobody has signed yet is still judged.
select 'signoffs_recompute', (select pg_catalog.count(*) from signoff), (select pg_catalog.count(*) from signoff as s where s.sound),
  (select pg_catalog.count(*) from signoff) + (select pg_catalog.count(*) from vector),
  array(select s.signoff_id::text collate "C" from signoff as s where s.sound is not true order by 1)
