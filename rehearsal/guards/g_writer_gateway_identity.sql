-- guard: G-WRITER-GATEWAY-IDENTITY
-- invariant: The active writer is the gateway that #26 pins, born the owner's; the writers that it takes the place of are sealed
--   members; and the birth gateway is another thing.
-- why: A gateway known by name can be replaced.
-- probe: gateway_identical regprocedure, prokind, source_sha256, owner, arguments and result of each row of #26 are the live ones
-- probe: gateway_active post-S15 active writer == #26-bound regprocedure: what is active pins this gateway, and its callers may execute
--   it; before, nobody may
-- probe: only_writers_execute post-S15 active writer == #26-bound regprocedure: nobody but its callers may execute it, by any road
-- probe: callers_bound #27 bindings: live writer and callers have the source that #27 binds at this phase
-- probe: legacy_writers_sealed legacy writer/apply objects are members of the sealed #20/#27 set
-- probe: birth_gateway_apart fn_birth_registry_auto unchanged and is not the QT001 gateway: each do_not_touch routine is as sealed and in
--   neither #26 nor #27
-- probe: owners_of_phase no guard assumes the post-S16 owner state at S15: sealed writers have their captured owner until S16, the
--   owner's after it
-- input: phase the step that is being measured
-- input: moment before or after it
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
), moment as (
  select case when ($1 ->> 'phase') = 'S13' then false when ($1 ->> 'phase') in ('S15', 'S16', 'S19') then true end as repointed,
    case when ($1 ->> 'phase') in ('S13', 'S15') then false when ($1 ->> 'phase') in ('S16', 'S19') then true end as moved
), gateway as (
  select g.gateway::text as identity, g.writer_type::text as writer_type, g.routine_kind, g.source_sha256::bytea as source_sha256,
    g.owner_role::text as owner_role, g.argument_types::text as argument_types, g.result_type::text as result_type, g.manifest_id,
    p.oid, p.prokind, o.rolname::text as owner,
    pg_catalog.replace(pg_catalog.oidvectortypes(p.proargtypes), ', ', ',') as live_arguments, pg_catalog.pg_get_function_result(p.oid) as live_result
  from qt001_cp.gateway_manifest as g
  join newest as n on n.manifest_id = g.manifest_id and n.surface_no = g.surface_no
  left join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(g.gateway)
  left join pg_catalog.pg_roles as o on o.oid = p.proowner
), identical as (
  select g.identity || ' for ' || g.writer_type as name,
    g.owner = g.owner_role and g.owner = w.name and g.live_arguments = g.argument_types and g.live_result = g.result_type
    and case g.prokind when 'f' then 'function' when 'p' then 'procedure' end = g.routine_kind
    and qt001_cp.h06(g.oid::pg_catalog.regprocedure) = g.source_sha256 as sound
  from gateway as g cross join plane_owner as w
), executing as (
  select g.identity, r.rolname::text as role
  from (select distinct identity, oid from gateway) as g
  cross join plane_owner as w
  join pg_catalog.pg_roles as r on r.oid <> w.oid and not r.rolsuper and r.oid >= 16384
    and pg_catalog.has_function_privilege(r.oid, g.oid, 'EXECUTE') and pg_catalog.has_schema_privilege(r.oid, (
      select p.pronamespace from pg_catalog.pg_proc as p where p.oid = g.oid), 'USAGE')
), writer as (
  -- The service identities: the contract role that #20's grants leave EXECUTE to, and its members.
  select r.oid from pg_catalog.pg_roles as r
  where pg_catalog.pg_has_role(r.oid, 'qt001_cp_writer', 'MEMBER') and not r.rolsuper
), straying as (
  select e.role || ' may EXECUTE ' || e.identity as offender
  from executing as e
  cross join moment as m
  where m.repointed and (e.role in (select r.rolname::text from writer as w join pg_catalog.pg_roles as r on r.oid = w.oid)) is not true
), activity as (
  select distinct g.writer_type, exists (
      select from qt001_cp.active_manifest as a where a.writer_type::text = g.writer_type and a.manifest_id = g.manifest_id) as active,
    (select pg_catalog.count(*) from executing as e where e.identity = g.identity) as executors,
    (select pg_catalog.count(*) from executing as e join pg_catalog.pg_roles as r on r.rolname::text = e.role join writer as w on w.oid = r.oid
      where e.identity = g.identity) as writers
  from gateway as g
), active_type as (
  select a.writer_type, case when m.repointed then a.active and a.writers > 0 else a.executors = 0 end as sound
  from activity as a cross join moment as m
  -- A writer type that nobody activated is not routed; before the repoint all are judged.
  where m.repointed is not null and (a.active or not m.repointed)
), repoint as (
  select r.object_identity::text as identity, r.repoint_kind,
    case when m.repointed then r.new_source_sha256::bytea else r.old_source_sha256::bytea end as bound_source,
    pg_catalog.to_regprocedure(r.object_identity)::pg_catalog.oid as oid
  from qt001_cp.writer_repoint_manifest as r
  join newest as n on n.manifest_id = r.manifest_id and n.surface_no = r.surface_no
  cross join moment as m
  where m.repointed is not null
), untouched as (
  select a.object_identity::text as identity, a.source_sha256::bytea as source_sha256, pg_catalog.to_regprocedure(a.object_identity)::pg_catalog.oid as oid
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.object_class = 'do_not_touch' and a.object_kind = 'function'
), apart as (
  select u.identity, qt001_cp.h06(u.oid::pg_catalog.regprocedure) = u.source_sha256
    and not exists (select from gateway as g where g.oid = u.oid) and not exists (select from repoint as r where r.oid = u.oid) as sound
  from untouched as u
), bound as (
  select r.identity, r.identity in (select l.identity from legacy as l where l.disposition = 'STUB_FAIL_CLOSED') as sealed
  from repoint as r
  where r.repoint_kind <> 'caller' offset 0
), owned as (
  select l.identity, o.rolname::text as owner, case when m.moved then w.name else l.owner_role end as expected_owner
  from (select s.*, s.identity in (select r.identity from repoint as r) as repointed from legacy as s offset 0) as l
  cross join moment as m
  cross join plane_owner as w
  left join pg_catalog.pg_proc as p on p.oid = l.routine
  left join pg_catalog.pg_roles as o on o.oid = p.proowner
  where l.repointed
)
select 'gateway_identical' as probe, (select pg_catalog.count(*) from gateway) as expected, (select pg_catalog.count(*) from identical as i where i.sound) as realized,
  (select pg_catalog.count(*) from gateway) as population,
  array(select i.name collate "C" from identical as i where i.sound is not true order by 1) as offenders
union all
select 'gateway_active', (select pg_catalog.count(*) from active_type), (select pg_catalog.count(*) from active_type as a where a.sound),
  (select pg_catalog.count(*) from active_type),
  array(select a.writer_type collate "C" from active_type as a where a.sound is not true order by 1)
union all
select 'only_writers_execute', 0, (select pg_catalog.count(*) from straying),
  (select pg_catalog.count(*) from gateway) * (select pg_catalog.count(*) from writer),
  array(select s.offender collate "C" from straying as s order by 1)
union all
select 'callers_bound', (select pg_catalog.count(*) from repoint),
  (select pg_catalog.count(*) from repoint as r where qt001_cp.h06(r.oid::pg_catalog.regprocedure) = r.bound_source), (select pg_catalog.count(*) from repoint),
  array(select r.identity collate "C" from repoint as r where (qt001_cp.h06(r.oid::pg_catalog.regprocedure) = r.bound_source) is not true order by 1)
union all
select 'legacy_writers_sealed', (select pg_catalog.count(*) from bound), (select pg_catalog.count(*) from bound as b where b.sealed),
  (select pg_catalog.count(*) from bound),
  array(select b.identity collate "C" from bound as b where b.sealed is not true order by 1)
union all
select 'birth_gateway_apart', (select pg_catalog.count(*) from untouched), (select pg_catalog.count(*) from apart as a where a.sound), (select pg_catalog.count(*) from untouched),
  array(select a.identity collate "C" from apart as a where a.sound is not true order by 1)
union all
select 'owners_of_phase', (select pg_catalog.count(*) from owned), (select pg_catalog.count(*) from owned as o where o.owner = o.expected_owner), (select pg_catalog.count(*) from owned),
  array(select o.identity collate "C" from owned as o where o.owner is distinct from o.expected_owner order by 1)
