declare
  v_run uuid;
  v_capability text;
  v_found text;
begin
  -- From requirement, evidence and execution, not from what the recorder was told.
  select m.capability, case
      when not exists (
        select from {cp}.capability_measurement_requirement q
        join {cp}.latest_sealed l on l.manifest_id = q.manifest_id and l.surface_no = q.surface_no
        where q.capability = m.capability and q.metric = m.metric) then 'no sealed requirement asks for ' || m.capability || ' by ' || m.metric
      when not exists (
        select from {cp}.evidence_requirement_manifest q
        join {cp}.latest_sealed l on l.manifest_id = q.manifest_id and l.surface_no = q.surface_no
        where q.subject_kind = 'capability' and q.subject::text = m.capability::text and q.evidence_kind = r.evidence_kind)
        then 'evidence of kind ' || r.evidence_kind || ' is not what ' || m.capability || ' needs'
      when not exists (
        select from {cp}.level_b_packet_execution x
        where x.subject::text = m.measurement_id::text and x.subject_sha256 = r.artifact_sha256)
        then 'no execution has the digest of its samples'
    end
  into v_capability, v_found
  from {cp}.capability_measurement m
  join {cp}.evidence_registry r on r.evidence_id = m.evidence_id
  where m.measurement_id = p_measurement_id;
  if not found then
    raise exception using
      errcode = 'Q7043', message = concat('SUBJECT_UNKNOWN: no measurement ', p_measurement_id),
      schema = '{cp}', table = 'capability_measurement', constraint = 'SUBJECT_UNKNOWN';
  end if;
  v_run := {cp}.record_run('{cp}.cp_verify_measurement(uuid)', p_measurement_id::text, case when v_found is null then 'pass' else 'fail' end);
  insert into {cp}.verification_finding (run_id, reason_code, object_name, detail)
  select v_run, 'CAPABILITY_UNPROVEN', v_capability, v_found where v_found is not null;
  return v_run;
end;
