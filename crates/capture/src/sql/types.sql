-- Domains, enums, ranges, composite and base types; row types of relations and array types follow theirs.
select t.oid::regtype::text as identity,
       case t.typtype when 'd' then 'domain' when 'e' then 'enum' when 'r' then 'range' when 'm' then 'multirange'
            when 'c' then 'composite' else 'base' end as kind,
       quote_ident(n.nspname) as schema, pg_get_userbyid(t.typowner) as owner,
       (select e.extname from pg_catalog.pg_depend as d join pg_catalog.pg_extension as e on e.oid = d.refobjid
          where d.classid = 'pg_catalog.pg_type'::regclass and d.objid = t.oid and d.objsubid = 0
            and d.refclassid = 'pg_catalog.pg_extension'::regclass and d.deptype = 'e') as extension,
       case t.typtype when 'd' then format_type(t.typbasetype, t.typtypmod) end as base,
       t.typnotnull as not_null, t.typdefault as "default",
       (select json_agg(l.enumlabel order by l.enumsortorder) from pg_catalog.pg_enum as l where l.enumtypid = t.oid) as labels,
       (select json_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) order by a.attnum)
          from pg_catalog.pg_attribute as a
         where a.attrelid = t.typrelid and t.typtype = 'c' and a.attnum > 0 and not a.attisdropped) as attributes,
       t.typacl is null as acl_is_null,
       acl_of{coalesce(t.typacl, acldefault('T', t.typowner))} as acl
  from pg_catalog.pg_type as t
  join pg_catalog.pg_namespace as n on n.oid = t.typnamespace
  left join pg_catalog.pg_class as c on c.oid = t.typrelid
 where (t.typrelid = 0 or c.relkind = 'c')
   and not exists (select from pg_catalog.pg_type as element where element.typarray = t.oid)
   and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
