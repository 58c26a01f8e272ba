declare
  v_run uuid;
  v_sealed bytea;
  v_again bytea;
begin
  select e.payload_sha256 into v_sealed from {cp}.manifest_envelope e
  where e.manifest_id = p_manifest_id and e.surface_no = p_surface_no and e.state = 'sealed';
  if not found then
    raise exception using
      errcode = 'Q7043', message = concat('SUBJECT_UNKNOWN: surface ', p_surface_no, ' has no sealed version ', p_manifest_id),
      schema = '{cp}', table = 'manifest_envelope', constraint = 'SUBJECT_UNKNOWN';
  end if;
  -- Another road than the seal's: from the typed columns alone, past the stored item digests.
  select {cp}.h02(array_agg(i.ordinal::integer order by i.ordinal), array_agg(i.item_key::text order by i.ordinal), array_agg(i.recomputed_sha256 order by i.ordinal))
  into v_again
  from {cp}.surface_item i where i.manifest_id = p_manifest_id and i.surface_no = p_surface_no;
  v_run := {cp}.record_run('{cp}.cp_verify_seal(uuid,integer)', 'surface ' || p_surface_no || ' ' || p_manifest_id,
    case when v_again is not distinct from v_sealed then 'pass' else 'fail' end);
  insert into {cp}.hash_recompute (run_id, contract, subject, sealed_sha256, recomputed_sha256)
  values (v_run, 'H02', 'surface ' || p_surface_no, v_sealed, coalesce(v_again, sha256('')));
  insert into {cp}.verification_finding (run_id, reason_code, object_name, detail)
  select v_run, 'PAYLOAD_DIGEST_MISMATCH', 'surface ' || p_surface_no, 'the sealed payload digest does not recompute from the typed columns'
  where v_again is distinct from v_sealed;
  return v_run;
end;
