-- guard: G-NO-QT001-PERMIT-DURING-FIX7
-- invariant: No package opens, consumes or depends on a permit, on authority for a real run or on apply authority; what an
--   authorization grants is its package's execution alone.
-- why: Package authority is not admission.
-- probe: permits_closed no FIX7 package opens a permit: no row of the permit relation is in its open state
-- probe: permits_unchanged no FIX7 package consumes one: rows and states are those before the first package, both EXCEPTs
-- probe: nothing_depends no FIX7 package depends on one: no object of the control plane has an edge to the permit relation
-- probe: authorization_is_execution operator_authorization is package-execution authority only: no package of PKG-A..I may grant anything else
-- probe: no_real_run no REAL_RUN authority: no capability was measured, so its gate blocks
-- probe: apply_not_granted no QT001 apply authority: no contract role may execute a stubbed entry point or use the permit relation
-- input: legacy_set the permit relation and its open state
-- input: permit_baseline the permits before the first package
-- input: package_authority what an authorization of each package may grant
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
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.object_class = 'legacy' and a.moment = 'as_captured'
), plane_owner as (
  select r.oid, r.rolname::text as name
  from pg_catalog.pg_namespace as s
  join pg_catalog.pg_roles as r on r.oid = s.nspowner
  where s.nspname = 'qt001_cp'
), permit as (
  select p.code || ' ' || p.state as line, p.code, p.state from public.qt001_backfill_permit as p
), baseline as (
  select b.value as line from pg_catalog.jsonb_array_elements_text($1 -> 'permit_baseline') as b (value)
), drift as (
  (select 'gone ' || d.line as offender from (select line from baseline except select line from permit) as d)
  union all
  (select 'new ' || d.line from (select line from permit except select line from baseline) as d)
), guarded as (
  select a.object_identity::text as identity, pg_catalog.to_regclass(a.object_identity)::pg_catalog.oid as relation
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.object_class = 'do_not_open'
), plane_edge as (
  select d.from_object::text as from_object, d.to_object::text as to_object
  from qt001_cp.dependency_manifest as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
), depending as (
  select e.from_object as name from plane_edge as e join guarded as g on g.identity = e.to_object
  union
  select pg_catalog.pg_describe_object(d.classid, d.objid, 0)
  from pg_catalog.pg_depend as d
  join guarded as g on d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = g.relation
  left join pg_catalog.pg_rewrite as r on r.tableoid = d.classid and r.oid = d.objid
  left join pg_catalog.pg_class as c on c.oid = r.ev_class
  left join pg_catalog.pg_proc as p on p.tableoid = d.classid and p.oid = d.objid
  join pg_catalog.pg_namespace as s on s.oid = coalesce(c.relnamespace, p.pronamespace) and s.nspname = 'qt001_cp'
), authority as (
  select a.value ->> 0 as package, g.value as granted
  from pg_catalog.jsonb_array_elements($1 -> 'package_authority' -> 'packages') as a (value)
  left join lateral pg_catalog.jsonb_array_elements_text(a.value -> 1) as g (value) on true
), contract_role as (
  -- Roles that hold something in the control plane.
  select distinct r.oid, r.rolname::text as name
  from plane_owner as o
  join pg_catalog.pg_namespace as s on s.nspname = 'qt001_cp'
  cross join lateral pg_catalog.aclexplode(coalesce(s.nspacl, pg_catalog.acldefault('n', s.nspowner))) as x
  join pg_catalog.pg_roles as r on r.oid = x.grantee and r.oid <> o.oid
), apply as (
  select c.name || ' may EXECUTE ' || l.identity as offender,
    pg_catalog.has_function_privilege(c.oid, l.routine, 'EXECUTE') and not exists (
      select from pg_catalog.pg_proc as p
      cross join lateral pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as x
      where p.oid = l.routine and x.grantee = 0) as held
  from contract_role as c
  join legacy as l on l.disposition = 'STUB_FAIL_CLOSED'
  union all
  select c.name || ' may use ' || g.identity,
    pg_catalog.has_table_privilege(c.oid, g.relation, 'SELECT, INSERT, UPDATE, DELETE')
  from contract_role as c cross join guarded as g
), requirement as (
  select r.capability
  from qt001_cp.capability_measurement_requirement as r
  join newest as n on n.manifest_id = r.manifest_id and n.surface_no = r.surface_no
)
select 'permits_closed' as probe, 0::bigint as expected,
  (select pg_catalog.count(*) from permit as p where p.state = (select $1 -> 'legacy_set' -> 'permit' ->> 'open')) as realized,
  (select pg_catalog.count(p.state) from permit as p) as population,
  array(select p.code collate "C" from permit as p where p.state = (select $1 -> 'legacy_set' -> 'permit' ->> 'open') order by 1) as offenders
union all
select 'permits_unchanged', (select pg_catalog.count(*) from baseline), (select pg_catalog.count(*) from permit), (select pg_catalog.count(*) from baseline),
  array(select d.offender collate "C" from drift as d order by 1)
union all
select 'nothing_depends', 0, (select pg_catalog.count(*) from depending), (select pg_catalog.count(*) from plane_edge) * (select pg_catalog.count(g.relation) from guarded as g),
  array(select d.name collate "C" from depending as d order by 1)
union all
select 'authorization_is_execution', 0, (select pg_catalog.count(*) from authority as a where a.granted <> ($1 -> 'package_authority' ->> 'grantable')),
  (select pg_catalog.count(a.granted) from authority as a),
  array(select (a.package || ' grants ' || a.granted) collate "C" from authority as a where a.granted <> ($1 -> 'package_authority' ->> 'grantable') order by 1)
union all
select 'no_real_run', 0, (select pg_catalog.count(*) from qt001_cp.capability_measurement), (select pg_catalog.count(*) from requirement),
  array(select distinct m.capability::text collate "C" from qt001_cp.capability_measurement as m order by 1)
union all
select 'apply_not_granted', 0, (select pg_catalog.count(*) from apply as a where a.held is not false), (select pg_catalog.count(*) from apply),
  array(select a.offender collate "C" from apply as a where a.held is not false order by 1)
