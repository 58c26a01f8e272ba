-- S15 taken back: the new path is superseded and closed before any legacy EXECUTE is restored.

set local session authorization fix7_operator;
select qt001_cp.cp_supersede('birth_writer', (select a.control_epoch from pg_temp.staged_epoch as a));
set local session authorization default;

set local role qt001_cp_owner;
revoke execute on function qt001_cp.qt001_writer_gateway(text, jsonb, boolean) from qt001_cp_writer;
revoke usage on schema qt001_cp from qt001_cp_writer;
reset role;

-- STUB_FAIL_CLOSED members and callers get their pinned body back.
do $restore$
declare
  member record;
begin
  for member in
    select d.identity, d.definition
    from pg_temp.staged_definition as d
    left join pg_temp.staged_member as m on m.identity = d.identity
    where m.identity is null or m.disposition = 'STUB_FAIL_CLOSED'
    order by d.identity collate "C"
  loop
    execute member.definition;
  end loop;
end
$restore$;

-- Every member gets its captured ACL back, item by item, the owner's grants first.
do $grant$
declare
  item record;
begin
  for item in
    select s.identity, s.grantor, case s.grantee when 'public' then 'public' else pg_catalog.quote_ident(s.grantee) end as grantee,
      s.is_grantable and s.grantee <> s.grantor as is_grantable,
      case m.object_kind when 'procedure' then 'procedure' else 'function' end as kind
    from pg_temp.staged_acl as s
    join pg_temp.staged_member as m on m.identity = s.identity
    join pg_catalog.pg_proc as p on p.oid = m.routine
    join pg_catalog.pg_roles as r on r.oid = p.proowner
    order by s.grantor <> r.rolname, s.identity collate "C", s.grantee collate "C"
  loop
    execute pg_catalog.format('set local role %I', item.grantor);
    execute pg_catalog.format(
      'grant execute on %s %s to %s%s', item.kind, item.identity, item.grantee, case when item.is_grantable then ' with grant option' end);
  end loop;
  reset role;
end
$grant$;
