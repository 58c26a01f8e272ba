-- Relations that the role $1 can read, wholly or by column, however it came to the right; what the rows of
-- the catalog say why. A right that they don't explain has no reason here, and is for a guard to see.
with reader as (
  select r.oid, r.rolsuper from pg_catalog.pg_roles as r where r.rolname = $1
), readable as (
  select c.oid, c.relkind, c.relowner, c.relacl, n.oid as schema_oid,
         has_table_privilege(reader.oid, c.oid, 'SELECT') as whole,
         array(select a.attname::text from pg_catalog.pg_attribute as a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and c.relkind <> 'S'
                  and has_column_privilege(reader.oid, c.oid, a.attnum, 'SELECT')
                order by a.attnum) as columns
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    cross join reader
   where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
)
select r.oid::regclass::text as identity,
       case r.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'
            when 'm' then 'materialized view' when 'f' then 'foreign table' when 'S' then 'sequence' end as kind,
       r.whole, r.columns,
       has_schema_privilege(reader.oid, r.schema_oid, 'USAGE') as schema_usage,
       array(select reason collate pg_catalog."C" from (
               select 'superuser' as reason where reader.rolsuper
               union
               select 'owner ' || pg_get_userbyid(r.relowner) where pg_has_role(reader.oid, r.relowner, 'USAGE')
               union
               select 'grant to ' || case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee)::text end
                 from aclexplode(r.relacl) as a
                where a.privilege_type = 'SELECT'
                  and (a.grantee = 0 or pg_has_role(reader.oid, nullif(a.grantee, 0), 'USAGE'))
               union
               select 'column grant to ' || case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee)::text end
                 from pg_catalog.pg_attribute as t
                 cross join lateral aclexplode(t.attacl) as a
                where t.attrelid = r.oid and not t.attisdropped and a.privilege_type = 'SELECT'
                  and (a.grantee = 0 or pg_has_role(reader.oid, nullif(a.grantee, 0), 'USAGE'))
               union
               select 'member of pg_read_all_data' where pg_has_role(reader.oid, 'pg_read_all_data', 'USAGE')
             ) as why order by 1) as because
  from readable as r
  cross join reader
 where r.whole or cardinality(r.columns) > 0
