-- guard: G-ITEMPAYLOAD
-- invariant: Adapters read exactly the columns that #24 allows, and nothing of the control plane reads item_payload.
-- why: A descriptive field that is read is authority.
-- probe: payload_unread code_catalog_item.item_payload never operationally read: no view, routine, index, default, policy or
--   trigger depends on the column
-- probe: payload_unnamed code_catalog_item.item_payload never operationally read: a body whose columns pg_depend can't know does
--   not name it
-- probe: edges_sealed observed edges == sealed edges: columns that pg_depend knows of each adapter against #24, both EXCEPTs
-- probe: adapters_known adapter dependency edges: every adapter of #25 is there, its body is the sealed one, and it leaves edges
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id, e.state
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), payload as (
  select a.attrelid, a.attnum
  from pg_catalog.pg_attribute as a
  where a.attrelid = 'qt001_cp.code_catalog_item'::pg_catalog.regclass and a.attname = 'item_payload' and not a.attisdropped
), column_edge as (
  select d.classid, d.objid, d.refobjid, d.refobjsubid
  from pg_catalog.pg_depend as d
  join pg_catalog.pg_class as c on c.oid = d.refobjid
  join pg_catalog.pg_namespace as s on s.oid = c.relnamespace and s.nspname = 'qt001_cp'
  where d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjsubid > 0 and d.deptype in ('n', 'a')
), reading as (
  select pg_catalog.pg_describe_object(e.classid, e.objid, 0) as offender
  from column_edge as e
  join payload as p on p.attrelid = e.refobjid and p.attnum = e.refobjsubid
), body as (
  -- Where the columns are not in the catalog the text is only a lead, and a lead that nobody can close blocks.
  select p.oid::pg_catalog.regprocedure::text as name, pg_catalog.cardinality(pg_catalog.string_to_array(p.prosrc, 'item_payload')) as parts
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as s on s.oid = p.pronamespace and s.nspname = 'qt001_cp'
  where p.prosqlbody is null
), adapter as (
  select a.adapter::text as adapter, a.routine::text as routine, a.source_sha256::bytea as source_sha256,
    pg_catalog.to_regprocedure(a.routine)::pg_catalog.oid as oid
  from qt001_cp.adapter_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
), sealed as (
  select i.adapter::text as adapter, i.relation::text as relation, i.column_name::text as column_name
  from qt001_cp.adapter_input_contract as i
  join newest as n on n.manifest_id = i.manifest_id and n.surface_no = i.surface_no
), observed as (
  select distinct a.adapter, c.relname::text as relation, t.attname::text as column_name
  from adapter as a
  join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = a.oid
    and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjsubid > 0
  join pg_catalog.pg_class as c on c.oid = d.refobjid
  join pg_catalog.pg_attribute as t on t.attrelid = d.refobjid and t.attnum = d.refobjsubid
), drift as (
  (select 'missing ' || d.adapter || ':' || d.relation || '.' || d.column_name as offender
    from (select * from sealed except select * from observed) as d)
  union all
  (select 'unexpected ' || d.adapter || ':' || d.relation || '.' || d.column_name
    from (select * from observed except select * from sealed) as d)
)
select 'payload_unread' as probe, 0::bigint as expected, (select pg_catalog.count(*) from reading) as realized,
  (select pg_catalog.count(*) from column_edge) * (select pg_catalog.count(*) from payload) as population,
  array(select distinct r.offender collate "C" from reading as r order by 1) as offenders
union all
select 'payload_unnamed', (select pg_catalog.count(*) from body), (select pg_catalog.count(*) from body as b where b.parts = 1),
  (select pg_catalog.count(*) from body),
  array(select b.name collate "C" from body as b where b.parts is distinct from 1 order by 1)
union all
select 'edges_sealed', (select pg_catalog.count(*) from sealed), (select pg_catalog.count(*) from observed), (select pg_catalog.count(*) from sealed),
  array(select d.offender collate "C" from drift as d order by 1)
union all
select 'adapters_known', (select pg_catalog.count(*) from adapter),
  (select pg_catalog.count(*) from adapter as a where qt001_cp.h06(a.oid::pg_catalog.regprocedure) = a.source_sha256
    and exists (select from observed as o where o.adapter = a.adapter)),
  (select pg_catalog.count(*) from adapter),
  array(select a.adapter collate "C" from adapter as a
    where (qt001_cp.h06(a.oid::pg_catalog.regprocedure) = a.source_sha256
      and exists (select from observed as o where o.adapter = a.adapter)) is not true order by 1)
