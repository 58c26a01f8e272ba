-- For each role, schema, kind and privilege: on how many objects the server grants it, and of how many.
-- A role that is not there yet has no line, and what nobody else holds has none either.
with role as (
  select r.rolname::text as name from pg_catalog.pg_roles r where r.rolname = any ({roles})
  union all
  select 'public'
), schema as (
  select n.oid, n.nspname::text as name
    from pg_catalog.pg_namespace n
   where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname <> 'rehearsal_access'
), object as (
  select s.name as schema, 'schema' as kind, s.oid, s.name as identity from schema s
  union all
  select s.name, case when c.relkind = 'S' then 'sequence' else 'relation' end, c.oid, c.relname::text
    from schema s join pg_catalog.pg_class c on c.relnamespace = s.oid where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  union all
  select s.name, 'routine', p.oid, p.proname::text from schema s join pg_catalog.pg_proc p on p.pronamespace = s.oid
), privilege as (
  select k.kind, k.privilege from (values
    ('schema', 'USAGE'), ('schema', 'CREATE'),
    ('relation', 'SELECT'), ('relation', 'INSERT'), ('relation', 'UPDATE'), ('relation', 'DELETE'), ('relation', 'TRUNCATE'),
    ('sequence', 'USAGE'), ('routine', 'EXECUTE')) k (kind, privilege)
)
select r.name, o.schema, o.kind, p.privilege,
       pg_catalog.count(*) filter (where case o.kind
         when 'schema' then pg_catalog.has_schema_privilege(r.name, o.oid, p.privilege)
         when 'relation' then pg_catalog.has_table_privilege(r.name, o.oid, p.privilege)
         when 'sequence' then pg_catalog.has_sequence_privilege(r.name, o.oid, p.privilege)
         else pg_catalog.has_function_privilege(r.name, o.oid, p.privilege) end)::text,
       pg_catalog.count(*)::text
  from role r cross join object o join privilege p on p.kind = o.kind
 group by r.name, o.schema, o.kind, p.privilege
 order by r.name collate "C", o.schema collate "C", o.kind collate "C", p.privilege collate "C"
