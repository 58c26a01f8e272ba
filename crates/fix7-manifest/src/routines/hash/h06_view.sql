-- H06 of a view or materialised view, as this server's major prints it. NULL for any other relation.
select pg_catalog.sha256(pg_catalog.convert_to(
         '["H06","v1","view",'
         || (pg_catalog.current_setting('server_version_num')::pg_catalog.int4 / 10000)::pg_catalog.text
         || ',' || pg_catalog.to_json(pg_catalog.pg_get_viewdef(c.oid))::pg_catalog.text
         || ']', 'UTF8'))
  from pg_catalog.pg_class as c
 where c.oid = p_view
   and c.relkind in ('v', 'm')
