declare
  v_run uuid;
begin
  v_run := {cp}.record_run('{cp}.cp_verify_privileges(text)', p_moment, 'pass');
  insert into {cp}.acl_snapshot (run_id, object_name, moment, privilege_acl_hash)
  select v_run, s.object_name, p_moment, s.privilege_acl_hash from {cp}.privilege_snapshot() s;
  -- One digest of all of them, so that none can go missing.
  insert into {cp}.acl_snapshot (run_id, object_name, moment, privilege_acl_hash)
  select v_run, 'snapshot_sha256', p_moment, {cp}.h05(array_agg(concat(s.object_name, ' ', encode(s.privilege_acl_hash, 'hex'))))
  from {cp}.acl_snapshot s where s.run_id = v_run;
  return v_run;
end;
