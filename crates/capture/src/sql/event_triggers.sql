-- Event triggers: they fire without EXECUTE.
select t.evtname as name, t.evtevent as event, pg_get_userbyid(t.evtowner) as owner,
       t.evtfoid::regprocedure::text as function, t.evtenabled as enabled, coalesce(t.evttags, '{}') as tags,
       (select e.extname from pg_catalog.pg_depend as d join pg_catalog.pg_extension as e on e.oid = d.refobjid
          where d.classid = 'pg_catalog.pg_event_trigger'::regclass and d.objid = t.oid and d.objsubid = 0
            and d.refclassid = 'pg_catalog.pg_extension'::regclass and d.deptype = 'e') as extension
  from pg_catalog.pg_event_trigger as t
