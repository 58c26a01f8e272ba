-- Indexes.
select i.indexrelid::regclass::text as identity, i.indrelid::regclass::text as "on",
       pg_get_indexdef(i.indexrelid) as definition, i.indisunique as "unique", i.indisvalid as valid
  from pg_catalog.pg_index as i
  join pg_catalog.pg_class as c on c.oid = i.indexrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
