-- S17: the sealed legacy set is frozen: nobody but its owner may write or advance its sequences, and each
-- member carries the sentinel.

-- Names are kept as the server prints them, to be read back in another transaction.
set local search_path = '';

create temporary table staged_comment as
select m.identity, d.description
from pg_temp.staged_member as m
left join pg_catalog.pg_description as d on d.objsubid = 0
  and ((d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objoid = m.relation)
    or (d.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objoid = m.routine));

create temporary table staged_write as
select w.relation::pg_catalog.regclass::text as identity, case c.relkind when 'S' then 'sequence ' else '' end as kind, r.rolname as grantor,
  coalesce(pg_catalog.quote_ident(g.rolname), 'public') as grantee, x.privilege_type, x.is_grantable, x.grantor = c.relowner as by_owner
from (
  select m.relation from pg_temp.staged_member as m where m.relation is not null
  union
  select d.objid
  from pg_temp.staged_member as m
  join pg_catalog.pg_depend as d on d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = m.relation
    and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype in ('a', 'i')) as w
join pg_catalog.pg_class as c on c.oid = w.relation and c.relkind in ('r', 'v', 'S')
cross join lateral pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault(
  case c.relkind when 'S' then 's' else 'r' end::pg_catalog."char", c.relowner))) as x
join pg_catalog.pg_roles as r on r.oid = x.grantor
left join pg_catalog.pg_roles as g on g.oid = x.grantee
where x.grantee <> c.relowner and x.privilege_type <> 'SELECT';

do $freeze$
declare
  item record;
begin
  for item in
    select s.identity, s.kind, s.grantor, s.grantee, s.privilege_type from pg_temp.staged_write as s
    order by s.by_owner, s.identity collate "C", s.grantee collate "C", s.privilege_type collate "C"
  loop
    execute pg_catalog.format('set local role %I', item.grantor);
    execute pg_catalog.format('revoke %s on %s%s from %s', item.privilege_type, item.kind, item.identity, item.grantee);
  end loop;
  reset role;
  for item in
    select m.identity, m.object_kind from pg_temp.staged_member as m order by m.identity collate "C"
  loop
    execute pg_catalog.format('comment on %s %s is %L', item.object_kind, item.identity, 'LEGACY_FROZEN');
  end loop;
end
$freeze$;
