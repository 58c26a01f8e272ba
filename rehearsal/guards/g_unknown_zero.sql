-- guard: G-UNKNOWN-ZERO
-- invariant: Every live object is classified, once: as a sealed member, as untouchable, as a caller, as the control plane's own, or as
--   live when it was captured.
-- why: What is unknown is in the way.
-- probe: objects_classified 0 UNKNOWN_REQUIRES_REVIEW: every live object outside the control plane has a class
-- probe: classes_resolve no-guess: every object that has another class than live is there
-- probe: classes_single no-guess: no object has two classes
-- probe: dynamic_reviewed 0 UNKNOWN_REQUIRES_REVIEW: a body that builds its statements was closed by a review, or is stubbed
-- probe: control_classified every live control object: each relation and routine of the control plane is one that #20 classes; before it
--   exists, nothing lies where it will
-- input: classification every captured object with its class
-- input: legacy_set the captured members with the review of their dynamic SQL
-- stage: no-control-plane
with live as (
  -- System objects by what they are: made by initdb, temporary, or an extension's.
  select c.oid::pg_catalog.regclass::text as identity, n.nspname = 'qt001_cp' as is_control_plane
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'v', 'm', 'f', 'p', 'S') and c.oid >= 16384 and c.relpersistence <> 't' and not exists (
    select from pg_catalog.pg_depend as d where d.classid = c.tableoid and d.objid = c.oid and d.deptype = 'e')
  union all
  select p.oid::pg_catalog.regprocedure::text, n.nspname = 'qt001_cp'
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  where p.oid >= 16384 and not exists (
    select from pg_catalog.pg_depend as d where d.classid = p.tableoid and d.objid = p.oid and d.deptype = 'e')
), captured as (
  select c.value ->> 0 as identity, c.value ->> 1 as class from pg_catalog.jsonb_array_elements($1 -> 'classification' -> 'objects') as c (value)
), reviewed as (
  select m.value ->> 0 as identity, m.value ->> 1 as kind, m.value ->> 2 as disposition, m.value ->> 4 as dynamic
  from pg_catalog.jsonb_array_elements($1 -> 'legacy_set' -> 'members') as m (value)
), known as (
  select c.identity, c.class from captured as c
), place as (
  select s.nspname::text as name from pg_catalog.pg_namespace as s
)
select 'objects_classified' as probe, (select pg_catalog.count(*) from live as l where not l.is_control_plane) as expected,
  (select pg_catalog.count(*) from live as l where not l.is_control_plane and exists (select from known as k where k.identity = l.identity)) as realized,
  (select pg_catalog.count(*) from known) as population,
  array(select ('UNKNOWN_REQUIRES_REVIEW ' || l.identity) collate "C" from live as l
    where not l.is_control_plane and not exists (select from known as k where k.identity = l.identity) order by 1) as offenders
union all
select 'classes_resolve', (select pg_catalog.count(*) from known as k where k.class <> 'live'),
  (select pg_catalog.count(*) from known as k where k.class <> 'live' and exists (select from live as l where l.identity = k.identity)),
  (select pg_catalog.count(*) from known),
  array(select k.identity collate "C" from known as k where k.class <> 'live' and not exists (select from live as l where l.identity = k.identity) order by 1)
union all
select 'classes_single', (select pg_catalog.count(distinct k.identity) from known as k), (select pg_catalog.count(*) from known), (select pg_catalog.count(*) from known),
  array(select k.identity collate "C" from known as k group by k.identity having pg_catalog.count(*) > 1 order by 1)
union all
select 'dynamic_reviewed', (select pg_catalog.count(*) from reviewed), (select pg_catalog.count(*) from reviewed as r
    where r.dynamic in ('none', 'resolved') or (r.dynamic = 'unbounded' and r.disposition = 'STUB_FAIL_CLOSED')), (select pg_catalog.count(*) from reviewed),
  array(select ('UNKNOWN_REQUIRES_REVIEW ' || r.identity) collate "C" from reviewed as r
    where (r.dynamic in ('none', 'resolved') or (r.dynamic = 'unbounded' and r.disposition = 'STUB_FAIL_CLOSED')) is not true order by 1)
union all
select 'control_classified', 0, (select pg_catalog.count(*) from live as l where l.is_control_plane), (select pg_catalog.count(*) from place),
  array(select l.identity collate "C" from live as l where l.is_control_plane order by 1)
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id, e.state
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), live as (
  -- System objects by what they are: made by initdb, temporary, or an extension's.
  select c.oid::pg_catalog.regclass::text as identity, n.nspname = 'qt001_cp' as is_control_plane
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'v', 'm', 'f', 'p', 'S') and c.oid >= 16384 and c.relpersistence <> 't' and not exists (
    select from pg_catalog.pg_depend as d where d.classid = c.tableoid and d.objid = c.oid and d.deptype = 'e')
  union all
  select p.oid::pg_catalog.regprocedure::text, n.nspname = 'qt001_cp'
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  where p.oid >= 16384 and not exists (
    select from pg_catalog.pg_depend as d where d.classid = p.tableoid and d.objid = p.oid and d.deptype = 'e')
), captured as (
  select c.value ->> 0 as identity, c.value ->> 1 as class from pg_catalog.jsonb_array_elements($1 -> 'classification' -> 'objects') as c (value)
), reviewed as (
  select m.value ->> 0 as identity, m.value ->> 1 as kind, m.value ->> 2 as disposition, m.value ->> 4 as dynamic
  from pg_catalog.jsonb_array_elements($1 -> 'legacy_set' -> 'members') as m (value)
), scope as (
  select a.object_identity::text as identity, a.object_class as class
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.moment in ('always', 'as_captured') and a.object_kind <> 'set'
), known as (
  -- Sealed classes stand above captured ones; that no package opens an object is no class of its own.
  select s.identity, s.class from scope as s where s.class <> 'do_not_open' and s.class in ('legacy', 'do_not_touch', 'bookkeeping')
    and (s.class <> 'bookkeeping' or exists (select from live as l where l.identity = s.identity))
  union all
  select c.identity, c.class from captured as c
  where not exists (select from scope as s where s.identity = c.identity and s.class in ('legacy', 'do_not_touch', 'bookkeeping'))
)
select 'objects_classified' as probe, (select pg_catalog.count(*) from live as l where not l.is_control_plane) as expected,
  (select pg_catalog.count(*) from live as l where not l.is_control_plane and exists (select from known as k where k.identity = l.identity)) as realized,
  (select pg_catalog.count(*) from known) as population,
  array(select ('UNKNOWN_REQUIRES_REVIEW ' || l.identity) collate "C" from live as l
    where not l.is_control_plane and not exists (select from known as k where k.identity = l.identity) order by 1) as offenders
union all
select 'classes_resolve', (select pg_catalog.count(*) from known as k where k.class <> 'live'),
  (select pg_catalog.count(*) from known as k where k.class <> 'live' and exists (select from live as l where l.identity = k.identity)),
  (select pg_catalog.count(*) from known),
  array(select k.identity collate "C" from known as k where k.class <> 'live' and not exists (select from live as l where l.identity = k.identity) order by 1)
union all
select 'classes_single', (select pg_catalog.count(distinct k.identity) from known as k), (select pg_catalog.count(*) from known), (select pg_catalog.count(*) from known),
  array(select k.identity collate "C" from known as k group by k.identity having pg_catalog.count(*) > 1 order by 1)
union all
select 'dynamic_reviewed', (select pg_catalog.count(*) from reviewed), (select pg_catalog.count(*) from reviewed as r
    where r.dynamic in ('none', 'resolved') or (r.dynamic = 'unbounded' and r.disposition = 'STUB_FAIL_CLOSED')), (select pg_catalog.count(*) from reviewed),
  array(select ('UNKNOWN_REQUIRES_REVIEW ' || r.identity) collate "C" from reviewed as r
    where (r.dynamic in ('none', 'resolved') or (r.dynamic = 'unbounded' and r.disposition = 'STUB_FAIL_CLOSED')) is not true order by 1)
union all
select 'control_classified', (select pg_catalog.count(*) from live as l where l.is_control_plane),
  (select pg_catalog.count(*) from live as l where l.is_control_plane and exists (select from scope as s where s.identity = l.identity)),
  (select pg_catalog.count(*) from live as l where l.is_control_plane),
  array(select l.identity collate "C" from live as l
    where l.is_control_plane and not exists (select from scope as s where s.identity = l.identity) order by 1)
