-- H07 of a schema: owner and expanded privileges. NULL if there is none such.
select pg_catalog.sha256(pg_catalog.convert_to(
         '["H07","v1","schema",' || pg_catalog.to_json(pg_catalog.pg_get_userbyid(o.nspowner)::pg_catalog.text)::pg_catalog.text
         || ',['
         || coalesce((
              select pg_catalog.string_agg(
                       '[' || pg_catalog.to_json(item.grantee)::pg_catalog.text
                       || ',' || pg_catalog.to_json(item.grantor)::pg_catalog.text
                       || ',' || pg_catalog.to_json(item.privilege)::pg_catalog.text
                       || ',' || item.grantable::pg_catalog.text
                       || ',null]',
                       ',' order by item.grantee, item.grantor, item.privilege)
                from (select case a.grantee
                               when 0 then 'public'
                               else pg_catalog.pg_get_userbyid(a.grantee)::pg_catalog.text
                             end collate pg_catalog."C" as grantee,
                             pg_catalog.pg_get_userbyid(a.grantor)::pg_catalog.text collate pg_catalog."C" as grantor,
                             a.privilege_type collate pg_catalog."C" as privilege,
                             a.is_grantable as grantable
                        from pg_catalog.aclexplode(coalesce(o.nspacl, pg_catalog.acldefault('n', o.nspowner))) as a) as item), '')
         || ']]', 'UTF8'))
  from pg_catalog.pg_namespace as o
 where o.oid = p_schema
