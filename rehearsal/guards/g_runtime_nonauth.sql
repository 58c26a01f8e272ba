-- guard: G-RUNTIME-NONAUTH
-- invariant: The runtime-evidence tables are exactly those of #20's typed rows, and none of them is authority.
-- why: Evidence that is read as authority can vouch for itself.
-- probe: tables_counted exactly 11: #19 seals the count, #20 has it
-- probe: tables_digest the set is exact: the digest that #19 seals recomputes from #20's typed rows
-- probe: tables_exact runtime-evidence tables vs #20 typed rows: tables under the append-only evidence trigger, both
--   EXCEPTs
-- probe: none_is_authority none classed as authority: no other class in #20 and no number in #01
-- probe: none_is_authored none classed as authority: none has the columns by which an item is sealed
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), scope as (
  select a.object_class, a.object_identity::text as identity, pg_catalog.to_regclass(a.object_identity) as relation
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
), runtime as (
  select s.identity, s.relation, pg_catalog.split_part(s.identity, '.', 2) as table_name
  from scope as s where s.object_class = 'runtime_evidence'
), denominator as (
  select d.member_count, d.set_sha256::bytea as set_sha256
  from qt001_cp.denominator_manifest as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
  where d.inventory = 'runtime_evidence_tables'
), realized as (
  select distinct 'qt001_cp.' || c.relname::text as identity
  from pg_catalog.pg_trigger as t
  join pg_catalog.pg_class as c on c.oid = t.tgrelid
  join pg_catalog.pg_namespace as s on s.oid = c.relnamespace and s.nspname = 'qt001_cp'
  where t.tgfoid = 'qt001_cp.evidence_append_only()'::pg_catalog.regprocedure
), drift as (
  (select 'missing ' || d.identity as offender from (select identity from runtime except select identity from realized) as d)
  union all
  (select 'unexpected ' || d.identity from (select identity from realized except select identity from runtime) as d)
), claimed as (
  select s.identity || ' is ' || s.object_class as offender
  from scope as s
  join runtime as r on r.relation = s.relation
  where s.object_class is distinct from 'runtime_evidence'
  union all
  select r.identity || ' is surface ' || m.number
  from runtime as r
  join qt001_cp.surface_manifest as m on m.table_name::text = r.table_name
  join newest as n on n.manifest_id = m.manifest_id and n.surface_no = m.surface_no
), authored as (
  select r.identity
  from runtime as r
  join pg_catalog.pg_attribute as a on a.attrelid = r.relation and a.attnum > 0 and not a.attisdropped
  where a.attname in ('manifest_id', 'surface_no', 'ordinal', 'item_key', 'item_sha256')
  group by r.identity
  having pg_catalog.array_agg(a.attname::text) @> array['manifest_id', 'surface_no', 'ordinal', 'item_key', 'item_sha256']
)
select 'tables_counted' as probe,
  (select d.member_count from denominator as d)::bigint as expected,
  (select pg_catalog.count(r.relation) from runtime as r) as realized,
  (select pg_catalog.count(*) from runtime) as population,
  array(select r.identity from runtime as r where r.relation is null order by r.identity collate "C") as offenders
union all
select 'tables_digest', 1,
  (select pg_catalog.count(*) from denominator as d
    where d.set_sha256 = qt001_cp.h05((select pg_catalog.array_agg(r.table_name) from runtime as r))),
  (select pg_catalog.count(*) from runtime),
  array[]::text[]
union all
select 'tables_exact',
  (select pg_catalog.count(*) from runtime), (select pg_catalog.count(*) from realized), (select pg_catalog.count(*) from runtime),
  array(select d.offender from drift as d order by d.offender collate "C")
union all
select 'none_is_authority', 0, (select pg_catalog.count(*) from claimed), (select pg_catalog.count(*) from runtime),
  array(select c.offender from claimed as c order by c.offender collate "C")
union all
select 'none_is_authored', 0, (select pg_catalog.count(*) from authored), (select pg_catalog.count(*) from runtime),
  array(select a.identity from authored as a order by a.identity collate "C")
