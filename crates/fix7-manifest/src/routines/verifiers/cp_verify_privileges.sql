declare
  v_run uuid;
begin
  v_run := {cp}.record_run('{cp}.cp_verify_privileges(text)', p_moment, 'pass');
  insert into {cp}.acl_snapshot (run_id, object_name, moment, privilege_acl_hash)
  select v_run, a.object_identity, p_moment,
    case when a.object_kind in ('function', 'procedure') then {cp}.h07_routine(a.object_identity::regprocedure)
      else {cp}.h07_relation(a.object_identity::regclass) end
  from {cp}.authority_scope_manifest a
  join {cp}.latest_sealed l on l.manifest_id = a.manifest_id and l.surface_no = a.surface_no
  where a.object_class = 'legacy' and a.moment = 'as_captured';
  return v_run;
end;
