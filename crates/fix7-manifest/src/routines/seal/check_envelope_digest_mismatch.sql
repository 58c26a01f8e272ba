begin
  return query
  select 'ENVELOPE_DIGEST_MISMATCH', 'Q7013', t.table_name, 'the envelope digest of surface ' || p_surface_no || ' does not recompute'
  from {cp}.manifest_envelope e
  join {cp}.surface_table t on t.surface_no = e.surface_no
  where e.manifest_id = p_manifest_id and e.surface_no = p_surface_no
    and e.envelope_sha256 is distinct from {cp}.h03(e.surface_no, e.version, e.item_count, e.payload_sha256, (
      select {cp}.h05(array_agg(x.item_key::text))
      from {cp}.expected_item x
      where x.manifest_id = p_manifest_id and x.surface_no = p_surface_no));
end;
