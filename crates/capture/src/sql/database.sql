-- The database: owner, privileges, what decides how text sorts.
select d.datname as name,
       pg_get_userbyid(d.datdba) as owner,
       pg_encoding_to_char(d.encoding) as encoding,
       d.datcollate as collate,
       d.datctype as ctype,
       d.datallowconn as allow_connections,
       d.datconnlimit as connection_limit,
       d.datacl is null as acl_is_null,
       acl_of{coalesce(d.datacl, acldefault('d', d.datdba))} as acl
  from pg_catalog.pg_database as d
 where d.datname = current_database()
