declare
  v_run uuid;
begin
  v_run := {cp}.record_run('{cp}.cp_verify_protected_state()', 'do_not_touch', 'pass');
  insert into {cp}.protected_state_observation (run_id, object_name, state_sha256, row_count)
  select v_run, a.object_identity,
    case when a.object_kind in ('function', 'procedure') then {cp}.h06(a.object_identity::regprocedure)
      else {cp}.h07_relation(a.object_identity::regclass) end,
    case when a.object_kind = 'table'
      then (select greatest(c.reltuples, 0)::bigint from pg_class c where c.oid = a.object_identity::regclass) else 0 end
  from {cp}.authority_scope_manifest a
  join {cp}.latest_sealed l on l.manifest_id = a.manifest_id and l.surface_no = a.surface_no
  where a.object_class in ('do_not_touch', 'do_not_open');
  return v_run;
end;
