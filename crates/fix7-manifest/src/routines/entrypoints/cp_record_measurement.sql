declare
  v_run uuid;
  v_measurement uuid;
begin
  v_run := {cp}.record_run('{cp}.cp_record_measurement(text,text,numeric,integer,uuid)', p_capability, 'pass');
  insert into {cp}.capability_measurement (run_id, capability, metric, value, samples, evidence_id)
  values (v_run, p_capability, p_metric, p_value, p_samples, p_evidence_id)
  returning measurement_id into v_measurement;
  perform {cp}.record_execution('cp_record_measurement', v_measurement::text,
    (select r.artifact_sha256 from {cp}.evidence_registry r where r.evidence_id = p_evidence_id));
  return v_measurement;
end;
