-- Views, with the digest of the parsed query: its text is printed later, in batches.
select c.oid::regclass::text as identity, c.oid::int8 as oid,
       case c.relkind when 'v' then 'view' else 'materialized view' end as kind,
       (select e.extname from pg_catalog.pg_depend as d join pg_catalog.pg_extension as e on e.oid = d.refobjid
          where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
            and d.refclassid = 'pg_catalog.pg_extension'::regclass and d.deptype = 'e') as extension,
       encode(sha256(convert_to(r.ev_action::text, 'UTF8')), 'hex') as tree_sha256
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  join pg_catalog.pg_rewrite as r on r.ev_class = c.oid and r.rulename = '_RETURN'
 where c.relkind in ('v', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
