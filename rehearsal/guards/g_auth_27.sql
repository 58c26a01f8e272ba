-- guard: G-AUTH-27
-- invariant: The authority surfaces are exactly those of the closed set: item tables, #01, #20 and envelopes agree
--   in both directions.
-- why: A surface outside the set is authority that nobody sealed; one too few is authority that nobody checks.
-- probe: surfaces_counted exactly 27 authority surfaces: #19 seals the count, #01 has it
-- probe: surfaces_digest the set is exact: the digest that #19 seals recomputes from #01
-- probe: item_tables_exact child tables: tables of the schema with an item's five columns against #01, both EXCEPTs
-- probe: scope_exact child tables: those that #20 classes as authority against #01, both EXCEPTs
-- probe: envelopes_exact child tables vs envelope: the newest envelope of each surface against #01, both EXCEPTs
-- probe: items_counted child tables vs envelope: each surface holds as many rows as its envelope counts
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id, e.item_count
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), surface as (
  select s.number, s.table_name::text as table_name
  from qt001_cp.surface_manifest as s
  join newest as n on n.manifest_id = s.manifest_id and n.surface_no = s.surface_no
), denominator as (
  select d.member_count, d.set_sha256::bytea as set_sha256
  from qt001_cp.denominator_manifest as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
  where d.inventory = 'authority_surfaces'
), item_table as (
  -- What makes a table an item table is its columns, not its name.
  select c.relname::text as table_name
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as s on s.oid = c.relnamespace and s.nspname = 'qt001_cp'
  join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relkind in ('r', 'p') and a.attname in ('manifest_id', 'surface_no', 'ordinal', 'item_key', 'item_sha256')
  group by c.oid, c.relname
  having pg_catalog.array_agg(a.attname::text) @> array['manifest_id', 'surface_no', 'ordinal', 'item_key', 'item_sha256']
), scoped as (
  select pg_catalog.split_part(a.object_identity::text, '.', 2) as table_name
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.object_class = 'authority'
), item_drift as (
  (select 'missing ' || d.table_name as offender from (select table_name from surface except select table_name from item_table) as d)
  union all
  (select 'unexpected ' || d.table_name from (select table_name from item_table except select table_name from surface) as d)
), scope_drift as (
  (select 'missing ' || d.table_name as offender from (select table_name from surface except select table_name from scoped) as d)
  union all
  (select 'unexpected ' || d.table_name from (select table_name from scoped except select table_name from surface) as d)
), envelope_drift as (
  (select 'missing #' || d.number as offender from (select number from surface except select surface_no from newest) as d)
  union all
  (select 'unexpected #' || d.surface_no from (select surface_no from newest except select number from surface) as d)
), counted as (
  select n.surface_no, n.item_count, (
    select pg_catalog.count(*) from qt001_cp.surface_item as i
    where i.manifest_id = n.manifest_id and i.surface_no = n.surface_no) as found
  from newest as n
)
select 'surfaces_counted' as probe,
  (select d.member_count from denominator as d)::bigint as expected,
  (select pg_catalog.count(*) from surface) as realized,
  (select pg_catalog.count(*) from surface) as population,
  array[]::text[] as offenders
union all
select 'surfaces_digest', 1,
  (select pg_catalog.count(*) from denominator as d
    where d.set_sha256 = qt001_cp.h05((select pg_catalog.array_agg(s.table_name) from surface as s))),
  (select pg_catalog.count(*) from surface),
  array[]::text[]
union all
select 'item_tables_exact',
  (select pg_catalog.count(*) from surface), (select pg_catalog.count(*) from item_table), (select pg_catalog.count(*) from surface),
  array(select d.offender from item_drift as d order by d.offender collate "C")
union all
select 'scope_exact',
  (select pg_catalog.count(*) from surface), (select pg_catalog.count(*) from scoped), (select pg_catalog.count(*) from surface),
  array(select d.offender from scope_drift as d order by d.offender collate "C")
union all
select 'envelopes_exact',
  (select pg_catalog.count(*) from surface), (select pg_catalog.count(*) from newest), (select pg_catalog.count(*) from surface),
  array(select d.offender from envelope_drift as d order by d.offender collate "C")
union all
select 'items_counted',
  (select pg_catalog.count(*) from counted),
  (select pg_catalog.count(*) from counted as c where c.found = c.item_count and c.found > 0),
  (select pg_catalog.count(*) from counted),
  array(select ('#' || c.surface_no || ' counts ' || c.item_count || ', holds ' || c.found) collate "C"
    from counted as c where (c.found = c.item_count and c.found > 0) is not true order by 1)
