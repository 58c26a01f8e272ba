-- Through what an actor holds what it holds. {cells} is rows of actor and probe.
select pg_catalog.concat(c.no, ' ', c.id), w.why
  from (values {cells}) c (no, id)
  join rehearsal_access.actor a on a.no = c.no
  join rehearsal_access.probe p on p.id = c.id
  join pg_catalog.pg_roles r on r.oid = a.oid
 cross join lateral (
       select pg_catalog.concat(i.privilege, case i.kind when 'column' then ' on a column' end, ' granted to ', case when i.grantee = 0 then 'PUBLIC' else pg_catalog.pg_get_userbyid(i.grantee) end,
                                ' by ', pg_catalog.pg_get_userbyid(i.grantor)) as why
         from rehearsal_access.item i
         join rehearsal_access.holder h on h.oid = i.grantee
        where h.no = a.no and (i.kind = p.kind or i.kind = 'column' and p.kind = 'relation') and i.oid = p.oid and i.privilege = p.privilege
       union
       select pg_catalog.concat('member of ', g.rolname)
         from pg_catalog.pg_roles g
        where g.rolname in ('pg_read_all_data', 'pg_write_all_data', 'pg_maintain', 'pg_database_owner')
          and p.kind not in ('role', 'attribute') and pg_catalog.pg_has_role(a.oid, g.oid, 'USAGE') and not r.rolsuper
          and (g.rolname <> 'pg_database_owner' or exists (
              select from rehearsal_access.item i
               where i.kind = p.kind and i.oid = p.oid and i.privilege = p.privilege and i.grantee = g.oid))
       union
       select 'is a superuser' where r.rolsuper and p.privilege <> 'SUPERUSER'
       union
       select pg_catalog.concat('column ', t.attname)
         from pg_catalog.pg_attribute t
        where p.kind = 'relation' and t.attrelid = p.oid and t.attnum > 0 and not t.attisdropped
          and p.privilege in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
          and not pg_catalog.has_table_privilege(a.oid, p.oid, p.privilege)
          and pg_catalog.has_column_privilege(a.oid, p.oid, t.attnum, p.privilege)) w
 order by 1, 2;
