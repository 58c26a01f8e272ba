-- Owner, source and privileges of every sealed member and of every caller that the repoint rewrites, and its comment.
select pg_catalog.jsonb_object_agg(s.identity, s.state)::text
from (
  select a.object_identity::text as identity, pg_catalog.jsonb_build_array(
      pg_catalog.pg_get_userbyid(p.proowner), pg_catalog.encode(qt001_cp.h06(p.oid::pg_catalog.regprocedure), 'hex'),
      pg_catalog.encode(qt001_cp.h07_routine(p.oid::pg_catalog.regprocedure), 'hex'), pg_catalog.obj_description(p.oid, 'pg_proc')) as state
  from qt001_cp.authority_scope_manifest as a
  join qt001_cp.latest_sealed as l on l.manifest_id = a.manifest_id and l.surface_no = a.surface_no
  join pg_catalog.pg_proc as p
    on p.oid = pg_catalog.to_regprocedure(case when a.object_kind in ('function', 'procedure') then a.object_identity end)
  where a.object_class = 'legacy' and a.moment = 'as_captured'
  union all
  select a.object_identity::text, pg_catalog.jsonb_build_array(
      pg_catalog.pg_get_userbyid(c.relowner), pg_catalog.encode(qt001_cp.h06_view(c.oid::pg_catalog.regclass), 'hex'),
      pg_catalog.encode(qt001_cp.h07_relation(c.oid::pg_catalog.regclass), 'hex'), pg_catalog.obj_description(c.oid, 'pg_class'))
  from qt001_cp.authority_scope_manifest as a
  join qt001_cp.latest_sealed as l on l.manifest_id = a.manifest_id and l.surface_no = a.surface_no
  join pg_catalog.pg_class as c
    on c.oid = pg_catalog.to_regclass(case when a.object_kind in ('table', 'view') then a.object_identity end)
  where a.object_class = 'legacy' and a.moment = 'as_captured'
  union all
  select r.object_identity::text, pg_catalog.jsonb_build_array(
      pg_catalog.pg_get_userbyid(p.proowner), pg_catalog.encode(qt001_cp.h06(p.oid::pg_catalog.regprocedure), 'hex'),
      pg_catalog.encode(qt001_cp.h07_routine(p.oid::pg_catalog.regprocedure), 'hex'), pg_catalog.obj_description(p.oid, 'pg_proc'))
  from qt001_cp.writer_repoint_manifest as r
  join qt001_cp.latest_sealed as l on l.manifest_id = r.manifest_id and l.surface_no = r.surface_no
  join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(r.object_identity)
  where r.repoint_kind = 'caller') as s
