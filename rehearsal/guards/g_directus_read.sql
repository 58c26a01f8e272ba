-- guard: G-DIRECTUS-READ
-- invariant: The application role reads exactly what the capture says that it read, through the same relations, and
--   nothing of the control plane.
-- why: A cutover that breaks a read breaks the CMS; a read that nobody captured breaks in silence.
-- probe: contract_exact #21 == captured existing SELECT set, both EXCEPTs, but for reads that a reviewed decision drops
-- probe: dropped_as_decided what a reviewed decision drops (READ_CONFLICT) was captured, is not in #21, and is not held once its
--   relation has moved
-- probe: reads_resolve stale read path blocks: every relation and column of #21 is there
-- probe: reads_held SELECT-only base-table reads preserved: the role effectively holds each of them
-- probe: reads_known unknown read path blocks: what the role effectively reads now is in #21, both EXCEPTs
-- probe: kinds_unchanged no view migration: every relation read is what it was when captured
-- probe: view_paths_open SELECT-only base-table reads preserved: each view's owner may read what the view reads, down to
--   the base tables, and the reader may call the functions in it
-- probe: control_plane_closed the role may read no relation of the control plane
-- input: select_set the captured reads, those of them that a decision drops, the role that they belong to, and the digest of
--   the capture
-- stage: no-control-plane
with reader as (
  select r.oid from pg_catalog.pg_roles as r where r.rolname = (select $1 -> 'select_set' ->> 'reader')
), captured as (
  select c.value ->> 0 as relation, c.value ->> 1 as column_name, c.value ->> 2 as kind
  from pg_catalog.jsonb_array_elements($1 -> 'select_set' -> 'reads') as c (value)
), dropped as (
  select d.value ->> 0 as relation, d.value ->> 1 as column_name, pg_catalog.to_regclass(d.value ->> 0)::pg_catalog.oid as oid
  from pg_catalog.jsonb_array_elements($1 -> 'select_set' -> 'dropped') as d (value)
), contract as (
  -- #21 is written from the captured set, so before it exists that set stands for it.
  select c.relation, c.column_name, pg_catalog.to_regclass(c.relation) as oid from captured as c
), resolved as (
  select c.relation, c.column_name, c.oid, a.attnum, c.oid is not null and (c.column_name = '' or a.attnum is not null) as sound
  from contract as c
  left join pg_catalog.pg_attribute as a
    on a.attrelid = c.oid and a.attname = c.column_name and a.attnum > 0 and not a.attisdropped
), held as (
  select r.relation, r.column_name, case
      when not r.sound then false
      when r.column_name = '' then pg_catalog.has_table_privilege(o.oid, r.oid, 'SELECT')
      else pg_catalog.has_column_privilege(o.oid, r.oid, r.attnum, 'SELECT')
    end as held
  from resolved as r
  cross join reader as o
), live as (
  -- System schemas by what they are: made by initdb, temporary, or an extension's. A relation that #20 classes as the
  -- migration tool's own bookkeeping is known, too.
  select c.oid, c.relkind, n.nspname = 'qt001_cp' as is_control_plane, o.oid as reader
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  cross join reader as o
  where c.relkind in ('r', 'v', 'm', 'S', 'f', 'p') and (n.oid >= 16384 or n.nspname = 'public') and c.relpersistence <> 't'
    and pg_catalog.has_schema_privilege(o.oid, n.oid, 'USAGE')
    and not exists (
      select from pg_catalog.pg_depend as d
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e')
), live_read as (
  select l.oid, ''::text as column_name
  from live as l
  where not l.is_control_plane and pg_catalog.has_table_privilege(l.reader, l.oid, 'SELECT')
  union all
  select l.oid, a.attname::text
  from live as l
  join pg_catalog.pg_attribute as a on a.attrelid = l.oid and a.attnum > 0 and not a.attisdropped
  where not l.is_control_plane and l.relkind <> 'S' and not pg_catalog.has_table_privilege(l.reader, l.oid, 'SELECT')
    and pg_catalog.has_column_privilege(l.reader, l.oid, a.attnum, 'SELECT')
), live_name as (
  select l.oid::pg_catalog.regclass::text as relation, l.column_name from live_read as l
), contract_drift as (
  (select 'unexpected ' || d.relation || ' ' || d.column_name as offender
    from (select relation, column_name from captured except select relation, column_name from live_name) as d)
  union all
  (select 'missing ' || d.relation || ' ' || d.column_name
    from (select relation, column_name from live_name except select relation, column_name from captured) as d)
), read_drift as (
  (select 'unknown ' || d.oid::pg_catalog.regclass::text || ' ' || d.column_name as offender
    from (select oid, column_name from live_read except select oid, column_name from resolved where sound) as d)
  union all
  (select 'lost ' || d.relation || ' ' || d.column_name
    from (select relation, column_name from held where held is not true) as d)
), kind as (
  select distinct c.relation, c.kind, case k.relkind when 'r' then 'table' when 'v' then 'view' when 'm' then 'materialized view'
    when 'S' then 'sequence' when 'f' then 'foreign table' when 'p' then 'partitioned table' end as realized
  from captured as c
  left join pg_catalog.pg_class as k on k.oid = pg_catalog.to_regclass(c.relation)
), recursive_edge as (
  select distinct v.oid as view, d.refclassid, d.refobjid,
    case when coalesce('security_invoker=true' = any (v.reloptions), false) or coalesce('security_invoker=on' = any (v.reloptions), false)
      then o.oid else v.relowner end as checked_as, o.oid as reader
  from pg_catalog.pg_class as v
  join pg_catalog.pg_rewrite as r on r.ev_class = v.oid
  join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = r.oid
    and d.refobjid <> v.oid and d.refobjid >= 16384
    and d.refclassid in ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass)
  cross join reader as o
  where v.relkind = 'v'
), path as (
  -- One view at a time: a view below another is itself checked from the relation that reads it.
  select distinct e.view, e.refclassid, e.refobjid, e.checked_as, e.reader
  from recursive_edge as e
  where e.view in (
    with recursive below (view) as (
      select r.oid::pg_catalog.oid from resolved as r join pg_catalog.pg_class as c on c.oid = r.oid and c.relkind = 'v'
      union
      select c.oid
      from below as b
      join recursive_edge as x on x.view = b.view
      join pg_catalog.pg_class as c on c.oid = x.refobjid and c.relkind = 'v'
      where x.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)
    select b.view from below as b)
), judged as (
  select p.view::pg_catalog.regclass::text || ' -> ' || case p.refclassid
      when 'pg_catalog.pg_class'::pg_catalog.regclass then p.refobjid::pg_catalog.regclass::text
      else p.refobjid::pg_catalog.regprocedure::text end as name,
    case p.refclassid
      when 'pg_catalog.pg_class'::pg_catalog.regclass then pg_catalog.has_table_privilege(p.checked_as, p.refobjid, 'SELECT')
        or pg_catalog.has_any_column_privilege(p.checked_as, p.refobjid, 'SELECT')
      else pg_catalog.has_function_privilege(p.reader, p.refobjid, 'EXECUTE') end as open
  from path as p
), control_plane as (
  select c.oid::pg_catalog.regclass::text as name, pg_catalog.has_table_privilege(o.oid, c.oid, 'SELECT')
      or pg_catalog.has_any_column_privilege(o.oid, c.oid, 'SELECT') as readable
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and n.nspname = 'qt001_cp'
  cross join reader as o
  where c.relkind in ('r', 'v', 'm', 'f', 'p')
)
select 'contract_exact' as probe,
  (select pg_catalog.count(*) from captured) as expected, (select pg_catalog.count(*) from live_name) as realized,
  (select pg_catalog.count(*) from captured) as population,
  array(select d.offender collate "C" from contract_drift as d order by 1) as offenders
union all
-- Nothing has moved yet: what will be dropped is one of the captured reads.
select 'dropped_as_decided', (select pg_catalog.count(*) from dropped),
  (select pg_catalog.count(*) from dropped as d join captured as c on c.relation = d.relation and c.column_name = d.column_name),
  (select pg_catalog.count(*) from captured),
  array(select (d.relation || ' ' || d.column_name) collate "C"
    from (select relation, column_name from dropped except select relation, column_name from captured) as d order by 1)
union all
select 'reads_resolve',
  (select pg_catalog.count(*) from contract), (select pg_catalog.count(*) from resolved as r where r.sound), (select pg_catalog.count(*) from contract),
  array(select (r.relation || ' ' || r.column_name) collate "C" from resolved as r where r.sound is not true order by 1)
union all
select 'reads_held',
  (select pg_catalog.count(*) from contract), (select pg_catalog.count(*) from held as h where h.held), (select pg_catalog.count(*) from held),
  array(select (h.relation || ' ' || h.column_name) collate "C" from held as h where h.held is not true order by 1)
union all
select 'reads_known',
  (select pg_catalog.count(*) from contract), (select pg_catalog.count(*) from live_read), (select pg_catalog.count(*) from live),
  array(select d.offender collate "C" from read_drift as d order by 1)
union all
select 'kinds_unchanged',
  (select pg_catalog.count(*) from kind), (select pg_catalog.count(*) from kind as k where k.realized = k.kind), (select pg_catalog.count(*) from kind),
  array(select k.relation collate "C" from kind as k where k.realized is distinct from k.kind order by 1)
union all
select 'view_paths_open',
  (select pg_catalog.count(*) from judged), (select pg_catalog.count(*) from judged as j where j.open), (select pg_catalog.count(*) from judged),
  array(select j.name collate "C" from judged as j where j.open is not true order by 1)
union all
select 'control_plane_closed', 0, (select pg_catalog.count(*) from control_plane as c where c.readable),
  (select pg_catalog.count(*) from pg_catalog.pg_namespace),
  array(select c.name collate "C" from control_plane as c where c.readable is not false order by 1)
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), reader as (
  select r.oid from pg_catalog.pg_roles as r where r.rolname = (select $1 -> 'select_set' ->> 'reader')
), captured as (
  select c.value ->> 0 as relation, c.value ->> 1 as column_name, c.value ->> 2 as kind
  from pg_catalog.jsonb_array_elements($1 -> 'select_set' -> 'reads') as c (value)
  where (pg_catalog.jsonb_build_array(c.value ->> 0, c.value ->> 1) in (
    select pg_catalog.jsonb_build_array(d.value ->> 0, d.value ->> 1)
    from pg_catalog.jsonb_array_elements($1 -> 'select_set' -> 'dropped') as d (value))) is not true
), every_read as (
  select c.value ->> 0 as relation, c.value ->> 1 as column_name
  from pg_catalog.jsonb_array_elements($1 -> 'select_set' -> 'reads') as c (value)
), dropped as (
  select d.value ->> 0 as relation, d.value ->> 1 as column_name, pg_catalog.to_regclass(d.value ->> 0)::pg_catalog.oid as oid
  from pg_catalog.jsonb_array_elements($1 -> 'select_set' -> 'dropped') as d (value)
), contract as (
  select d.relation::text as relation, d.column_name, pg_catalog.to_regclass(d.relation) as oid
  from qt001_cp.directus_read_contract as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
), contract_drift as (
  (select 'missing ' || d.relation || ' ' || d.column_name as offender
    from (select relation, column_name from captured except select relation, column_name from contract) as d)
  union all
  (select 'unexpected ' || d.relation || ' ' || d.column_name
    from (select relation, column_name from contract except select relation, column_name from captured) as d)
), resolved as (
  select c.relation, c.column_name, c.oid, a.attnum, c.oid is not null and (c.column_name = '' or a.attnum is not null) as sound
  from contract as c
  left join pg_catalog.pg_attribute as a
    on a.attrelid = c.oid and a.attname = c.column_name and a.attnum > 0 and not a.attisdropped
), held as (
  select r.relation, r.column_name, case
      when not r.sound then false
      when r.column_name = '' then pg_catalog.has_table_privilege(o.oid, r.oid, 'SELECT')
      else pg_catalog.has_column_privilege(o.oid, r.oid, r.attnum, 'SELECT')
    end as held
  from resolved as r
  cross join reader as o
), live as (
  -- System schemas by what they are: made by initdb, temporary, or an extension's. A relation that #20 classes as the
  -- migration tool's own bookkeeping is known, too.
  select c.oid, c.relkind, n.nspname = 'qt001_cp' as is_control_plane, o.oid as reader
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  cross join reader as o
  where c.relkind in ('r', 'v', 'm', 'S', 'f', 'p') and (n.oid >= 16384 or n.nspname = 'public') and c.relpersistence <> 't'
    and pg_catalog.has_schema_privilege(o.oid, n.oid, 'USAGE')
    and not exists (
      select from pg_catalog.pg_depend as d
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e')
    and not exists (
      select from qt001_cp.authority_scope_manifest as a
      join newest as w on w.manifest_id = a.manifest_id and w.surface_no = a.surface_no
      where a.object_class = 'bookkeeping' and pg_catalog.to_regclass(a.object_identity) = c.oid)
), live_read as (
  select l.oid, ''::text as column_name
  from live as l
  where not l.is_control_plane and (l.oid in (select d.oid from dropped as d where d.oid is not null)) is not true and pg_catalog.has_table_privilege(l.reader, l.oid, 'SELECT')
  union all
  select l.oid, a.attname::text
  from live as l
  join pg_catalog.pg_attribute as a on a.attrelid = l.oid and a.attnum > 0 and not a.attisdropped
  where not l.is_control_plane and (l.oid in (select d.oid from dropped as d where d.oid is not null)) is not true and l.relkind <> 'S' and not pg_catalog.has_table_privilege(l.reader, l.oid, 'SELECT')
    and pg_catalog.has_column_privilege(l.reader, l.oid, a.attnum, 'SELECT')
), dropped_wrong as (
  -- Until its relation has moved the role holds it as the owner that it is.
  select 'not captured ' || d.relation || ' ' || d.column_name as offender
  from (select relation, column_name from dropped except select relation, column_name from every_read) as d
  union all
  select 'in #21 ' || d.relation || ' ' || d.column_name
  from (select relation, column_name from dropped intersect select relation, column_name from contract) as d
  union all
  select distinct 'still held ' || d.relation
  from dropped as d
  join pg_catalog.pg_class as c on c.oid = d.oid
  join reader as o on o.oid <> c.relowner
  where pg_catalog.has_table_privilege(o.oid, c.oid, 'SELECT') or pg_catalog.has_any_column_privilege(o.oid, c.oid, 'SELECT')
), read_drift as (
  (select 'unknown ' || d.oid::pg_catalog.regclass::text || ' ' || d.column_name as offender
    from (select oid, column_name from live_read except select oid, column_name from resolved where sound) as d)
  union all
  (select 'lost ' || d.relation || ' ' || d.column_name
    from (select relation, column_name from held where held is not true) as d)
), kind as (
  select distinct c.relation, c.kind, case k.relkind when 'r' then 'table' when 'v' then 'view' when 'm' then 'materialized view'
    when 'S' then 'sequence' when 'f' then 'foreign table' when 'p' then 'partitioned table' end as realized
  from captured as c
  left join pg_catalog.pg_class as k on k.oid = pg_catalog.to_regclass(c.relation)
), recursive_edge as (
  select distinct v.oid as view, d.refclassid, d.refobjid,
    case when coalesce('security_invoker=true' = any (v.reloptions), false) or coalesce('security_invoker=on' = any (v.reloptions), false)
      then o.oid else v.relowner end as checked_as, o.oid as reader
  from pg_catalog.pg_class as v
  join pg_catalog.pg_rewrite as r on r.ev_class = v.oid
  join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = r.oid
    and d.refobjid <> v.oid and d.refobjid >= 16384
    and d.refclassid in ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass)
  cross join reader as o
  where v.relkind = 'v'
), path as (
  -- One view at a time: a view below another is itself checked from the relation that reads it.
  select distinct e.view, e.refclassid, e.refobjid, e.checked_as, e.reader
  from recursive_edge as e
  where e.view in (
    with recursive below (view) as (
      select r.oid::pg_catalog.oid from resolved as r join pg_catalog.pg_class as c on c.oid = r.oid and c.relkind = 'v'
      union
      select c.oid
      from below as b
      join recursive_edge as x on x.view = b.view
      join pg_catalog.pg_class as c on c.oid = x.refobjid and c.relkind = 'v'
      where x.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)
    select b.view from below as b)
), judged as (
  select p.view::pg_catalog.regclass::text || ' -> ' || case p.refclassid
      when 'pg_catalog.pg_class'::pg_catalog.regclass then p.refobjid::pg_catalog.regclass::text
      else p.refobjid::pg_catalog.regprocedure::text end as name,
    case p.refclassid
      when 'pg_catalog.pg_class'::pg_catalog.regclass then pg_catalog.has_table_privilege(p.checked_as, p.refobjid, 'SELECT')
        or pg_catalog.has_any_column_privilege(p.checked_as, p.refobjid, 'SELECT')
      else pg_catalog.has_function_privilege(p.reader, p.refobjid, 'EXECUTE') end as open
  from path as p
), control_plane as (
  select c.oid::pg_catalog.regclass::text as name, pg_catalog.has_table_privilege(o.oid, c.oid, 'SELECT')
      or pg_catalog.has_any_column_privilege(o.oid, c.oid, 'SELECT') as readable
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and n.nspname = 'qt001_cp'
  cross join reader as o
  where c.relkind in ('r', 'v', 'm', 'f', 'p')
)
select 'contract_exact' as probe,
  (select pg_catalog.count(*) from captured) as expected, (select pg_catalog.count(*) from contract) as realized,
  (select pg_catalog.count(*) from captured) as population,
  array(select d.offender collate "C" from contract_drift as d order by 1) as offenders
union all
select 'dropped_as_decided', 0, (select pg_catalog.count(*) from dropped_wrong), (select pg_catalog.count(*) from every_read),
  array(select d.offender collate "C" from dropped_wrong as d order by 1)
union all
select 'reads_resolve',
  (select pg_catalog.count(*) from contract), (select pg_catalog.count(*) from resolved as r where r.sound), (select pg_catalog.count(*) from contract),
  array(select (r.relation || ' ' || r.column_name) collate "C" from resolved as r where r.sound is not true order by 1)
union all
select 'reads_held',
  (select pg_catalog.count(*) from contract), (select pg_catalog.count(*) from held as h where h.held), (select pg_catalog.count(*) from held),
  array(select (h.relation || ' ' || h.column_name) collate "C" from held as h where h.held is not true order by 1)
union all
select 'reads_known',
  (select pg_catalog.count(*) from contract), (select pg_catalog.count(*) from live_read), (select pg_catalog.count(*) from live),
  array(select d.offender collate "C" from read_drift as d order by 1)
union all
select 'kinds_unchanged',
  (select pg_catalog.count(*) from kind), (select pg_catalog.count(*) from kind as k where k.realized = k.kind), (select pg_catalog.count(*) from kind),
  array(select k.relation collate "C" from kind as k where k.realized is distinct from k.kind order by 1)
union all
select 'view_paths_open',
  (select pg_catalog.count(*) from judged), (select pg_catalog.count(*) from judged as j where j.open), (select pg_catalog.count(*) from judged),
  array(select j.name collate "C" from judged as j where j.open is not true order by 1)
union all
select 'control_plane_closed', 0, (select pg_catalog.count(*) from control_plane as c where c.readable),
  (select pg_catalog.count(*) from control_plane),
  array(select c.name collate "C" from control_plane as c where c.readable is not false order by 1)
