-- Tables, views, sequences and their like, with columns.
select c.oid::regclass::text as identity,
       case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'
            when 'm' then 'materialized view' when 'f' then 'foreign table' when 'S' then 'sequence' end as kind,
       quote_ident(n.nspname) as schema,
       pg_get_userbyid(c.relowner) as owner,
       (select e.extname from pg_catalog.pg_depend as d join pg_catalog.pg_extension as e on e.oid = d.refobjid
          where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
            and d.refclassid = 'pg_catalog.pg_extension'::regclass and d.deptype = 'e') as extension,
       case c.relpersistence when 'u' then true end as unlogged,
       c.relrowsecurity as row_security,
       c.relforcerowsecurity as force_row_security,
       case c.relreplident when 'd' then null else c.relreplident end as replica_identity,
       coalesce(c.reloptions, '{}') as options,
       (select json_agg(i.inhparent::regclass::text order by i.inhseqno)
          from pg_catalog.pg_inherits as i where i.inhrelid = c.oid) as inherits,
       pg_get_partkeydef(c.oid) as partition_key,
       pg_get_expr(c.relpartbound, c.oid) as partition_bound,
       c.relacl is null as acl_is_null,
       acl_of{coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner))} as acl,
       case when c.relkind = 'S' then '[]'::json else
       (select coalesce(json_agg(json_build_object(
                 'name', a.attname,
                 'type', format_type(a.atttypid, a.atttypmod),
                 'not_null', a.attnotnull,
                 'default', case a.attgenerated when '' then pg_get_expr(f.adbin, f.adrelid) end,
                 'generated', case when a.attgenerated <> '' then pg_get_expr(f.adbin, f.adrelid) end,
                 'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,
                 'collation', case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end,
                 'acl', acl_of{a.attacl}) order by a.attnum), '[]')
          from pg_catalog.pg_attribute as a
          join pg_catalog.pg_type as t on t.oid = a.atttypid
          left join pg_catalog.pg_attrdef as f on f.adrelid = a.attrelid and f.adnum = a.attnum
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) end as columns
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
