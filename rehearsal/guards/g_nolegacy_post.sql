-- guard: G-NOLEGACY-POST
-- invariant: Nobody but the owner may execute a member of the sealed legacy set, by any road; stubs refuse, and every other
--   body is unchanged.
-- why: Unreachable is not blocked.
-- probe: execute_revoked non-owner-effective-EXECUTE = 0 over the entire sealed set (PUBLIC / directus / any role but the owner)
-- probe: set_checked the sealed set is non-empty and the check ran over all of it: count and digest that #19 seals, every member there
-- probe: stubs_fail_closed every STUB_FAIL_CLOSED member is fail-closed: its live source is the sealed fail-closed body
-- probe: bodies_unchanged REVOKE_ONLY members are EXECUTE-revoked with body unchanged: their source is the captured one
-- probe: fires_without_execute blocked, not merely unreachable: no trigger, event trigger, index, constraint, default, policy, type or
--   operator outside the set runs a member, whatever its ACL says
-- probe: schema_owner_can_drop no role may drop a member and put its own in its place as owner of the schema
-- probe: superuser_trap the application role is no superuser, against whom no privilege says anything
-- probe: owner_unreachable role-membership expanded: no role may become the owner
-- probe: owner_can_regrant what an owner may grant itself again is named: until S16 the captured owner still can, after it nobody
-- probe: writer_path_clean no sealed readiness, threshold or self-audit routine is reachable from the writer path [doc 09]: closure from the
--   repointed callers of #27, each with the body that was parsed, and from the gateway
-- input: writer_path the callers' bodies as parsed, and the sealed routines that decide by constants of their own
-- input: phase the step that is being measured
-- input: select_set the application role
-- stage: control-plane
with recursive newest as (
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
), actor as (
  -- Everybody but the owner: superusers are past every check and are named by a probe of their own; predefined roles
  -- count through their members.
  select r.oid, r.rolname::text as name, r.rolcanlogin from pg_catalog.pg_roles as r, plane_owner as o
  where r.oid <> o.oid and not r.rolsuper and r.oid >= 16384
), application as (
  select r.rolname::text as name, r.rolsuper, r.oid from pg_catalog.pg_roles as r where r.rolname = (select $1 -> 'select_set' ->> 'reader')
), member as (
  select l.*, l.routine is not null as is_there from legacy as l where l.object_kind in ('function', 'procedure')
), denominator as (
  select d.member_count, d.set_sha256::bytea as set_sha256
  from qt001_cp.denominator_manifest as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
  where d.inventory = 'legacy_routines'
), cell as (
  select a.name as role, m.identity, pg_catalog.has_function_privilege(a.oid, m.routine, 'EXECUTE') as held
  from member as m cross join actor as a
), public_cell as (
  select m.identity, exists (
    select from pg_catalog.pg_proc as p
    cross join lateral pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as x
    where p.oid = m.routine and x.grantee = 0) as held
  from member as m
), open as (
  select c.role || ' may EXECUTE ' || c.identity as offender from cell as c where c.held is not false
  union all
  select 'PUBLIC may EXECUTE ' || c.identity from public_cell as c where c.held is not false
), stub as (
  select m.identity, m.routine, r.stub_body_sha256::bytea as stub_source
  from member as m
  left join (
    select w.object_identity::text as identity, w.stub_body_sha256
    from qt001_cp.writer_repoint_manifest as w
    join newest as n on n.manifest_id = w.manifest_id and n.surface_no = w.surface_no) as r on r.identity = m.identity
  where m.disposition = 'STUB_FAIL_CLOSED'
), kept as (
  select m.identity, qt001_cp.h06(m.routine::pg_catalog.regprocedure) = m.source_sha256 as unchanged
  from member as m where m.disposition = 'REVOKE_ONLY'
), firing as (
  select 'trigger ' || t.tgname || ' on ' || t.tgrelid::pg_catalog.regclass::text as name, t.tgfoid as routine,
    exists (select from legacy as l where l.relation = t.tgrelid) as inside
  from pg_catalog.pg_trigger as t where not t.tgisinternal
  union all
  select 'event trigger ' || e.evtname, e.evtfoid, false from pg_catalog.pg_event_trigger as e
  union all
  select pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid), d.refobjid,
    exists (select from legacy as l where l.relation = coalesce(k.conrelid, a.adrelid, p.polrelid, i.indrelid))
  from pg_catalog.pg_depend as d
  left join pg_catalog.pg_constraint as k on k.tableoid = d.classid and k.oid = d.objid
  left join pg_catalog.pg_attrdef as a on a.tableoid = d.classid and a.oid = d.objid
  left join pg_catalog.pg_policy as p on p.tableoid = d.classid and p.oid = d.objid
  left join pg_catalog.pg_index as i on i.indexrelid = d.objid and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
  where d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.refobjid >= 16384 and d.classid in (
    'pg_catalog.pg_constraint'::pg_catalog.regclass, 'pg_catalog.pg_attrdef'::pg_catalog.regclass, 'pg_catalog.pg_policy'::pg_catalog.regclass,
    'pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass,
    'pg_catalog.pg_cast'::pg_catalog.regclass, 'pg_catalog.pg_amproc'::pg_catalog.regclass, 'pg_catalog.pg_amop'::pg_catalog.regclass,
    'pg_catalog.pg_statistic_ext'::pg_catalog.regclass)
), fired as (
  select f.name || ' runs ' || m.identity as offender from firing as f join member as m on m.routine = f.routine where not f.inside
), place as (
  select distinct s.oid, s.nspname::text as name, s.nspowner
  from legacy as l
  left join pg_catalog.pg_proc as p on p.oid = l.routine
  left join pg_catalog.pg_class as c on c.oid = l.relation
  join pg_catalog.pg_namespace as s on s.oid = coalesce(p.pronamespace, c.relnamespace)
), dropping as (
  select 'SCHEMA_OWNER_CAN_REPLACE ' || a.name || ' in ' || p.name as offender
  from place as p join actor as a on a.rolcanlogin and pg_catalog.pg_has_role(a.oid, p.nspowner, 'MEMBER')
), owning as (
  select m.identity, o.rolname::text as owner, case when ($1 ->> 'phase') = 'S15' then m.owner_role else w.name end as expected_owner
  from member as m
  cross join plane_owner as w
  left join pg_catalog.pg_proc as p on p.oid = m.routine
  left join pg_catalog.pg_roles as o on o.oid = p.proowner
), caller as (
  -- What a caller reaches is known of the body that was parsed, and of no other.
  select w.object_identity::text as identity, c.value -> 2 as reaches,
    qt001_cp.h06(pg_catalog.to_regprocedure(w.object_identity)) = w.new_source_sha256::bytea
      and pg_catalog.encode(w.new_source_sha256::bytea, 'hex') = c.value ->> 1 and c.value ->> 3 = 'false' as known
  from qt001_cp.writer_repoint_manifest as w
  join newest as n on n.manifest_id = w.manifest_id and n.surface_no = w.surface_no
  left join pg_catalog.jsonb_array_elements($1 -> 'writer_path' -> 'callers') as c (value) on c.value ->> 0 = w.object_identity::text
  where w.repoint_kind = 'caller'
), path_edge as materialized (
  select c.identity as from_name, r.value as to_name
  from caller as c
  cross join lateral pg_catalog.jsonb_array_elements_text(case when c.reaches is null then '[]' else c.reaches end) as r (value)
  union
  select d.from_object::text, d.to_object::text
  from qt001_cp.dependency_manifest as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
  union
  -- Views through their rules, and bodies that the catalog knows.
  select case when r.oid is not null then r.ev_class::pg_catalog.regclass::text else d.objid::pg_catalog.regprocedure::text end,
    case d.refclassid when 'pg_catalog.pg_proc'::pg_catalog.regclass then d.refobjid::pg_catalog.regprocedure::text
      else d.refobjid::pg_catalog.regclass::text end
  from pg_catalog.pg_depend as d
  left join pg_catalog.pg_rewrite as r on r.tableoid = d.classid and r.oid = d.objid
  where d.refclassid in ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass) and d.refobjid >= 16384
    and (r.oid is not null or d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass)
), on_path as (
  select c.identity as name from caller as c
  union
  select g.gateway::text
  from qt001_cp.gateway_manifest as g
  join newest as n on n.manifest_id = g.manifest_id and n.surface_no = g.surface_no
  union
  select e.to_name from on_path as o join path_edge as e on e.from_name = o.name
), deciding as (
  select d.value as name, l.identity is not null as sealed
  from pg_catalog.jsonb_array_elements_text($1 -> 'writer_path' -> 'decides') as d (value)
  left join legacy as l on l.identity = d.value
), on_path_legacy as (
  select 'the writer path reaches ' || o.name as offender from on_path as o join deciding as d on d.name = o.name
  union all
  select 'UNKNOWN_REQUIRES_REVIEW ' || c.identity from caller as c where c.known is not true
  union all
  select 'not sealed ' || d.name from deciding as d where d.sealed is not true
)
select 'execute_revoked' as probe, 0::bigint as expected, (select pg_catalog.count(*) from open) as realized, (select pg_catalog.count(*) from cell) as population,
  array(select o.offender collate "C" from open as o order by 1) as offenders
union all
select 'set_checked', (select d.member_count from denominator as d)::bigint,
  (select pg_catalog.count(m.routine) from member as m) * (select pg_catalog.count(*) from denominator as d
    where d.set_sha256 = qt001_cp.h05((select pg_catalog.array_agg(m.identity) from member as m))),
  (select pg_catalog.count(*) from member),
  array(select m.identity collate "C" from member as m where m.is_there is not true order by 1)
union all
select 'stubs_fail_closed', (select pg_catalog.count(*) from stub),
  (select pg_catalog.count(*) from stub as s where qt001_cp.h06(s.routine::pg_catalog.regprocedure) = s.stub_source), (select pg_catalog.count(*) from stub),
  array(select s.identity collate "C" from stub as s
    where qt001_cp.h06(s.routine::pg_catalog.regprocedure) is distinct from s.stub_source or s.stub_source is null order by 1)
union all
select 'bodies_unchanged', (select pg_catalog.count(*) from kept), (select pg_catalog.count(*) from kept as k where k.unchanged), (select pg_catalog.count(*) from kept),
  array(select k.identity collate "C" from kept as k where k.unchanged is not true order by 1)
union all
select 'fires_without_execute', 0, (select pg_catalog.count(*) from fired), (select pg_catalog.count(*) from firing) * least((select pg_catalog.count(*) from member), 1),
  array(select f.offender collate "C" from fired as f order by 1)
union all
select 'schema_owner_can_drop', 0, (select pg_catalog.count(*) from dropping), (select pg_catalog.count(*) from place) * (select pg_catalog.count(*) from actor),
  array(select d.offender collate "C" from dropping as d order by 1)
union all
select 'superuser_trap', 0, (select pg_catalog.count(*) from application as a where a.rolsuper is not false), (select pg_catalog.count(*) from application),
  array(select ('SUPERUSER_TRAP ' || a.name) collate "C" from application as a where a.rolsuper is not false order by 1)
union all
select 'owner_unreachable', 0, (select pg_catalog.count(*) from actor as a, plane_owner as o where pg_catalog.pg_has_role(a.oid, o.oid, 'MEMBER')),
  (select pg_catalog.count(*) from actor as a, plane_owner as o),
  array(select (a.name || ' may become ' || o.name) collate "C" from actor as a, plane_owner as o where pg_catalog.pg_has_role(a.oid, o.oid, 'MEMBER') order by 1)
union all
select 'owner_can_regrant', (select pg_catalog.count(*) from owning), (select pg_catalog.count(*) from owning as o where o.owner = o.expected_owner),
  (select pg_catalog.count(*) from owning),
  array(select ('OWNER_CAN_REGRANT ' || coalesce(o.owner, 'nobody') || ' ' || o.identity) collate "C" from owning as o
    where o.owner is distinct from o.expected_owner order by 1)
union all
select 'writer_path_clean', 0, (select pg_catalog.count(*) from on_path_legacy),
  (select pg_catalog.count(*) from on_path as o join path_edge as e on e.from_name = o.name) * least((select pg_catalog.count(*) from deciding), 1)
    * least((select pg_catalog.count(*) from caller), 1),
  array(select o.offender collate "C" from on_path_legacy as o order by 1)
