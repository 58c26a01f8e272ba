-- Triggers that somebody made; the server's internal ones follow their constraints. Enabled: O origin,
-- D disabled, R replica, A always.
select t.tgrelid::regclass::text as "on", t.tgname as name, t.tgfoid::regprocedure::text as function,
       t.tgenabled as enabled, encode(t.tgargs, 'hex') as arguments_hex, pg_get_triggerdef(t.oid) as definition,
       nullif(t.tgparentid, 0) is not null as inherited,
       (select e.extname from pg_catalog.pg_depend as d join pg_catalog.pg_extension as e on e.oid = d.refobjid
          where d.classid = 'pg_catalog.pg_trigger'::regclass and d.objid = t.oid and d.objsubid = 0
            and d.refclassid = 'pg_catalog.pg_extension'::regclass and d.deptype = 'e') as extension
  from pg_catalog.pg_trigger as t
  join pg_catalog.pg_class as c on c.oid = t.tgrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where not t.tgisinternal and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
