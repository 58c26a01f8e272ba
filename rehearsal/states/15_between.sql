-- S15, its first half: the sealed legacy set is closed, before the new path is opened.

-- A REVOKE takes away only what the same grantor gave, so there is one statement an ACL item; grants by others than
-- the owner go first, since the owner's hang below them. The owner's own EXECUTE goes, too.
do $close$
declare
  item record;
begin
  for item in
    select m.identity, case p.prokind when 'p' then 'procedure' else 'function' end as kind, r.rolname as grantor,
      coalesce(pg_catalog.quote_ident(g.rolname), 'public') as grantee
    from pg_temp.staged_member as m
    join pg_catalog.pg_proc as p on p.oid = m.routine
    cross join lateral pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as x
    join pg_catalog.pg_roles as r on r.oid = x.grantor
    left join pg_catalog.pg_roles as g on g.oid = x.grantee
    order by x.grantor = p.proowner, m.identity collate "C", 4
  loop
    execute pg_catalog.format('set local role %I', item.grantor);
    execute pg_catalog.format('revoke execute on %s %s from %s', item.kind, item.identity, item.grantee);
  end loop;
  reset role;
end
$close$;

-- Only members whose disposition is STUB_FAIL_CLOSED change their body; signature, owner and properties stay.
do $stub$
declare
  member record;
  stub constant text := '
begin
  raise exception ''this entrypoint of the legacy path is closed: authority lies with qt001_cp''
    using errcode = ''insufficient_privilege'', hint = ''writes are decided by qt001_cp.qt001_writer_gateway'';
end
';
begin
  for member in
    select m.identity, d.definition, l.lanname
    from pg_temp.staged_member as m
    join pg_temp.staged_definition as d on d.identity = m.identity
    join pg_catalog.pg_proc as p on p.oid = m.routine
    join pg_catalog.pg_language as l on l.oid = p.prolang
    where m.disposition = 'STUB_FAIL_CLOSED'
    order by m.identity collate "C"
  loop
    execute pg_catalog.replace(
        pg_catalog.split_part(member.definition, E'\nAS $', 1), ' LANGUAGE ' || member.lanname, ' LANGUAGE plpgsql')
      || E'\nas ' || pg_catalog.quote_literal(stub);
  end loop;
end
$stub$;
