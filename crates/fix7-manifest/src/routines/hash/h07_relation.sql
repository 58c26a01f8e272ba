-- H07 of a table, view, sequence or other relation: owner, expanded privileges, and those of its columns.
-- NULL if there is no such relation.
select pg_catalog.sha256(pg_catalog.convert_to(
         '["H07","v1","relation",' || pg_catalog.to_json(pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text)::pg_catalog.text
         || ',['
         || coalesce((
              select pg_catalog.string_agg(
                       '[' || pg_catalog.to_json(item.grantee)::pg_catalog.text
                       || ',' || pg_catalog.to_json(item.grantor)::pg_catalog.text
                       || ',' || pg_catalog.to_json(item.privilege)::pg_catalog.text
                       || ',' || item.grantable::pg_catalog.text
                       || ',' || coalesce(pg_catalog.to_json(item.column_name)::pg_catalog.text, 'null')
                       || ']',
                       ',' order by item.grantee, item.grantor, item.privilege, item.column_name nulls first)
                from (select case acl.grantee
                               when 0 then 'public'
                               else pg_catalog.pg_get_userbyid(acl.grantee)::pg_catalog.text
                             end collate pg_catalog."C" as grantee,
                             pg_catalog.pg_get_userbyid(acl.grantor)::pg_catalog.text collate pg_catalog."C" as grantor,
                             acl.privilege_type collate pg_catalog."C" as privilege,
                             acl.is_grantable as grantable,
                             acl.column_name collate pg_catalog."C" as column_name
                        from (select whole.grantee, whole.grantor, whole.privilege_type, whole.is_grantable,
                                     null::pg_catalog.text as column_name
                                from pg_catalog.aclexplode(coalesce(
                                       c.relacl,
                                       pg_catalog.acldefault(
                                         case c.relkind when 'S' then 's' else 'r' end::pg_catalog."char",
                                         c.relowner))) as whole
                              union all
                              select part.grantee, part.grantor, part.privilege_type, part.is_grantable,
                                     t.attname::pg_catalog.text
                                from pg_catalog.pg_attribute as t
                                cross join lateral pg_catalog.aclexplode(t.attacl) as part
                               where t.attrelid = c.oid
                                 and not t.attisdropped) as acl) as item), '')
         || ']]', 'UTF8'))
  from pg_catalog.pg_class as c
 where c.oid = p_relation
