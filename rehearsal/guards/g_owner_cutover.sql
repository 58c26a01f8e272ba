-- guard: G-OWNER-CUTOVER
-- invariant: Everything of the control plane and of the sealed set belongs to the owner; the application role and PUBLIC hold
--   nothing on it but the sealed reads, by no road; and the state before is on record, bound by its digests.
-- why: A grant that nobody sees undoes the cutover.
-- probe: control_owned all control objects owned by qt001_cp_owner: relations, sequences, routines, types and the schema
-- probe: legacy_owned the sealed legacy set is owned by the owner, with its sequences, but for what no package may open
-- probe: staying_explained only what no package may open stays, with the views that read it, at any depth; each with the owner that
--   was captured
-- probe: authority_revoked directus/PUBLIC authority revoked (proven by effective privilege, not only direct ACL rows): tables,
--   sequences and routines, but for the reads of #21
-- probe: column_acls_clean full ACL incl. pg_attribute.attacl: no column of a control or sealed relation is granted beyond #21
-- probe: schema_acl_clean nspacl: neither PUBLIC nor the application role holds anything on the control plane's schema
-- probe: default_acls_clean pg_default_acl: no default of the owner, and none in the schema, grants anything to PUBLIC or the application role
-- probe: reads_intact Directus SELECT intact: every read of #21 on what moved is effectively held
-- probe: snapshot_bound snapshot present + hash-bound: the verifier's snapshot before this step has each sealed member with the digest
--   that was measured
-- probe: membership_closed role-membership leak: nobody may become the owner, and the owner is a member of nothing
-- probe: schema_owner_can_drop no role may drop a sealed object and put its own in its place as owner of the schema
-- probe: superuser_trap the application role is no superuser, and no other role may put triggers and keys to sleep
-- input: select_set the application role
-- input: cutover_snapshot owner, source and privileges of every member as measured before this step
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
), application as (
  select r.oid, r.rolname::text as name, r.rolsuper from pg_catalog.pg_roles as r where r.rolname = (select $1 -> 'select_set' ->> 'reader')
), contract as (
  select d.relation::text as relation, d.column_name::text as column_name, pg_catalog.to_regclass(d.relation)::pg_catalog.oid as oid
  from qt001_cp.directus_read_contract as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
), sealed_after as (
  -- Whose #20 seals it to be after this step.
  select a.object_identity::text as identity
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.object_class = 'legacy' and a.moment = 'after_S16' and a.owner_role::text in (select o.name from plane_owner as o)
), destined as (
  -- Looked up once a member.
  select l.identity, l.routine, l.relation, l.owner_role, l.identity in (select s.identity from sealed_after as s) as moves from legacy as l offset 0
), moving as (
  select d.identity, d.routine, d.relation from destined as d where d.moves
), staying as (
  select d.identity, d.relation, d.owner_role from destined as d where d.moves is not true
), closed as (
  -- What no package may open, and whatever reads it.
  with recursive reading (oid) as (
    select pg_catalog.to_regclass(a.object_identity)::pg_catalog.oid
    from qt001_cp.authority_scope_manifest as a
    join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
    where a.object_class = 'do_not_open'
    union
    select r.ev_class
    from reading as b
    join pg_catalog.pg_depend as d on d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = b.oid
      and d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
    join pg_catalog.pg_rewrite as r on r.oid = d.objid)
  select b.oid from reading as b where b.oid is not null
), explained as (
  select s.identity, s.relation in (select c.oid from closed as c) and (
    select pg_catalog.pg_get_userbyid(c.relowner)::text = s.owner_role from pg_catalog.pg_class as c where c.oid = s.relation) as sound
  from staying as s
), plane as (
  select s.oid, s.nspowner, s.nspacl from pg_catalog.pg_namespace as s where s.nspname = 'qt001_cp'
), control_relation as (
  select c.oid, c.oid::pg_catalog.regclass::text as name, c.relowner as owner, c.relkind
  from pg_catalog.pg_class as c join plane as s on s.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
), control_routine as (
  select p.oid, p.oid::pg_catalog.regprocedure::text as name, p.proowner as owner from pg_catalog.pg_proc as p join plane as s on s.oid = p.pronamespace
), moved_relation as (
  select l.relation as oid from moving as l where l.relation is not null
  union
  select d.objid from moving as l
  join pg_catalog.pg_depend as d on d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = l.relation
    and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype in ('a', 'i')
  join pg_catalog.pg_class as c on c.oid = d.objid and c.relkind = 'S'
), moved as (
  select c.oid, c.oid::pg_catalog.regclass::text as name, c.relowner as owner, c.relkind
  from moved_relation as m join pg_catalog.pg_class as c on c.oid = m.oid
), owned as (
  select r.name, r.owner from control_relation as r
  union all select r.name, r.owner from control_routine as r
  union all select 'schema', s.nspowner from plane as s
  union all select 'type ' || t.typname, t.typowner from pg_catalog.pg_type as t join plane as s on s.oid = t.typnamespace where t.typtype in ('d', 'e')
), legacy_owner as (
  select m.name, m.owner from moved as m
  union all
  select l.identity, p.proowner from moving as l join pg_catalog.pg_proc as p on p.oid = l.routine
), verb as (
  select v.kind, v.privilege from (values
    ('r', 'SELECT'), ('r', 'INSERT'), ('r', 'UPDATE'), ('r', 'DELETE'), ('r', 'TRUNCATE'), ('r', 'REFERENCES'), ('r', 'TRIGGER'),
    ('S', 'SELECT'), ('S', 'UPDATE'), ('S', 'USAGE')) as v (kind, privilege)
), held as (
  select a.name || ' may ' || v.privilege || ' ' || r.name as offender, case
      when r.relkind = 'S' then pg_catalog.has_sequence_privilege(a.oid, r.oid, v.privilege)
      else pg_catalog.has_table_privilege(a.oid, r.oid, v.privilege) end as held,
    v.privilege = 'SELECT' and r.oid in (select c.oid from contract as c where c.column_name = '' and c.oid is not null) as allowed
  from (select * from control_relation union all select * from moved) as r
  join verb as v on v.kind = case r.relkind when 'S' then 'S' else 'r' end
  cross join application as a
  union all
  select a.name || ' may EXECUTE ' || r.name, pg_catalog.has_function_privilege(a.oid, r.oid, 'EXECUTE'), false
  from (
    select c.oid, c.name from control_routine as c
    union all select l.routine, l.identity from moving as l where l.routine is not null) as r
  cross join application as a
  union all
  select 'PUBLIC holds ' || x.privilege_type || ' on ' || r.name, true, false
  from (select * from control_relation union all select * from moved) as r
  join pg_catalog.pg_class as c on c.oid = r.oid
  cross join lateral pg_catalog.aclexplode(c.relacl) as x where x.grantee = 0
  union all
  select 'PUBLIC holds EXECUTE on ' || p.oid::pg_catalog.regprocedure::text, true, false
  from (select c.oid from control_routine as c union all select l.routine from moving as l where l.routine is not null) as r
  join pg_catalog.pg_proc as p on p.oid = r.oid
  cross join lateral pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as x where x.grantee = 0
), column_acl as (
  select r.name || '.' || t.attname as name, x.grantee, exists (
      select from contract as c where c.oid = r.oid and c.column_name = t.attname and x.privilege_type = 'SELECT') as allowed
  from (select * from control_relation union all select * from moved) as r
  join pg_catalog.pg_attribute as t on t.attrelid = r.oid and not t.attisdropped
  cross join lateral pg_catalog.aclexplode(t.attacl) as x
  cross join application as a
  where x.grantee in (0, a.oid)
), schema_acl as (
  select coalesce(g.rolname::text, 'PUBLIC') || ' holds ' || x.privilege_type as offender
  from plane as s
  cross join lateral pg_catalog.aclexplode(coalesce(s.nspacl, pg_catalog.acldefault('n', s.nspowner))) as x
  left join pg_catalog.pg_roles as g on g.oid = x.grantee
  where x.grantee = 0 or pg_catalog.pg_has_role((select a.oid from application as a), x.grantee, 'MEMBER')
), past_triggers as (
  select 'SUPERUSER_TRAP ' || a.name as offender from application as a where a.rolsuper is not false
  union all
  -- As a replica a session fires no trigger that is not enabled always, births among them.
  select 'may sleep as a replica ' || r.rolname
  from pg_catalog.pg_roles as r
  where not r.rolsuper and r.oid >= 16384
    and pg_catalog.has_parameter_privilege(r.oid, 'session_replication_role', 'SET') is not false
), default_acl as (
  select d.defaclobjtype::text || ' of ' || r.rolname as name, d.defaclnamespace, x.grantee, x.privilege_type
  from pg_catalog.pg_default_acl as d
  join pg_catalog.pg_roles as r on r.oid = d.defaclrole
  cross join plane as s cross join plane_owner as o
  cross join lateral pg_catalog.aclexplode(d.defaclacl) as x
  where d.defaclrole = o.oid or d.defaclnamespace = s.oid
  union all
  -- Where the owner has no row of a kind, what is built in applies: EXECUTE and USAGE to everybody.
  select k.kind || ' of ' || r.rolname || ', built in', 0::pg_catalog.oid, x.grantee, x.privilege_type
  from plane_owner as o
  join pg_catalog.pg_roles as r on r.oid = o.oid
  cross join (values ('r'), ('S'), ('f'), ('T'), ('n')) as k (kind)
  cross join lateral pg_catalog.aclexplode(pg_catalog.acldefault(
    case k.kind when 'S' then 's' else k.kind end::pg_catalog."char", o.oid)) as x
  where not exists (
    select from pg_catalog.pg_default_acl as d
    where d.defaclrole = o.oid and d.defaclnamespace = 0 and d.defaclobjtype::text = k.kind)
), kept as (
  select c.relation || ' ' || c.column_name as name, case
      when m.relkind = 'S' then pg_catalog.has_sequence_privilege(a.oid, m.oid, 'SELECT')
      when c.column_name = '' then pg_catalog.has_table_privilege(a.oid, m.oid, 'SELECT')
      else pg_catalog.has_column_privilege(a.oid, m.oid, c.column_name, 'SELECT') end as held
  from (select d.relation, d.column_name, d.oid, d.oid in (select m.oid from moved as m) as moves from contract as d offset 0) as c
  join pg_catalog.pg_class as m on m.oid = c.oid cross join application as a
  where c.moves
), recorded as (
  -- The newest of each member, looked up by its name.
  select pg_catalog.jsonb_object_agg(t.object_name, pg_catalog.encode(t.privilege_acl_hash, 'hex') order by t.recorded_at) as digests
  from qt001_cp.acl_snapshot as t where t.moment::text = 'before_S16'
), snapshot as (
  select l.identity, (select $1 -> 'cutover_snapshot') -> l.identity ->> 2 as measured, (select r.digests from recorded as r) ->> l.identity as recorded
  from legacy as l
), membership as (
  select r.rolname || ' may become ' || o.name as offender, pg_catalog.pg_has_role(r.oid, o.oid, 'MEMBER') as reached
  from plane_owner as o join pg_catalog.pg_roles as r on r.oid <> o.oid and not r.rolsuper and r.oid >= 16384
  union all
  select o.name || ' may become ' || r.rolname, pg_catalog.pg_has_role(o.oid, r.oid, 'MEMBER')
  from plane_owner as o join pg_catalog.pg_roles as r on r.oid <> o.oid
), home as (
  select distinct coalesce(c.relnamespace, p.pronamespace) as oid
  from legacy as m
  left join pg_catalog.pg_class as c on c.oid = m.relation
  left join pg_catalog.pg_proc as p on p.oid = m.routine
), dropping as (
  select 'SCHEMA_OWNER_CAN_REPLACE ' || r.rolname || ' in ' || s.nspname as offender
  from home as h
  join pg_catalog.pg_namespace as s on s.oid = h.oid
  join pg_catalog.pg_roles as r on r.rolcanlogin and not r.rolsuper and pg_catalog.pg_has_role(r.oid, s.nspowner, 'MEMBER')
)
select 'control_owned' as probe, (select pg_catalog.count(*) from owned) as expected, (select pg_catalog.count(*) from owned as w join plane_owner as o on o.oid = w.owner) as realized,
  (select pg_catalog.count(*) from owned) as population,
  array(select w.name collate "C" from owned as w where not exists (select from plane_owner as o where o.oid = w.owner) order by 1) as offenders
union all
select 'legacy_owned', (select pg_catalog.count(*) from legacy_owner), (select pg_catalog.count(*) from legacy_owner as l join plane_owner as o on o.oid = l.owner),
  (select pg_catalog.count(*) from legacy),
  array(select l.name collate "C" from legacy_owner as l where not exists (select from plane_owner as o where o.oid = l.owner) order by 1)
union all
select 'staying_explained', (select pg_catalog.count(*) from staying), (select pg_catalog.count(*) from explained as e where e.sound), (select pg_catalog.count(*) from legacy),
  array(select e.identity collate "C" from explained as e where e.sound is not true order by 1)
union all
select 'authority_revoked', 0, (select pg_catalog.count(*) from held as h where h.held is not false and not h.allowed), (select pg_catalog.count(*) from held),
  array(select h.offender collate "C" from held as h where h.held is not false and not h.allowed order by 1)
union all
select 'column_acls_clean', 0, (select pg_catalog.count(*) from column_acl as c where not c.allowed),
  (select pg_catalog.count(*) from control_relation) + (select pg_catalog.count(*) from moved),
  array(select c.name collate "C" from column_acl as c where not c.allowed order by 1)
union all
select 'schema_acl_clean', 0, (select pg_catalog.count(*) from schema_acl), (select pg_catalog.count(*) from plane) * (select pg_catalog.count(*) from application),
  array(select s.offender collate "C" from schema_acl as s order by 1)
union all
select 'default_acls_clean', 0, (select pg_catalog.count(*) from default_acl as d where d.grantee in (0, (select a.oid from application as a))),
  (select pg_catalog.count(*) from default_acl),
  array(select d.name collate "C" from default_acl as d where d.grantee in (0, (select a.oid from application as a)) order by 1)
union all
select 'reads_intact', (select pg_catalog.count(*) from kept), (select pg_catalog.count(*) from kept as k where k.held), (select pg_catalog.count(*) from kept),
  array(select k.name collate "C" from kept as k where k.held is not true order by 1)
union all
select 'snapshot_bound', (select pg_catalog.count(*) from snapshot), (select pg_catalog.count(s.recorded) from snapshot as s where s.recorded = s.measured),
  (select pg_catalog.count(*) from snapshot),
  array(select s.identity collate "C" from snapshot as s where s.recorded is null or s.recorded is distinct from s.measured order by 1)
union all
select 'membership_closed', 0, (select pg_catalog.count(*) from membership as m where m.reached is not false), (select pg_catalog.count(*) from membership),
  array(select m.offender collate "C" from membership as m where m.reached is not false order by 1)
union all
select 'schema_owner_can_drop', 0, (select pg_catalog.count(*) from dropping), (select pg_catalog.count(*) from legacy_owner),
  array(select d.offender collate "C" from dropping as d order by 1)
union all
select 'superuser_trap', 0, (select pg_catalog.count(*) from past_triggers), (select pg_catalog.count(*) from application),
  array(select p.offender collate "C" from past_triggers as p order by 1)
