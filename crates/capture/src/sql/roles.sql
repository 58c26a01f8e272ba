-- Roles with attributes, never a password. The server's own pg_ roles stand here only where a role of
-- this cluster is a member.
select r.rolname as name, r.rolsuper as superuser, r.rolinherit as inherit, r.rolcreaterole as create_role,
       r.rolcreatedb as create_db, r.rolcanlogin as login, r.rolreplication as replication,
       r.rolbypassrls as bypass_rls, r.rolconnlimit as connection_limit,
       case when isfinite(r.rolvaliduntil)
            then to_char(timezone('UTC', r.rolvaliduntil), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            else r.rolvaliduntil::text end as valid_until
  from pg_catalog.pg_roles as r
 where r.rolname !~ '^pg_'
    or exists (select from pg_catalog.pg_auth_members as m
                 join pg_catalog.pg_roles as member on member.oid = m.member
                where m.roleid = r.oid and member.rolname !~ '^pg_')
