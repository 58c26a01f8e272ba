declare
  v_surface_no integer;
  v_payload bytea;
  v_envelope bytea;
begin
  select e.surface_no, e.payload_sha256, e.envelope_sha256 into v_surface_no, v_payload, v_envelope
  from {cp}.manifest_envelope e where e.manifest_id = p_manifest_id for update;
  if not found then
    raise exception using
      errcode = 'Q7005', message = concat('ENVELOPE_UNKNOWN: no envelope ', p_manifest_id),
      schema = '{cp}', table = 'manifest_envelope', constraint = 'ENVELOPE_UNKNOWN';
  end if;
  if v_payload is distinct from p_expected_payload_sha256 then
    raise exception using
      errcode = 'Q7014', message = concat('PAYLOAD_NOT_AS_APPROVED: surface ', v_surface_no, ' has another payload than the approved one'),
      schema = '{cp}', table = 'manifest_envelope', constraint = 'PAYLOAD_NOT_AS_APPROVED';
  end if;
  -- The transition trigger runs every seal check.
  update {cp}.manifest_envelope set state = 'sealed'
  where manifest_id = p_manifest_id and surface_no = v_surface_no;
  perform {cp}.record_execution('cp_seal', 'surface ' || v_surface_no || ' ' || p_manifest_id, v_envelope);
end;
