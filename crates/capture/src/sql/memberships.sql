-- Memberships; INHERIT and SET are options of the membership from 16 on, absent before.
select pg_get_userbyid(m.roleid) as role, pg_get_userbyid(m.member) as member, pg_get_userbyid(m.grantor) as grantor,
       m.admin_option as admin,
       (to_jsonb(m) ->> 'inherit_option')::boolean as inherit,
       (to_jsonb(m) ->> 'set_option')::boolean as "set"
  from pg_catalog.pg_auth_members as m
 where pg_get_userbyid(m.member) !~ '^pg_'
