begin
  return query
  select 'PAYLOAD_NOT_AS_APPROVED', 'Q7014', 'manifest_envelope',
    'surface ' || e.surface_no || ' has another payload than the approved one'
  from {cp}.manifest_envelope e
  where e.manifest_id = p_manifest_id and e.payload_sha256 is distinct from p_expected_payload_sha256;
end;
