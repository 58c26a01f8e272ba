declare
  v_run uuid;
begin
  v_run := {cp}.record_run('{cp}.cp_verify_privileges(text)', p_moment, 'pass');
  insert into {cp}.acl_snapshot (run_id, object_name, moment, privilege_acl_hash)
  select v_run, s.object_name, p_moment, s.privilege_acl_hash from {cp}.privilege_snapshot() s;
  return v_run;
end;
