-- guard: G-BIRTH-NEUTRAL
-- invariant: No package wrote a birth or changed the birth gateway or one of its triggers.
-- why: Births must not notice a cutover.
-- probe: rows_delta row delta = 0: as many births as before the first package, in the snapshot that both counts share
-- probe: collections_delta row delta = 0 of each collection: a birth too many in one and one too few in another is none too many
-- probe: births_explained every birth is of a collection that the registry governs
-- probe: gateway_unchanged gateway hash unchanged: norm-md5 of each routine that a birth trigger runs
-- probe: gateway_sealed gateway hash unchanged: each do_not_touch routine of #20 has its sealed source, owner and privileges
-- probe: triggers_intact 166 triggers intact: table, name, function, arguments and state of each against the baseline, both EXCEPTs
-- input: birth_baseline births, gateways and triggers as they were before the first package
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id, e.state
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), untouched as (
  select a.object_identity::text as identity, a.owner_role::text as owner_role, a.source_sha256::bytea as source_sha256,
    a.privilege_acl_hash::bytea as privilege_acl_hash, pg_catalog.to_regprocedure(a.object_identity)::pg_catalog.oid as oid
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.object_class = 'do_not_touch' and a.object_kind = 'function'
), gateway as (
  select g.key as identity, g.value as norm_md5, p.prosrc
  from pg_catalog.jsonb_each_text($1 -> 'birth_baseline' -> 'gateways') as g
  left join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(g.key)
), same as (
  select g.identity, pg_catalog.md5(pg_catalog.array_to_string(pg_catalog.string_to_array(pg_catalog.translate(g.prosrc, E'\n\r\t', '   '), ' ', ''), ' ')) = g.norm_md5 as unchanged from gateway as g
), expected_trigger as (
  select t.value as line from pg_catalog.jsonb_array_elements_text($1 -> 'birth_baseline' -> 'triggers') as t (value)
), realized_trigger as (
  select t.tgrelid::pg_catalog.regclass::text || '.' || t.tgname || ' ' || t.tgfoid::pg_catalog.regprocedure::text
    || ' ' || pg_catalog.encode(t.tgargs, 'hex') || ' ' || t.tgenabled::text as line
  from pg_catalog.pg_trigger as t
  join gateway as g on pg_catalog.to_regprocedure(g.identity) = t.tgfoid
  where not t.tgisinternal
), drift as (
  (select 'gone ' || d.line as offender from (select line from expected_trigger except select line from realized_trigger) as d)
  union all
  (select 'new ' || d.line from (select line from realized_trigger except select line from expected_trigger) as d)
), birth as (
  select b.entity_code::text as entity, exists (
    select from public.collection_registry as r where r.collection_name = b.collection_name) as governed
  from public.birth_registry as b
), expected_births as (
  select c.key as collection_name, c.value::bigint as births
  from pg_catalog.jsonb_each_text($1 -> 'birth_baseline' -> 'by_collection') as c
), realized_births as (
  select b.collection_name::text as collection_name, pg_catalog.count(*) as births
  from public.birth_registry as b group by b.collection_name
), collection_drift as (
  select coalesce(e.collection_name, r.collection_name) as offender
  from expected_births as e
  full join realized_births as r on r.collection_name = e.collection_name
  where e.births is distinct from r.births
), sealed as (
  select u.identity, p.oid is not null and pg_catalog.pg_get_userbyid(p.proowner)::text = u.owner_role
    and qt001_cp.h06(p.oid::pg_catalog.regprocedure) = u.source_sha256
    and qt001_cp.h07_routine(p.oid::pg_catalog.regprocedure) = u.privilege_acl_hash as sound
  from untouched as u
  left join pg_catalog.pg_proc as p on p.oid = u.oid
)
select 'rows_delta' as probe, ($1 -> 'birth_baseline' ->> 'rows')::bigint as expected, (select pg_catalog.count(*) from birth) as realized,
  (select pg_catalog.count(*) from birth) as population, array[]::text[] as offenders
union all
select 'collections_delta', (select pg_catalog.count(*) from expected_births), (select pg_catalog.count(*) from realized_births),
  (select pg_catalog.count(*) from expected_births),
  array(select d.offender collate "C" from collection_drift as d order by 1)
union all
select 'births_explained', (select pg_catalog.count(*) from birth), (select pg_catalog.count(*) from birth as b where b.governed),
  (select pg_catalog.count(*) from birth),
  array(select b.entity collate "C" from birth as b where b.governed is not true order by 1)
union all
select 'gateway_unchanged', (select pg_catalog.count(*) from gateway), (select pg_catalog.count(*) from same as s where s.unchanged),
  (select pg_catalog.count(*) from gateway),
  array(select s.identity collate "C" from same as s where s.unchanged is not true order by 1)
union all
select 'gateway_sealed', (select pg_catalog.count(*) from untouched), (select pg_catalog.count(*) from sealed as s where s.sound),
  (select pg_catalog.count(*) from untouched),
  array(select s.identity collate "C" from sealed as s where s.sound is not true order by 1)
union all
select 'triggers_intact', (select pg_catalog.count(*) from expected_trigger), (select pg_catalog.count(*) from realized_trigger),
  (select pg_catalog.count(*) from expected_trigger),
  array(select d.offender collate "C" from drift as d order by 1)
