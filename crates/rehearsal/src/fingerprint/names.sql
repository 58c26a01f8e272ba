-- How many tuples that carry a name are older than this transaction. None can enter this set while
-- it runs; one that is renamed leaves it. So: as long as the figure stands, no old name has changed.
select (select pg_catalog.count(*) from pg_catalog.pg_class c where pg_catalog.age(c.xmin) > 0)
     + (select pg_catalog.count(*) from pg_catalog.pg_attribute a where a.attrelid >= 16384 and pg_catalog.age(a.xmin) > 0)
     + (select pg_catalog.count(*) from pg_catalog.pg_proc p where p.oid >= 16384 and pg_catalog.age(p.xmin) > 0)
     + (select pg_catalog.count(*) from pg_catalog.pg_type t where t.oid >= 16384 and pg_catalog.age(t.xmin) > 0)
     + (select pg_catalog.count(*) from pg_catalog.pg_namespace n where pg_catalog.age(n.xmin) > 0)
