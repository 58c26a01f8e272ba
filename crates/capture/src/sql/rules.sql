-- Rules other than a view's own.
select r.ev_class::regclass::text as "on", r.rulename as name, r.oid::int8 as oid, r.ev_enabled as enabled,
       encode(sha256(convert_to(r.ev_action::text || r.ev_qual::text, 'UTF8')), 'hex') as tree_sha256
  from pg_catalog.pg_rewrite as r
  join pg_catalog.pg_class as c on c.oid = r.ev_class
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where r.rulename <> '_RETURN' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
