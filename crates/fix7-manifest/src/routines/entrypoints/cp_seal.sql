declare
  v_surface_no integer;
  v_envelope bytea;
  v_first {cp}.violation;
begin
  select e.surface_no, e.envelope_sha256 into v_surface_no, v_envelope
  from {cp}.manifest_envelope e where e.manifest_id = p_manifest_id for update;
  if not found then
    raise exception using
      errcode = 'Q7005', message = concat('ENVELOPE_UNKNOWN: no envelope ', p_manifest_id),
      schema = '{cp}', table = 'manifest_envelope', constraint = 'ENVELOPE_UNKNOWN';
  end if;
  select v.* into v_first
  from {cp}.check_payload_not_as_approved(p_manifest_id, p_expected_payload_sha256) v limit 1;
  if found then
    raise exception using
      errcode = v_first.refused_with, message = concat(v_first.reason_code, ': ', v_first.detail),
      schema = '{cp}', table = v_first.object_name, constraint = v_first.reason_code;
  end if;
  -- The transition trigger runs every seal check.
  update {cp}.manifest_envelope set state = 'sealed'
  where manifest_id = p_manifest_id and surface_no = v_surface_no;
  perform {cp}.record_execution('cp_seal', 'surface ' || v_surface_no || ' ' || p_manifest_id, v_envelope);
end;
