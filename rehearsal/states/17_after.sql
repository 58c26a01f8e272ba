-- S17: the sealed legacy set is frozen: nobody but its owner may write or advance its sequences, and each
-- member carries the sentinel.

-- What no package may open stayed where it was, with the views that read it, and is left alone here too.
delete from pg_temp.staged_member as m
using pg_catalog.pg_class as c
where c.oid = m.relation and c.relowner <> 'qt001_cp_owner'::pg_catalog.regrole;

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
    select m.identity from pg_temp.staged_member as m where m.object_kind = 'table' order by m.identity collate "C"
  loop
    execute pg_catalog.format('create trigger legacy_frozen before insert or delete or update or truncate on %s for each statement execute function qt001_cp.legacy_frozen()', item.identity);
    execute pg_catalog.format('alter table %s enable always trigger legacy_frozen', item.identity);
  end loop;
  for item in
    select m.identity, m.object_kind, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(a.object_kind || ' ' || a.object_identity || ' '
      || pg_catalog.encode(a.source_sha256, 'hex') || ' ' || pg_catalog.encode(a.privilege_acl_hash, 'hex'), 'UTF8')), 'hex') as digest
    from pg_temp.staged_member as m
    join qt001_cp.authority_scope_manifest as a on a.object_identity::text = m.identity and a.object_class = 'legacy' and a.moment = 'as_captured'
    join qt001_cp.active_manifest as v on v.manifest_id = a.manifest_id and v.surface_no = a.surface_no
    order by m.identity collate "C"
  loop
    execute pg_catalog.format('comment on %s %s is %L', item.object_kind, item.identity, 'LEGACY_FROZEN ' || item.digest);
  end loop;
end
$freeze$;
