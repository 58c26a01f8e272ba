-- guard: G-EXACTSET-20
-- invariant: Constraints, indexes, triggers, domains, defaults and routine properties of the control plane are exactly
--   those that #20 expects.
-- why: One deferred key dropped is an integrity hole that no row shows.
-- probe: expected_populated the expected set is populated, and #20 holds its digest for every relation
-- probe: none_missing expected minus realized is empty
-- probe: none_extra realized minus expected is empty: any extra index fails, none is benign
-- probe: relations_covered every table, domain and routine of the schema has an expected set
-- probe: dropped_key_refused a dropped deferred key is OBJECT_AUTHORITY_IMMUTABLE: the check that seal and activation
--   loop over answers it for the difference that is found here, and only then
-- probe: deferred_keys_present every surface's key to its envelope is there, deferrable, deferred and validated
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), twentieth as (
  select distinct x.manifest_id, x.surface_no
  from qt001_cp.expected_constraint as x
  join newest as n on n.manifest_id = x.manifest_id and n.surface_no = x.surface_no
), expected as (
  select x.object_kind::text as kind, x.relation_name::text as relation, x.object_name::text as name, x.definition::text as definition
  from qt001_cp.expected_constraint as x
  join twentieth as t on t.manifest_id = x.manifest_id and t.surface_no = x.surface_no
), plane as (
  select s.oid from pg_catalog.pg_namespace as s where s.nspname = 'qt001_cp'
), plane_table as (
  select c.oid, c.relname::text as name from pg_catalog.pg_class as c join plane as s on s.oid = c.relnamespace where c.relkind in ('r', 'p')
), realized as materialized (
  -- What realized_constraint says one object at a time, read here past it and all at once.
  select case k.contype when 'c' then 'check' else 'constraint' end as kind, t.name as relation, k.conname::text as name,
    pg_catalog.pg_get_constraintdef(k.oid) as definition
  from plane_table as t join pg_catalog.pg_constraint as k on k.conrelid = t.oid and k.contype in ('p', 'u', 'f', 'c', 'x')
  union all
  select 'index', t.name, i.relname::text, pg_catalog.pg_get_indexdef(x.indexrelid)
  from plane_table as t
  join pg_catalog.pg_index as x on x.indrelid = t.oid
  join pg_catalog.pg_class as i on i.oid = x.indexrelid
  union all
  select 'trigger', t.name, g.tgname::text, g.tgenabled::text || ' ' || pg_catalog.pg_get_triggerdef(g.oid)
  from plane_table as t join pg_catalog.pg_trigger as g on g.tgrelid = t.oid and not g.tgisinternal
  union all
  select 'column', t.name, a.attname::text,
    pg_catalog.format_type(a.atttypid, a.atttypmod) || case a.attgenerated when '' then '' else ' generated' end
      || case when a.attcollation = y.typcollation then '' else ' collate ' || a.attcollation::pg_catalog.regcollation::text end
  from plane_table as t
  join pg_catalog.pg_attribute as a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type as y on y.oid = a.atttypid
  union all
  select 'not_null', t.name, a.attname::text, 'NOT NULL'
  from plane_table as t join pg_catalog.pg_attribute as a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull
  union all
  select 'default', t.name, a.attname::text, pg_catalog.pg_get_expr(d.adbin, d.adrelid)
  from plane_table as t
  join pg_catalog.pg_attrdef as d on d.adrelid = t.oid
  join pg_catalog.pg_attribute as a on a.attrelid = t.oid and a.attnum = d.adnum
  union all
  select 'domain', y.typname::text, k.conname::text, pg_catalog.pg_get_constraintdef(k.oid)
  from plane as s
  join pg_catalog.pg_type as y on y.typnamespace = s.oid and y.typtype = 'd'
  join pg_catalog.pg_constraint as k on k.contypid = y.oid and k.contype = 'c'
  union all
  select 'routine', p.proname::text, p.oid::pg_catalog.regprocedure::text,
    l.lanname || ' kind=' || p.prokind::text || ' definer=' || p.prosecdef::text || ' volatility=' || p.provolatile::text
    || ' strict=' || p.proisstrict::text || ' parallel=' || p.proparallel::text
    || ' config=' || coalesce(pg_catalog.array_to_string(p.proconfig, ';'), '')
  from plane as s
  join pg_catalog.pg_proc as p on p.pronamespace = s.oid
  join pg_catalog.pg_language as l on l.oid = p.prolang
), missing as (
  select d.kind || ' ' || d.relation || '.' || d.name as offender from (select * from expected except select * from realized) as d
), extra as (
  select d.kind || ' ' || d.relation || '.' || d.name as offender from (select * from realized except select * from expected) as d
), sealed_set as (
  select a.object_identity::text as relation, a.source_sha256::bytea as set_sha256
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.object_class = 'constraint_set'
), expected_set as (
  select x.relation, qt001_cp.h05(pg_catalog.array_agg(x.kind || '|' || x.name || '|' || x.definition)) as set_sha256
  from expected as x group by x.relation
), set_drift as (
  (select 'not sealed ' || d.relation as offender from (select * from expected_set except select * from sealed_set) as d)
  union all
  (select 'not expected ' || d.relation from (select * from sealed_set except select * from expected_set) as d)
), object as (
  -- Read here a second time, past the function that the expected set was compared with.
  select c.relname::text as relation
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as s on s.oid = c.relnamespace and s.nspname = 'qt001_cp'
  where c.relkind in ('r', 'p')
  union
  select t.typname::text
  from pg_catalog.pg_type as t
  join pg_catalog.pg_namespace as s on s.oid = t.typnamespace and s.nspname = 'qt001_cp'
  where t.typtype = 'd'
  union
  select pg_catalog.split_part(p.oid::pg_catalog.regprocedure::text, '(', 1)
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as s on s.oid = p.pronamespace and s.nspname = 'qt001_cp'
), covered as (
  select o.relation, o.relation in (select x.relation from expected as x)
    or o.relation in (select 'qt001_cp.' || x.relation from expected as x where x.kind = 'routine') as has_set
  from object as o
), answered as (
  select n.surface_no,
    exists (
      select from qt001_cp.check_object_authority_immutable(n.manifest_id, n.surface_no) as v
      where v.reason_code = 'OBJECT_AUTHORITY_IMMUTABLE') as refused,
    exists (select from missing union all select from extra) as differs
  from newest as n
  join twentieth as t on t.manifest_id = n.manifest_id
), deferred as (
  select m.table_name::text as table_name, exists (
    select from pg_catalog.pg_constraint as k
    where k.conrelid = pg_catalog.to_regclass('qt001_cp.' || m.table_name) and k.contype = 'f'
      and k.confrelid = 'qt001_cp.manifest_envelope'::pg_catalog.regclass
      and k.condeferrable and k.condeferred and k.convalidated) as sound
  from qt001_cp.surface_manifest as m
  join newest as n on n.manifest_id = m.manifest_id and n.surface_no = m.surface_no
)
select 'expected_populated' as probe,
  (select pg_catalog.count(*) from sealed_set) as expected,
  (select pg_catalog.count(*) from expected_set) as realized,
  (select pg_catalog.count(*) from expected) as population,
  array(select d.offender from set_drift as d order by d.offender collate "C") as offenders
union all
select 'none_missing', 0, (select pg_catalog.count(*) from missing), (select pg_catalog.count(*) from expected),
  array(select d.offender from missing as d order by d.offender collate "C")
union all
select 'none_extra', 0, (select pg_catalog.count(*) from extra), (select pg_catalog.count(*) from realized),
  array(select d.offender from extra as d order by d.offender collate "C")
union all
select 'relations_covered',
  (select pg_catalog.count(*) from covered), (select pg_catalog.count(*) from covered as c where c.has_set),
  (select pg_catalog.count(*) from covered),
  array(select c.relation from covered as c where not c.has_set order by c.relation collate "C")
union all
select 'dropped_key_refused',
  (select pg_catalog.count(*) from twentieth), (select pg_catalog.count(*) from answered as a where a.refused is not distinct from a.differs),
  (select pg_catalog.count(*) from answered),
  array(select ('surface ' || a.surface_no) collate "C" from answered as a where a.refused is distinct from a.differs order by 1)
union all
select 'deferred_keys_present',
  (select pg_catalog.count(*) from deferred), (select pg_catalog.count(*) from deferred as d where d.sound),
  (select pg_catalog.count(*) from deferred),
  array(select d.table_name from deferred as d where not d.sound order by d.table_name collate "C")
