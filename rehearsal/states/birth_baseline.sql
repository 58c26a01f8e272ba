select pg_catalog.jsonb_build_object(
  'rows', (select pg_catalog.count(*) from public.birth_registry),
  'by_collection', (
    select pg_catalog.jsonb_object_agg(b.collection_name, b.births)
    from (select r.collection_name, pg_catalog.count(*) as births from public.birth_registry as r group by r.collection_name) as b),
  'gateways', (
    select pg_catalog.jsonb_object_agg(p.oid::pg_catalog.regprocedure::text, pg_catalog.md5(pg_catalog.array_to_string(pg_catalog.string_to_array(pg_catalog.translate(p.prosrc, E'\n\r\t', '   '), ' ', ''), ' ')))
    from pg_catalog.pg_proc as p
    where p.oid in (
      select t.tgfoid from pg_catalog.pg_trigger as t
      where not t.tgisinternal and t.tgfoid = 'public.fn_birth_registry_auto()'::pg_catalog.regprocedure)),
  'triggers', (
    select pg_catalog.jsonb_agg(t.tgrelid::pg_catalog.regclass::text || '.' || t.tgname || ' ' || t.tgfoid::pg_catalog.regprocedure::text
      || ' ' || pg_catalog.encode(t.tgargs, 'hex') || ' ' || t.tgenabled::text)
    from pg_catalog.pg_trigger as t
    where not t.tgisinternal and t.tgfoid = 'public.fn_birth_registry_auto()'::pg_catalog.regprocedure))::text
