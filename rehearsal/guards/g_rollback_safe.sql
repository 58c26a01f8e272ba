-- guard: G-ROLLBACK-SAFE
-- invariant: After a rollback apply, permit and real run are blocked, everything is owned and reachable as it was before, and the
--   birth system noticed nothing.
-- why: A way back that leaves a door open is a way in.
-- probe: apply_blocked apply/QT001 blocked: readiness is BLOCKED for every writer type, and after S15's rollback nothing is active and
--   nobody may call the gateway
-- probe: permits_closed permit blocked: no permit is in its open state
-- probe: real_run_blocked REAL_RUN blocked: no capability was measured
-- probe: members_restored directus-owned restorable: owner, source, privileges and comment of every sealed member and caller are those
--   before the step, both EXCEPTs
-- probe: birth_neutral birth-neutral: as many births as before, and each do_not_touch routine with its sealed source
-- input: phase the step that was taken back
-- input: moment rollback, or after where the last rollback is judged by its evidence
-- input: prior_state owner, source, privileges and comment of every member before the step
-- input: restored_state the same after the last rollback that was rehearsed; asked for only where nothing is rolled back now
-- input: legacy_set the permit's open state
-- input: birth_baseline births before the first package
-- input: views@rollback H06 of the text of every view, by identity
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id, e.state
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), plane_owner as (
  select r.oid, r.rolname::text as name
  from pg_catalog.pg_namespace as s
  join pg_catalog.pg_roles as r on r.oid = s.nspowner
  where s.nspname = 'qt001_cp'
), expected as (
  select m.key as identity, m.value::text as state from pg_catalog.jsonb_each($1 -> 'prior_state') as m
), live_routine as (
  select a.object_identity::text as identity, p.oid, p.proowner as owner, p.proacl as acl
  from (
    select s.object_identity, s.manifest_id, s.surface_no from qt001_cp.authority_scope_manifest as s
    where s.object_class = 'legacy' and s.moment = 'as_captured' and s.object_kind in ('function', 'procedure')
    union all
    select r.object_identity, r.manifest_id, r.surface_no from qt001_cp.writer_repoint_manifest as r where r.repoint_kind = 'caller') as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(a.object_identity)
  where ($1 ->> 'moment') = 'rollback'
), live_relation as (
  select a.object_identity::text as identity, c.oid, c.relowner as owner, c.relacl as acl, c.relkind
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  join pg_catalog.pg_class as c on c.oid = pg_catalog.to_regclass(case when a.object_kind in ('table', 'view') then a.object_identity end)
  where a.object_class = 'legacy' and a.moment = 'as_captured' and ($1 ->> 'moment') = 'rollback'
), acl_item as (
  -- H07 of every member at once: item by item, those of columns among them.
  select r.identity, x.grantee, x.grantor, x.privilege_type, x.is_grantable, null::text as column_name
  from live_routine as r cross join lateral pg_catalog.aclexplode(coalesce(r.acl, pg_catalog.acldefault('f', r.owner))) as x
  union all
  select r.identity, x.grantee, x.grantor, x.privilege_type, x.is_grantable, null
  from live_relation as r cross join lateral pg_catalog.aclexplode(coalesce(r.acl, pg_catalog.acldefault('r', r.owner))) as x
  union all
  select r.identity, x.grantee, x.grantor, x.privilege_type, x.is_grantable, t.attname::text
  from live_relation as r
  join pg_catalog.pg_attribute as t on t.attrelid = r.oid and not t.attisdropped
  cross join lateral pg_catalog.aclexplode(t.attacl) as x
), acl as (
  select i.identity, pg_catalog.string_agg('[' || pg_catalog.to_json(i.grantee)::text || ',' || pg_catalog.to_json(i.grantor)::text || ','
    || pg_catalog.to_json(i.privilege)::text || ',' || i.is_grantable::text || ',' || coalesce(pg_catalog.to_json(i.column_name)::text, 'null') || ']',
    ',' order by i.grantee, i.grantor, i.privilege, i.column_name nulls first) as items
  from (
    select a.identity, a.is_grantable, a.privilege_type collate "C" as privilege, a.column_name collate "C" as column_name,
      case a.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee)::text end collate "C" as grantee,
      pg_catalog.pg_get_userbyid(a.grantor)::text collate "C" as grantor
    from acl_item as a) as i
  group by i.identity
), live_object as (
  select r.identity, 'routine' as class, r.owner, qt001_cp.h06(r.oid::pg_catalog.regprocedure) as source,
    (select d.description from pg_catalog.pg_description as d
      where d.objoid = r.oid and d.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objsubid = 0) as comment
  from live_routine as r
  union all
  -- H06 of a view.
  select r.identity, 'relation', r.owner, case when r.relkind = 'v' then pg_catalog.decode((select $1 -> 'views') ->> r.oid::pg_catalog.regclass::text, 'hex') end,
    (select d.description from pg_catalog.pg_description as d
      where d.objoid = r.oid and d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objsubid = 0)
  from live_relation as r
), live as (
  select o.identity, pg_catalog.jsonb_build_array(
      pg_catalog.pg_get_userbyid(o.owner), pg_catalog.encode(o.source, 'hex'),
      pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to('["H07","v1","' || o.class || '",'
        || pg_catalog.to_json(pg_catalog.pg_get_userbyid(o.owner)::text)::text || ',[' || coalesce(a.items, '') || ']]', 'UTF8')), 'hex'),
      o.comment)::text as state
  from live_object as o
  left join acl as a on a.identity = o.identity
  union all
  select m.key, m.value::text from pg_catalog.jsonb_each($1 -> 'restored_state') as m where ($1 ->> 'moment') <> 'rollback'
), differing as (
  select coalesce(e.identity, l.identity) as identity
  from expected as e full join live as l on l.identity = e.identity
  where l.state is distinct from e.state
), gates as (
  select pg_catalog.count(*) as gates
  from qt001_cp.readiness_gate_manifest as g
  join newest as n on n.manifest_id = g.manifest_id and n.surface_no = g.surface_no
), facts as (
  select pg_catalog.count(distinct f.gate_key) as gates
  from qt001_cp.readiness_gate_fact as f
  join qt001_cp.verification_run as r on r.run_id = f.run_id
  join qt001_cp.control_epoch as c on c.epoch = r.control_epoch
), writer_type as (
  select w.writer_type::text as writer_type, (
      -- Readiness counts facts of the current epoch; while a gate has none nothing is ready, and only then the view need
      -- not be asked.
      select case when f.gates < g.gates then 'BLOCKED' else (
        select a.verdict from qt001_cp.v_fix7_acceptance as a where a.writer_type::text = w.writer_type::text) end
      from facts as f, gates as g) as verdict, (
      select pg_catalog.count(*) from qt001_cp.active_set as s where s.writer_type::text = w.writer_type::text) as active, (
      select pg_catalog.count(*) from qt001_cp.gateway_manifest as g
      join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(g.gateway)
      cross join lateral pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as x
      where g.writer_type::text = w.writer_type::text and x.grantee <> p.proowner) as granted
  from qt001_cp.writer_type_manifest as w
  join newest as n on n.manifest_id = w.manifest_id and n.surface_no = w.surface_no
), blocked as (
  select w.writer_type, coalesce(w.verdict, 'BLOCKED') = 'BLOCKED'
    and (($1 ->> 'phase') <> 'S15' or ($1 ->> 'moment') <> 'rollback' or (w.active = 0 and w.granted = 0)) as sound
  from writer_type as w
), permit as (
  select p.code, p.state from public.qt001_backfill_permit as p
), requirement as (
  select r.capability from qt001_cp.capability_measurement_requirement as r
  join newest as n on n.manifest_id = r.manifest_id and n.surface_no = r.surface_no
), untouched as (
  select a.object_identity::text as identity,
    qt001_cp.h06(pg_catalog.to_regprocedure(a.object_identity)) = a.source_sha256::bytea as same
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.object_class = 'do_not_touch' and a.object_kind = 'function'
)
select 'apply_blocked' as probe, (select pg_catalog.count(*) from writer_type) as expected, (select pg_catalog.count(*) from blocked as b where b.sound) as realized,
  (select pg_catalog.count(*) from writer_type) as population,
  array(select b.writer_type collate "C" from blocked as b where b.sound is not true order by 1) as offenders
union all
select 'permits_closed', 0, (select pg_catalog.count(*) from permit as p where p.state = (select $1 -> 'legacy_set' -> 'permit' ->> 'open')), (select pg_catalog.count(*) from permit),
  array(select p.code collate "C" from permit as p where p.state = (select $1 -> 'legacy_set' -> 'permit' ->> 'open') order by 1)
union all
select 'real_run_blocked', 0, (select pg_catalog.count(*) from qt001_cp.capability_measurement), (select pg_catalog.count(*) from requirement),
  array(select distinct m.capability::text collate "C" from qt001_cp.capability_measurement as m order by 1)
union all
select 'members_restored', (select pg_catalog.count(*) from expected), (select pg_catalog.count(*) from live), (select pg_catalog.count(*) from expected),
  array(select d.identity collate "C" from differing as d order by 1)
union all
select 'birth_neutral', ($1 -> 'birth_baseline' ->> 'rows')::bigint + (select pg_catalog.count(*) from untouched),
  (select pg_catalog.count(*) from public.birth_registry) + (select pg_catalog.count(*) from untouched as u where u.same), (select pg_catalog.count(*) from untouched),
  array(select u.identity collate "C" from untouched as u where u.same is not true order by 1)
