-- S17 taken back: every write that was granted is granted again, and every member carries its own comment.

-- Names are kept as the server prints them, to be read back in another transaction.
set local search_path = '';

do $thaw$
declare
  member record;
begin
  for member in
    select m.identity, m.object_kind, s.description
    from pg_temp.staged_member as m
    join pg_temp.staged_comment as s on s.identity = m.identity
    order by m.identity collate "C"
  loop
    execute pg_catalog.format('comment on %s %s is %L', member.object_kind, member.identity, member.description);
  end loop;
  for member in
    select s.identity, s.kind, s.grantor, s.grantee, s.privilege_type, s.is_grantable from pg_temp.staged_write as s
    order by not s.by_owner, s.identity collate "C", s.grantee collate "C", s.privilege_type collate "C"
  loop
    execute pg_catalog.format('set local role %I', member.grantor);
    execute pg_catalog.format('grant %s on %s%s to %s%s', member.privilege_type, member.kind, member.identity, member.grantee,
      case when member.is_grantable then ' with grant option' end);
  end loop;
  reset role;
end
$thaw$;
