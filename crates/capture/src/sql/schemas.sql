-- Schemas with owner and privileges; the server's own are left out.
select quote_ident(n.nspname) as name,
       pg_get_userbyid(n.nspowner) as owner,
       (select e.extname from pg_catalog.pg_depend as d join pg_catalog.pg_extension as e on e.oid = d.refobjid
          where d.classid = 'pg_catalog.pg_namespace'::regclass and d.objid = n.oid and d.objsubid = 0
            and d.refclassid = 'pg_catalog.pg_extension'::regclass and d.deptype = 'e') as extension,
       n.nspacl is null as acl_is_null,
       acl_of{coalesce(n.nspacl, acldefault('n', n.nspowner))} as acl
  from pg_catalog.pg_namespace as n
 where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
