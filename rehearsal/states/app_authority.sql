-- What the application role may do with every relation outside the control plane and the sealed set, and whose it is.
select pg_catalog.jsonb_object_agg(c.oid::pg_catalog.regclass::text, pg_catalog.jsonb_build_array(
    pg_catalog.pg_get_userbyid(c.relowner),
    pg_catalog.encode(qt001_cp.h07_relation(c.oid::pg_catalog.regclass), 'hex'),
    case when c.relkind = 'S' then pg_catalog.array_to_string(array(
      select v.privilege from (values ('SELECT'), ('UPDATE'), ('USAGE')) as v (privilege)
      where pg_catalog.has_sequence_privilege('directus', c.oid, v.privilege)), ',')
    else pg_catalog.array_to_string(array(
      select v.privilege from (values ('DELETE'), ('INSERT'), ('REFERENCES'), ('SELECT'), ('TRIGGER'), ('TRUNCATE'), ('UPDATE')) as v (privilege)
      where pg_catalog.has_table_privilege('directus', c.oid, v.privilege)), ',') end))::text
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'v', 'm', 'S', 'p', 'f') and n.nspname = 'public'
  and not exists (
    select from qt001_cp.authority_scope_manifest as a
    join qt001_cp.latest_sealed as l on l.manifest_id = a.manifest_id and l.surface_no = a.surface_no
    where a.object_class in ('legacy', 'bookkeeping') and pg_catalog.to_regclass(a.object_identity) = c.oid)
  and not exists (
    select from pg_catalog.pg_depend as d
    join qt001_cp.authority_scope_manifest as a on pg_catalog.to_regclass(case when a.object_kind = 'table' then a.object_identity end) = d.refobjid
    where a.object_class = 'legacy' and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype in ('a', 'i'))
