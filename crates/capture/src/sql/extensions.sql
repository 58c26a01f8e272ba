-- Extensions.
select e.extname as name, e.extversion as version, pg_get_userbyid(e.extowner) as owner,
       quote_ident(n.nspname) as schema
  from pg_catalog.pg_extension as e
  join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
