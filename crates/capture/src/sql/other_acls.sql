-- Privileges on what is no relation, routine, type or schema of the database.
select 'language' as class, quote_ident(l.lanname) as name, pg_get_userbyid(l.lanowner) as owner,
       l.lanacl is null as acl_is_null, acl_of{coalesce(l.lanacl, acldefault('l', l.lanowner))} as acl
  from pg_catalog.pg_language as l
 where l.lanname not in ('internal', 'c', 'sql')
union all
select 'foreign data wrapper', quote_ident(w.fdwname), pg_get_userbyid(w.fdwowner), w.fdwacl is null,
       acl_of{coalesce(w.fdwacl, acldefault('F', w.fdwowner))}
  from pg_catalog.pg_foreign_data_wrapper as w
union all
select 'foreign server', quote_ident(s.srvname), pg_get_userbyid(s.srvowner), s.srvacl is null,
       acl_of{coalesce(s.srvacl, acldefault('S', s.srvowner))}
  from pg_catalog.pg_foreign_server as s
union all
select 'large object', m.oid::text, pg_get_userbyid(m.lomowner), m.lomacl is null,
       acl_of{coalesce(m.lomacl, acldefault('L', m.lomowner))}
  from pg_catalog.pg_largeobject_metadata as m
union all
select 'parameter', p.parname, null, false, acl_of{p.paracl}
  from pg_catalog.pg_parameter_acl as p
