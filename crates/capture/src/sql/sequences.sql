-- Sequences: owner and privileges stand with the relations. One that no column owns is not carried
-- along when a table changes owner.
select s.seqrelid::regclass::text as identity, format_type(s.seqtypid, null) as type,
       s.seqstart::text as start, s.seqincrement::text as increment, s.seqmin::text as minimum,
       s.seqmax::text as maximum, s.seqcycle as cycle,
       (select d.refobjid::regclass::text || '.' || quote_ident(a.attname)
          from pg_catalog.pg_depend as d
          join pg_catalog.pg_attribute as a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
         where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = s.seqrelid
           and d.refclassid = 'pg_catalog.pg_class'::regclass and d.deptype in ('a', 'i')) as owned_by
  from pg_catalog.pg_sequence as s
  join pg_catalog.pg_class as c on c.oid = s.seqrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
