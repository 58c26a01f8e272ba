-- S16: the sealed legacy set goes to the owner of the control plane, and the application keeps exactly its #21 reads.

-- The complete snapshot, before anything is revoked.
set local session authorization fix7_verifier;
select qt001_cp.cp_verify_privileges('before_S16');
set local session authorization default;

create temporary table staged_option as
select m.identity, c.reloptions
from pg_temp.staged_member as m
join pg_catalog.pg_class as c on c.oid = m.relation;

create temporary table staged_relation_acl as
select c.oid as relation, x.grantor, x.grantee, x.privilege_type, x.is_grantable
from pg_temp.staged_member as m
join pg_catalog.pg_class as c on c.oid = m.relation
cross join lateral pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) as x;

-- A view that reads a live table, itself or through another, reads it with its reader's rights from now on: nobody
-- grants the owner of the control plane anything on a business table.
do $invoker$
declare
  member record;
begin
  for member in
    with recursive reads as (
      select distinct v.oid as view, d.refobjid as relation
      from pg_temp.staged_member as m
      join pg_catalog.pg_class as v on v.oid = m.relation and v.relkind = 'v'
      join pg_catalog.pg_rewrite as r on r.ev_class = v.oid
      join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = r.oid
        and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> v.oid
    ), invoker as (
      select r.view from reads as r
      where not exists (select from pg_temp.staged_member as m where m.relation = r.relation)
      union
      select r.view from reads as r join invoker as i on i.view = r.relation
    )
    select distinct i.view::pg_catalog.regclass::text as name from invoker as i order by 1
  loop
    execute pg_catalog.format('alter view %s set (security_invoker = true)', member.name);
  end loop;
end
$invoker$;

do $own$
declare
  member record;
begin
  for member in
    select m.identity, m.object_kind from pg_temp.staged_member as m order by m.identity collate "C"
  loop
    execute pg_catalog.format('alter %s %s owner to qt001_cp_owner', member.object_kind, member.identity);
  end loop;
end
$own$;

-- What the application and everybody held on a member goes, whoever gave it; the old owner's own rights went with the
-- ownership.
do $revoke$
declare
  item record;
begin
  for item in
    select m.object_kind, m.identity, r.rolname as grantor, coalesce(pg_catalog.quote_ident(g.rolname), 'public') as grantee,
      x.privilege_type || case when x.column_name is null then '' else ' (' || pg_catalog.quote_ident(x.column_name) || ')' end as privilege
    from pg_temp.staged_member as m
    join pg_catalog.pg_class as c on c.oid = m.relation
    cross join lateral (
      select i.grantor, i.grantee, i.privilege_type, null::text as column_name
      from pg_catalog.aclexplode(c.relacl) as i
      union all
      select i.grantor, i.grantee, i.privilege_type, a.attname::text
      from pg_catalog.pg_attribute as a
      cross join lateral pg_catalog.aclexplode(a.attacl) as i
      where a.attrelid = c.oid and not a.attisdropped) as x
    join pg_catalog.pg_roles as r on r.oid = x.grantor
    left join pg_catalog.pg_roles as g on g.oid = x.grantee
    where x.grantee = 0 or g.rolname = 'directus'
    order by x.grantor = c.relowner, m.identity collate "C", 4, 5
  loop
    execute pg_catalog.format('set local role %I', item.grantor);
    execute pg_catalog.format('revoke %s on table %s from %s', item.privilege, item.identity, item.grantee);
  end loop;
  reset role;
end
$revoke$;

-- Exactly the sealed reads, on what moved: relations, columns, and the sequences that went along.
do $read$
declare
  item record;
begin
  for item in
    select d.relation::text as relation, d.column_name, c.relkind
    from qt001_cp.directus_read_contract as d
    join qt001_cp.active_manifest as m on m.manifest_id = d.manifest_id and m.surface_no = d.surface_no
    join pg_catalog.pg_class as c on c.oid = pg_catalog.to_regclass(d.relation)
    join pg_catalog.pg_roles as o on o.oid = c.relowner and o.rolname = 'qt001_cp_owner'
    order by d.relation collate "C"
  loop
    if item.column_name <> '' then
      execute pg_catalog.format('grant select (%I) on %s to directus', item.column_name, item.relation);
    elsif item.relkind = 'S' then
      execute pg_catalog.format('grant select on sequence %s to directus', item.relation);
    else
      execute pg_catalog.format('grant select on %s to directus', item.relation);
    end if;
  end loop;
end
$read$;
