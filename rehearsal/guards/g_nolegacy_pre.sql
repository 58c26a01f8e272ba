-- guard: G-NOLEGACY-PRE
-- invariant: From the new entry points no legacy object is reached, over a closure that started from present roots and found
--   something; the set that is to be closed is complete, and what a rollback needs is staged.
-- why: The fifth attempt proved this over an empty closure.
-- probe: roots_present the closure must prove its roots (the new entrypoints) exist: gateway, entry points, verifiers, adapters, and
--   whatever else somebody may execute
-- probe: closure_traversed traversal reached a non-empty object set: every object that #11 seals was met, and nothing but what
--   #20 classes
-- probe: legacy_reached legacy_reached = 0 from the new entrypoints (recursive structural closure, not a name list): by what the catalog
--   says of relations, routines, operators, types and operator classes, by the actions of keys, and by the sealed edges of bodies
-- probe: bodies_known 0 UNKNOWN_REQUIRES_REVIEW: each body in the closure that pg_depend can't see is the one its edges of #11 were
--   derived from, and builds no statement at run time
-- probe: set_complete the sealed set is complete (both-EXCEPT vs catalog empty): it resolves, and what hangs from it is in it
-- probe: one_disposition every member has exactly one disposition
-- probe: artifacts_staged rollback artifacts staged: a pinned body of #27 for STUB_FAIL_CLOSED, the captured ACL for REVOKE_ONLY
-- input: legacy_set the captured members with disposition, review of dynamic SQL, body and ACL
-- input: bodies what stands in every body of the control plane, as parsed
-- input: phase the step that is being measured
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
), legacy_object as (
  select 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid as class, l.routine as oid, l.identity from legacy as l where l.routine is not null
  union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, l.relation, l.identity from legacy as l where l.relation is not null
), scope as (
  select a.object_identity::text as identity, a.object_class,
    pg_catalog.to_regprocedure(case when a.object_kind in ('function', 'procedure') then a.object_identity end)::pg_catalog.oid as routine,
    pg_catalog.to_regclass(case when a.object_kind in ('table', 'view') then a.object_identity end)::pg_catalog.oid as relation
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.moment = 'always' and a.object_kind in ('function', 'procedure', 'table', 'view')
), root as (
  select distinct r.identity, pg_catalog.to_regprocedure(r.identity)::pg_catalog.oid as oid
  from (
    select g.gateway::text as identity, g.manifest_id, g.surface_no from qt001_cp.gateway_manifest as g
    union all
    select v.subject::text, v.manifest_id, v.surface_no from qt001_cp.verifier_pairing_manifest as v where v.pair_kind = 'entrypoint'
    union all
    select v.verifier::text, v.manifest_id, v.surface_no from qt001_cp.verifier_pairing_manifest as v
    union all
    select v.verifier::text, v.manifest_id, v.surface_no from qt001_cp.verifier_schedule_manifest as v
    union all
    select a.routine::text, a.manifest_id, a.surface_no from qt001_cp.adapter_manifest as a) as r
  join newest as n on n.manifest_id = r.manifest_id and n.surface_no = r.surface_no
  union
  -- What somebody besides the owner was granted is an entry point, whoever lists it.
  select p.oid::pg_catalog.regprocedure::text, p.oid
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as s on s.oid = p.pronamespace and s.nspname = 'qt001_cp'
  where exists (
    select from pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as x where x.grantee <> p.proowner)
), sealed_edge as (
  select d.from_object::text as from_object, d.to_object::text as to_object, d.from_body_sha256::bytea as from_body_sha256,
    case when f.routine is not null then 'pg_catalog.pg_proc'::pg_catalog.regclass else 'pg_catalog.pg_class'::pg_catalog.regclass end::pg_catalog.oid as from_class,
    coalesce(f.routine, f.relation) as from_oid,
    case when t.routine is not null then 'pg_catalog.pg_proc'::pg_catalog.regclass else 'pg_catalog.pg_class'::pg_catalog.regclass end::pg_catalog.oid as to_class,
    coalesce(t.routine, t.relation) as to_oid
  from qt001_cp.dependency_manifest as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
  left join scope as f on f.identity = d.from_object::text
  left join scope as t on t.identity = d.to_object::text
), kind as (
  -- What a path may lead through: besides relations and routines the operators, types, operator classes and their families.
  select k.class::pg_catalog.oid as class
  from pg_catalog.unnest(array['pg_catalog.pg_class', 'pg_catalog.pg_proc', 'pg_catalog.pg_operator', 'pg_catalog.pg_type', 'pg_catalog.pg_opclass',
    'pg_catalog.pg_opfamily']::pg_catalog.regclass[]) as k (class)
), part as (
  -- Views' rules, triggers, defaults, policies, constraints and indexes count for the relation or domain that they belong to,
  -- what an operator class consists of for its family.
  select 'pg_catalog.pg_rewrite'::pg_catalog.regclass::pg_catalog.oid as classid, r.oid as objid,
    'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid as class, r.ev_class as whole from pg_catalog.pg_rewrite as r
  union all
  select 'pg_catalog.pg_trigger'::pg_catalog.regclass, t.oid, 'pg_catalog.pg_class'::pg_catalog.regclass, t.tgrelid
  from pg_catalog.pg_trigger as t where not t.tgisinternal
  union all
  select 'pg_catalog.pg_attrdef'::pg_catalog.regclass, d.oid, 'pg_catalog.pg_class'::pg_catalog.regclass, d.adrelid from pg_catalog.pg_attrdef as d
  union all
  select 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid, 'pg_catalog.pg_class'::pg_catalog.regclass, p.polrelid from pg_catalog.pg_policy as p
  union all
  select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, 'pg_catalog.pg_class'::pg_catalog.regclass, k.conrelid
  from pg_catalog.pg_constraint as k where k.conrelid <> 0
  union all
  select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, 'pg_catalog.pg_type'::pg_catalog.regclass, k.contypid
  from pg_catalog.pg_constraint as k where k.contypid <> 0
  union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid, 'pg_catalog.pg_class'::pg_catalog.regclass, i.indrelid from pg_catalog.pg_index as i
  union all
  select 'pg_catalog.pg_amop'::pg_catalog.regclass, o.oid, 'pg_catalog.pg_opfamily'::pg_catalog.regclass, o.amopfamily
  from pg_catalog.pg_amop as o where o.oid >= 16384
  union all
  select 'pg_catalog.pg_amproc'::pg_catalog.regclass, o.oid, 'pg_catalog.pg_opfamily'::pg_catalog.regclass, o.amprocfamily
  from pg_catalog.pg_amproc as o where o.oid >= 16384
), catalog_edge as (
  select distinct coalesce(p.class, d.classid) as from_class, coalesce(p.whole, d.objid) as from_oid, d.refclassid as to_class, d.refobjid as to_oid
  from pg_catalog.pg_depend as d
  left join part as p on p.classid = d.classid and p.objid = d.objid
  where d.refclassid in (select k.class from kind as k) and d.refobjid >= 16384
    and (p.class is not null or d.classid in (select k.class from kind as k))
    and not exists (select from pg_catalog.pg_index as i where i.indexrelid = d.refobjid)
    -- A row's type is a part of its relation.
    and (d.deptype in ('n', 'a') or d.deptype = 'i' and d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass)
    and (d.refclassid, d.refobjid) is distinct from (coalesce(p.class, 0), coalesce(p.whole, 0))
  union
  -- A key's action writes to the table that refers, a parent is read with its children.
  select 'pg_catalog.pg_class'::pg_catalog.regclass, k.confrelid, 'pg_catalog.pg_class'::pg_catalog.regclass, k.conrelid
  from pg_catalog.pg_constraint as k
  where k.contype = 'f' and k.conrelid <> k.confrelid and (k.confdeltype in ('c', 'n', 'd') or k.confupdtype in ('c', 'n', 'd'))
  union
  select 'pg_catalog.pg_class'::pg_catalog.regclass, h.inhparent, 'pg_catalog.pg_class'::pg_catalog.regclass, h.inhrelid from pg_catalog.pg_inherits as h
), edge as materialized (
  select e.from_class, e.from_oid, e.to_class, e.to_oid from catalog_edge as e
  union
  select s.from_class, s.from_oid, s.to_class, s.to_oid from sealed_edge as s where s.from_oid is not null and s.to_oid is not null
), reached as (
  select 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid as class, r.oid from root as r where r.oid is not null
  union
  select e.to_class, e.to_oid from reached as r join edge as e on e.from_class = r.class and e.from_oid = r.oid
), met as (
  select r.class, r.oid, s.object_class, case r.class
      when 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid then r.oid::pg_catalog.regprocedure::text
      else r.oid::pg_catalog.regclass::text end as name
  from (
    select o.class, o.oid from reached as o
    where o.class = any (array['pg_catalog.pg_class', 'pg_catalog.pg_proc']::pg_catalog.regclass[]::pg_catalog.oid[]) offset 0) as r
  left join scope as s on r.oid = case r.class when 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid then s.routine else s.relation end
), met_legacy as (
  select m.name from met as m join legacy_object as l on l.class = m.class and l.oid = m.oid
), traversal_drift as (
  (select 'not met ' || d.name as offender
    from (select s.to_object as name from sealed_edge as s except select m.name from met as m) as d)
  union all
  (select 'not classed ' || m.name from met as m where m.object_class is null)
), body as materialized (
  select m.name, qt001_cp.h06(p.oid::pg_catalog.regprocedure) as body_sha256,
    pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex')
      = $1 -> 'bodies' -> 'routines' -> m.name ->> 'body_sha256' as parsed
  from met as m
  join pg_catalog.pg_proc as p on m.class = 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid and p.oid = m.oid and p.prosqlbody is null
), bound as (
  select distinct e.from_object, e.from_body_sha256 from sealed_edge as e where e.from_body_sha256 is not null
), unseen as (
  -- Every edge of a body was found in this body.
  select b.name, b.parsed and not exists (
    select from bound as e where e.from_object = b.name and e.from_body_sha256 is distinct from b.body_sha256) as known
  from body as b
), bridge as (
  -- Operators, types and operator classes that lead to a member.
  select e.from_class as class, e.from_oid as oid from edge as e
  where (e.to_class, e.to_oid) in (select o.class, o.oid from legacy_object as o)
    and e.from_class <> all (array['pg_catalog.pg_class', 'pg_catalog.pg_proc']::pg_catalog.regclass[]::pg_catalog.oid[])
  union
  select e.from_class, e.from_oid from bridge as b join edge as e on e.to_class = b.class and e.to_oid = b.oid
  where e.from_class <> all (array['pg_catalog.pg_class', 'pg_catalog.pg_proc']::pg_catalog.regclass[]::pg_catalog.oid[])
), hanging as (
  select e.class, e.oid
  from (
    select distinct e.from_class as class, e.from_oid as oid,
      (e.to_class, e.to_oid) in (select o.class, o.oid from legacy_object as o union all select b.class, b.oid from bridge as b) as on_legacy,
      (e.from_class, e.from_oid) in (select o.class, o.oid from legacy_object as o) as sealed
    from catalog_edge as e offset 0) as e
  where e.on_legacy and e.sealed is not true
    and (exists (select from pg_catalog.pg_class as c where c.oid = e.oid and c.relkind in ('v', 'm') and e.class = c.tableoid)
      or exists (select from pg_catalog.pg_proc as p where p.oid = e.oid and e.class = p.tableoid))
), incomplete as (
  select 'not there ' || l.identity as offender from legacy as l where l.routine is null and l.relation is null
  union all
  select 'UNKNOWN_REQUIRES_REVIEW ' || pg_catalog.pg_describe_object(h.class, h.oid, 0) from hanging as h
  union all
  (select 'not captured ' || d.identity from (
    select l.identity from legacy as l
    except select c.value ->> 0 from pg_catalog.jsonb_array_elements($1 -> 'legacy_set' -> 'members') as c (value)) as d)
  union all
  (select 'not sealed ' || d.identity from (
    select c.value ->> 0 as identity from pg_catalog.jsonb_array_elements($1 -> 'legacy_set' -> 'members') as c (value)
    except select l.identity from legacy as l) as d)
), disposed as (
  select l.identity, pg_catalog.count(l.disposition) as dispositions from legacy as l group by l.identity
), captured as (
  select m.value ->> 0 as identity, m.value as member from pg_catalog.jsonb_array_elements($1 -> 'legacy_set' -> 'members') as m (value)
), staged as (
  -- After the repoint live ACLs are others by design; the captured ones are what is staged.
  select l.identity, case l.disposition
      when 'STUB_FAIL_CLOSED' then exists (
        select from qt001_cp.writer_repoint_manifest as r
        join newest as n on n.manifest_id = r.manifest_id and n.surface_no = r.surface_no
        where r.object_identity::text = l.identity
          and pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(r.rollback_body, 'UTF8')), 'hex') = c.member ->> 5)
      when 'REVOKE_ONLY' then l.routine is null or (($1 ->> 'phase') = 'S19' and pg_catalog.jsonb_array_length(c.member -> 6) > 0)
        or (select pg_catalog.array_agg(a.value order by a.value collate "C") from pg_catalog.jsonb_array_elements_text(c.member -> 6) as a (value))
          = (select pg_catalog.array_agg(x.item order by x.item collate "C") from (
              select coalesce(g.rolname::text, 'public') || '=' || i.privilege_type || '/' || r.rolname as item
              from pg_catalog.pg_proc as p
              cross join lateral pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as i
              join pg_catalog.pg_roles as r on r.oid = i.grantor
              left join pg_catalog.pg_roles as g on g.oid = i.grantee
              where p.oid = l.routine) as x)
    end as staged
  from legacy as l
  left join captured as c on c.identity = l.identity
)
select 'roots_present' as probe, (select pg_catalog.count(*) from root) as expected, (select pg_catalog.count(r.oid) from root as r) as realized,
  (select pg_catalog.count(*) from root) as population,
  array(select r.identity collate "C" from root as r where r.oid is null order by 1) as offenders
union all
select 'closure_traversed', (select pg_catalog.count(*) from met), (select pg_catalog.count(m.object_class) from met as m), (select pg_catalog.count(*) from sealed_edge),
  array(select d.offender collate "C" from traversal_drift as d order by 1)
union all
select 'legacy_reached', 0, (select pg_catalog.count(*) from met_legacy),
  (select pg_catalog.count(*) from met) * least((select pg_catalog.count(*) from legacy), 1) * least((select pg_catalog.count(r.oid) from root as r), 1),
  array(select m.name collate "C" from met_legacy as m order by 1)
union all
select 'bodies_known', (select pg_catalog.count(*) from unseen), (select pg_catalog.count(*) from unseen as u where u.known),
  (select pg_catalog.count(*) from unseen),
  array(select ('UNKNOWN_REQUIRES_REVIEW ' || u.name) collate "C" from unseen as u where u.known is not true order by 1)
union all
select 'set_complete', 0, (select pg_catalog.count(*) from incomplete), (select pg_catalog.count(*) from legacy),
  array(select i.offender collate "C" from incomplete as i order by 1)
union all
select 'one_disposition', (select pg_catalog.count(*) from disposed), (select pg_catalog.count(*) from disposed as d where d.dispositions = 1),
  (select pg_catalog.count(*) from disposed),
  array(select d.identity collate "C" from disposed as d where d.dispositions is distinct from 1 order by 1)
union all
select 'artifacts_staged', (select pg_catalog.count(*) from staged), (select pg_catalog.count(*) from staged as s where s.staged),
  (select pg_catalog.count(*) from staged),
  array(select s.identity collate "C" from staged as s where s.staged is not true order by 1)
