-- S16 taken back: owners, grants and options of the sealed set as the snapshot has them.

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
      execute pg_catalog.format('revoke select (%I) on %s from directus', item.column_name, item.relation);
    elsif item.relkind = 'S' then
      execute pg_catalog.format('revoke select on sequence %s from directus', item.relation);
    else
      execute pg_catalog.format('revoke select on %s from directus', item.relation);
    end if;
  end loop;
end
$read$;

do $own$
declare
  member record;
begin
  for member in
    select m.identity, m.object_kind from pg_temp.staged_member as m order by m.identity collate "C"
  loop
    execute pg_catalog.format('alter %s %s owner to directus', member.object_kind, member.identity);
  end loop;
  for member in
    select s.identity
    from pg_temp.staged_option as s
    join pg_catalog.pg_class as c on c.oid = pg_catalog.to_regclass(s.identity) and c.relkind = 'v'
    where c.reloptions is distinct from s.reloptions
    order by s.identity collate "C"
  loop
    execute pg_catalog.format('alter view %s reset (security_invoker)', member.identity);
  end loop;
end
$own$;
