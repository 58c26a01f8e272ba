-- Which tuples the catalogs hold, as two counts with a digest each: those older than this transaction,
-- then its own. A tuple is never changed in place, so its place and its maker are its identity; equal
-- answers within one transaction are equal catalogs. Each catalog that facts.sql reads stands here;
-- of the large ones only what is not the server's own.
select pg_catalog.concat(pg_catalog.count(*) filter (where t.age > 0), '.', pg_catalog.bit_xor(t.tuple) filter (where t.age > 0)),
       pg_catalog.concat(pg_catalog.count(*) filter (where t.age <= 0), '.', pg_catalog.bit_xor(t.tuple) filter (where t.age <= 0))
  from (
    select pg_catalog.age(xmin) as age, pg_catalog.hashtidextended(ctid, (1::bigint << 32) + pg_catalog.age(xmin)) as tuple from pg_catalog.pg_namespace
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (2::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_class
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (3::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_attribute
     where attrelid >= 16384
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (4::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_attrdef
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (5::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_constraint
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (6::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_index
     where indexrelid >= 16384
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (7::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_trigger
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (8::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_rewrite
     where ev_class >= 16384
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (9::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_proc
     where oid >= 16384
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (10::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_aggregate
     where aggfnoid >= 16384
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (11::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_type
     where oid >= 16384
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (12::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_enum
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (13::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_sequence
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (14::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_depend
     where deptype in ('a', 'i') and classid = 'pg_catalog.pg_class'::regclass and refclassid = 'pg_catalog.pg_class'::regclass
       and objid in (select s.seqrelid from pg_catalog.pg_sequence s)
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (15::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_description
     where objoid >= 16384 or objoid = 2200
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (16::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_shdescription
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (17::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_policy
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (18::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_inherits
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (19::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_statistic_ext
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (20::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_operator
     where oid >= 16384
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (21::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_collation
     where oid >= 16384
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (22::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_cast
     where oid >= 16384
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (23::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_extension
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (24::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_language
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (25::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_publication
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (26::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_foreign_server
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (27::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_event_trigger
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (28::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_default_acl
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (29::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_authid
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (30::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_auth_members
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (31::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_db_role_setting
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (32::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_database
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (33::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_tablespace
    union all
    select pg_catalog.age(xmin), pg_catalog.hashtidextended(ctid, (34::bigint << 32) + pg_catalog.age(xmin)) from pg_catalog.pg_largeobject_metadata
  ) t
