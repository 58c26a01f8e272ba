-- guard: G-NOMIXED-AUTHORITY
-- invariant: At no moment of a cutover or of its way back are the new path and a legacy path both executable.
-- why: Two writers is none that one can trust.
-- probe: paths_exclusive it is impossible for both to be active/executable simultaneously: of each writer type either the new path is
--   active and somebody may execute it, or somebody may execute a sealed legacy routine, never both
-- probe: one_active the new authoritative path is one: no writer type has two activations that are current
-- probe: superseded_first during S15 rollback the new path is proven superseded before any legacy EXECUTE is restored
-- probe: drained no legacy call is in flight: no other session's open transaction holds a lock on a sealed relation, or looks
--   at a state from before the end of the transaction that last changed a sealed routine or its privileges; and no transaction
--   is open and no statement runs that began before the look, since a procedure may commit on its way, and none is prepared,
--   which does not say when it began
-- probe: sessions_seen what each other session of the database does can be read: a call that nobody may see is not measured
-- unmeasured: drained until drain
-- unmeasured: sessions_seen
-- input: phase the step that is being measured
-- input: moment before, between, after, or rollback
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id, e.state
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), legacy as (
  select a.object_identity::text as identity, a.object_kind, a.disposition, a.owner_role::text as owner_role, a.source_sha256::bytea as source_sha256,
    a.privilege_acl_hash::bytea as privilege_acl_hash,
    pg_catalog.to_regprocedure(case when a.object_kind in ('function', 'procedure') then a.object_identity end)::pg_catalog.oid as routine,
    pg_catalog.to_regclass(case when a.object_kind in ('table', 'view') then a.object_identity end)::pg_catalog.oid as relation
  from (
    select s.*, (s.manifest_id, s.surface_no) in (select n.manifest_id, n.surface_no from newest as n) as newest
    from qt001_cp.authority_scope_manifest as s
    where s.object_class = 'legacy' and s.moment = 'as_captured' offset 0) as a
  where a.newest
), plane_owner as (
  select r.oid, r.rolname::text as name
  from pg_catalog.pg_namespace as s
  join pg_catalog.pg_roles as r on r.oid = s.nspowner
  where s.nspname = 'qt001_cp'
), actor as (
  select r.oid, r.rolname::text as name from pg_catalog.pg_roles as r, plane_owner as o where r.oid <> o.oid and not r.rolsuper and r.oid >= 16384
), writer_type as (
  select w.writer_type::text as writer_type
  from qt001_cp.writer_type_manifest as w
  join newest as n on n.manifest_id = w.manifest_id and n.surface_no = w.surface_no
), legacy_open as (
  select l.identity, a.name as role
  from (select r.identity, r.routine from legacy as r where r.routine is not null offset 0) as l cross join actor as a
  where pg_catalog.has_function_privilege(a.oid, l.routine, 'EXECUTE') is not false
), gateway_open as (
  select distinct g.writer_type::text as writer_type
  from qt001_cp.gateway_manifest as g
  join newest as n on n.manifest_id = g.manifest_id and n.surface_no = g.surface_no
  join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(g.gateway)
  join actor as a on pg_catalog.has_function_privilege(a.oid, p.oid, 'EXECUTE') and pg_catalog.has_schema_privilege(a.oid, p.pronamespace, 'USAGE')
), path as (
  select w.writer_type, exists (select from qt001_cp.active_set as s where s.writer_type::text = w.writer_type) as active,
    exists (select from gateway_open as g where g.writer_type = w.writer_type) as executable,
    exists (select from legacy_open) as legacy_executable
  from writer_type as w
), current_activation as (
  select w.writer_type, (select pg_catalog.count(*) from qt001_cp.active_set as s where s.writer_type::text = w.writer_type) as activations
  from writer_type as w
), closed as (
  -- A call is bound to body and privileges when it begins. What this very transaction changed is not done yet, and no call
  -- has been cut off by it.
  select pg_catalog.age(p.xmin) as age
  from legacy as l
  join pg_catalog.pg_proc as p on p.oid = l.routine
  where pg_catalog.age(p.xmin) > coalesce(pg_catalog.age(pg_catalog.pg_current_xact_id_if_assigned()::xid), -1)
  order by 1
  limit 1
), look as (
  -- Who waited says since when. Otherwise it is now, but before the cutover, when nothing is closed, and where this
  -- transaction itself writes: what it closes is not done yet.
  select coalesce((($1 -> 'drain') ->> 'since')::timestamptz,
    case when ($1 ->> 'moment') <> 'before' and pg_catalog.pg_current_xact_id_if_assigned() is null then pg_catalog.statement_timestamp() end) as since
), holding as (
  -- The lock table is read once, whatever the set's size.
  select k.pid
  from (
    select o.pid, o.relation in (select l.relation from legacy as l where l.relation is not null) as on_legacy
    from pg_catalog.pg_locks as o
    where o.database = (select d.oid from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database()) offset 0) as k
  where k.on_legacy
), session as (
  -- A login without rights sees of others who they are and how old their snapshot is, and neither when they began nor what
  -- kind they are. The server's own calls nothing of anybody's. Who is connected is read once a transaction, so a lock may be
  -- held by somebody who came later.
  select coalesce(h.pid, o.pid) as pid, coalesce(o.usename::text, '?') || ' ' || coalesce(o.application_name, '?') as name,
    o.pid is not null and (o.backend_type is null or o.state is not distinct from 'disabled') as unseen,
    h.pid is not null and (o.xact_start < k.since) is not false as holds,
    pg_catalog.age(coalesce(o.backend_xmin, o.backend_xid)) >= (select c.age from closed as c) as old,
    o.xact_start < k.since as open, o.state in ('active', 'fastpath function call') and o.query_start < k.since as running
  from look as k
  cross join (select a.* from pg_catalog.pg_stat_activity as a
    where a.datname = pg_catalog.current_database() and coalesce(a.backend_type, '') <> all (array['autovacuum worker', 'parallel worker', 'walsender']::text[])) as o
  full join (select distinct h.pid from holding as h where h.pid is not null) as h on h.pid = o.pid
  where coalesce(h.pid, o.pid) <> pg_catalog.pg_backend_pid()
), in_flight as (
  select distinct 'LEGACY_IN_FLIGHT ' || s.name as offender from session as s where s.holds or s.old or s.open or s.running
  union
  select 'LEGACY_IN_FLIGHT ' || p.owner::text || ' prepared ' || p.gid
  from pg_catalog.pg_prepared_xacts as p
  where p.database = pg_catalog.current_database()
)
select 'paths_exclusive' as probe, 0::bigint as expected,
  (select pg_catalog.count(*) from path as p where (p.active and p.executable and p.legacy_executable) is not false) as realized,
  (select pg_catalog.count(*) from path) * least((select pg_catalog.count(l.routine) from legacy as l), 1) as population,
  array(select p.writer_type collate "C" from path as p where (p.active and p.executable and p.legacy_executable) is not false order by 1) as offenders
union all
select 'one_active', 0, (select pg_catalog.count(*) from current_activation as c where c.activations > 1), (select pg_catalog.count(*) from current_activation),
  array(select c.writer_type collate "C" from current_activation as c where c.activations > 1 order by 1)
union all
-- Only where S15 is taken back; elsewhere an activation may stand that nobody can execute yet.
select 'superseded_first', 0, (select pg_catalog.count(*) from path as p
    where ($1 ->> 'phase') = 'S15' and ($1 ->> 'moment') = 'rollback' and p.active and p.legacy_executable), (select pg_catalog.count(*) from path),
  array(select p.writer_type collate "C" from path as p
    where ($1 ->> 'phase') = 'S15' and ($1 ->> 'moment') = 'rollback' and p.active and p.legacy_executable order by 1)
union all
select 'drained', 0, (select pg_catalog.count(*) from in_flight), (select pg_catalog.count(l.relation) from legacy as l),
  array(select i.offender collate "C" from in_flight as i order by 1)
union all
select 'sessions_seen', (select pg_catalog.count(*) from session), (select pg_catalog.count(*) from session as s where not s.unseen),
  (select pg_catalog.count(*) from session) + 1,
  array(select distinct ('SESSION_NOT_SEEN ' || s.name) collate "C" from session as s where s.unseen order by 1)
