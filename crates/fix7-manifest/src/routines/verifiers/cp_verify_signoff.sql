declare
  v_run uuid;
  v_sound boolean;
begin
  select b.scope_sha256 = {cp}.h04(e.manifest_id, e.surface_no, e.payload_sha256, b.slot, p.principal_id, r.artifact_sha256, b.control_epoch, b.decision)
  into v_sound
  from {cp}.signoff_binding b
  join {cp}.manifest_envelope e on e.manifest_id = b.manifest_id and e.surface_no = b.surface_no
  join {cp}.evidence_registry r on r.evidence_id = b.evidence_id
  join {cp}.principal p on p.principal_id = b.principal_id
  where b.signoff_id = p_signoff_id;
  if not found then
    raise exception using
      errcode = 'Q7043', message = concat('SUBJECT_UNKNOWN: no signoff ', p_signoff_id),
      schema = '{cp}', table = 'signoff_binding', constraint = 'SUBJECT_UNKNOWN';
  end if;
  v_run := {cp}.record_run('{cp}.cp_verify_signoff(uuid)', p_signoff_id::text, case when v_sound then 'pass' else 'fail' end);
  insert into {cp}.verification_finding (run_id, reason_code, object_name, detail)
  select v_run, 'SIGNOFF_SCOPE_MISMATCH', 'signoff_binding', 'the scope digest of ' || p_signoff_id || ' does not recompute'
  where v_sound is distinct from true;
  return v_run;
end;
