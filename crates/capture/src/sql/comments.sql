-- Comments on what is not the server's own.
select i.type as class, i.identity, d.description as text
  from pg_catalog.pg_description as d
  cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) as i
 where d.objoid >= 16384 or i.identity = 'public'
union all
select i.type, i.identity, d.description
  from pg_catalog.pg_shdescription as d
  cross join lateral pg_identify_object(d.classoid, d.objoid, 0) as i
 where (d.classoid = 'pg_catalog.pg_database'::regclass
        and d.objoid = (select b.oid from pg_catalog.pg_database as b where b.datname = current_database()))
    or (d.classoid = 'pg_catalog.pg_authid'::regclass and d.objoid >= 16384)
