-- What the server says of each actor, a character each: t, f, or c for some column and not the whole relation;
-- and whether ACL rows and memberships explain what it holds.
create table rehearsal_access.item as
with owned (kind, oid, acl) as (
    select 'database', d.oid, coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba)) from pg_catalog.pg_database d
    union all
    select 'schema', n.oid, coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner)) from pg_catalog.pg_namespace n
    union all
    select case c.relkind when 'S' then 'sequence' else 'relation' end, c.oid,
           coalesce(c.relacl, pg_catalog.acldefault(case c.relkind when 'S' then 's'::"char" else 'r' end, c.relowner)) from pg_catalog.pg_class c
    union all
    select 'column', a.attrelid, a.attacl from pg_catalog.pg_attribute a where a.attacl is not null
    union all
    select 'routine', f.oid, coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner)) from pg_catalog.pg_proc f
    union all
    select 'type', t.oid, coalesce(t.typacl, pg_catalog.acldefault('T', t.typowner)) from pg_catalog.pg_type t
)
select distinct o.kind, o.oid, x.privilege_type as privilege, x.grantee, x.grantor, x.is_grantable
  from owned o
 cross join lateral pg_catalog.aclexplode(o.acl) x
 where (case o.kind when 'column' then 'relation' else o.kind end, o.oid) in (select p.kind, p.oid from rehearsal_access.probe p);

-- Whose rights an actor has by rows of pg_auth_members: from 16 on the row says whether it inherits.
create table rehearsal_access.holder as
with recursive holder (no, oid) as (
    select a.no, a.oid from rehearsal_access.actor a
    union
    select h.no, m.roleid
      from holder h
      join pg_catalog.pg_auth_members m on m.member = h.oid
      join pg_catalog.pg_roles r on r.oid = h.oid
     where coalesce((pg_catalog.to_jsonb(m) ->> 'inherit_option')::boolean, r.rolinherit)
)
select h.no, h.oid from holder h union select a.no, 0 from rehearsal_access.actor a;

create table rehearsal_access.prediction as
select p.id, a.no, p.kind, p.oid, p.privilege,
       case p.kind
           when 'database' then pg_catalog.has_database_privilege(a.oid, p.oid, p.privilege)::text
           when 'schema' then pg_catalog.has_schema_privilege(a.oid, p.oid, p.privilege)::text
           when 'relation' then case
               when pg_catalog.has_table_privilege(a.oid, p.oid, p.privilege) then 't'
               when p.privilege in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') and pg_catalog.has_any_column_privilege(a.oid, p.oid, p.privilege) then 'c'
               else 'f' end
           when 'sequence' then pg_catalog.has_sequence_privilege(a.oid, p.oid, p.privilege)::text
           when 'routine' then pg_catalog.has_function_privilege(a.oid, p.oid, p.privilege)::text
           when 'type' then pg_catalog.has_type_privilege(a.oid, p.oid, p.privilege)::text
           when 'role' then pg_catalog.pg_has_role(a.oid, p.oid, case
               when p.privilege = 'SET' and pg_catalog.current_setting('server_version_num')::integer < 160000 then 'MEMBER'
               else p.privilege end)::text
           else case p.privilege
               when 'SUPERUSER' then r.rolsuper
               when 'BYPASSRLS' then r.rolbypassrls
               when 'CREATEROLE' then r.rolcreaterole
               when 'REPLICATION' then r.rolreplication
               when 'CREATEDB' then r.rolcreatedb
               when 'LOGIN' then r.rolcanlogin end::text
       end as answer
  from rehearsal_access.probe p
 cross join rehearsal_access.actor a
  join pg_catalog.pg_roles r on r.oid = a.oid;

select p.kind, p.identity, p.privilege, c.predicted, c.explained
  from rehearsal_access.probe p
  join (select c.id, pg_catalog.string_agg(pg_catalog.left(c.answer, 1), '' order by c.no) as predicted,
               pg_catalog.string_agg(case when c.kind in ('role', 'attribute') or c.answer not in ('t', 'true', 'c') or e.no is not null then 'y' else 'n' end, '' order by c.no) as explained
          from rehearsal_access.prediction c
          left join (select distinct h.no, i.kind, i.oid, i.privilege
                       from rehearsal_access.item i join rehearsal_access.holder h on h.oid = i.grantee) e
            on e.no = c.no and e.kind = case c.answer when 'c' then 'column' else c.kind end and e.oid = c.oid and e.privilege = c.privilege
         group by c.id) c on c.id = p.id
 order by p.id;
