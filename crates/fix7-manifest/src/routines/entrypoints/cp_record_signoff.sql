declare
  v_signoff uuid;
  v_scope bytea;
begin
  insert into {cp}.signoff_binding (
    manifest_id, surface_no, payload_sha256, slot, principal_id, evidence_id, control_epoch, decision, scope_sha256)
  select e.manifest_id, e.surface_no, e.payload_sha256, p_slot, {cp}.session_principal(), r.evidence_id, c.epoch, p_decision,
    {cp}.h04(e.manifest_id, e.surface_no, e.payload_sha256, p_slot, {cp}.session_principal(), r.artifact_sha256, c.epoch, p_decision)
  from {cp}.manifest_envelope e, {cp}.evidence_registry r, {cp}.control_epoch c
  where e.manifest_id = p_manifest_id and r.evidence_id = p_evidence_id
  returning signoff_id, scope_sha256 into v_signoff, v_scope;
  if not found then
    raise exception using
      errcode = 'Q7043', message = 'SUBJECT_UNKNOWN: ' || 'no such envelope or evidence',
      schema = '{cp}', table = 'signoff_binding', constraint = 'SUBJECT_UNKNOWN';
  end if;
  perform {cp}.record_execution('cp_record_signoff', v_signoff::text, v_scope);
  return v_signoff;
end;
