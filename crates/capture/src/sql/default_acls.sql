-- Privileges that future objects get. Without a schema they replace the built-in default, with one they
-- are added to it.
select pg_get_userbyid(d.defaclrole) as owner,
       (select quote_ident(n.nspname) from pg_catalog.pg_namespace as n where n.oid = d.defaclnamespace) as schema,
       case d.defaclobjtype when 'r' then 'table' when 'S' then 'sequence' when 'f' then 'routine'
            when 'T' then 'type' when 'n' then 'schema' else d.defaclobjtype::text end as class,
       acl_of{d.defaclacl} as acl
  from pg_catalog.pg_default_acl as d
