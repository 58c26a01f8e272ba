declare
  v_run uuid;
begin
  v_run := {cp}.record_run('{cp}.cp_verify_readiness(text)', p_writer_type, 'pass');
  insert into {cp}.readiness_gate_fact (run_id, gate_key, is_met, population)
  select v_run, g.gate_key, o.is_met, coalesce(o.population, 0)
  from {cp}.readiness_gate_manifest g
  join {cp}.active_manifest a on a.manifest_id = g.manifest_id and a.surface_no = g.surface_no and a.writer_type::text = p_writer_type
  left join {cp}.gate_observation(p_writer_type) o on o.gate_key = g.gate_key;
  return v_run;
end;
