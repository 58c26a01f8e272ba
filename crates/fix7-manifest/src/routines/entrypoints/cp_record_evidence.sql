declare
  v_evidence uuid;
begin
  -- The identity follows from what is recorded, so that a signer can name it beforehand.
  insert into {cp}.evidence_registry (evidence_id, evidence_kind, artifact_sha256, artifact_uri, control_epoch, principal_id)
  select {cp}.manifest_id_of(sha256(convert_to(p_evidence_kind || ':' || encode(p_artifact_sha256, 'hex') || ':' || c.epoch, 'UTF8'))),
    p_evidence_kind, p_artifact_sha256, p_artifact_uri, c.epoch, {cp}.session_principal()
  from {cp}.control_epoch c
  returning evidence_id into v_evidence;
  perform {cp}.record_execution('cp_record_evidence', v_evidence::text, p_artifact_sha256);
  return v_evidence;
end;
