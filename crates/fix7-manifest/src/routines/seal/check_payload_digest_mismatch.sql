begin
  return query
  select 'PAYLOAD_DIGEST_MISMATCH', 'Q7012', t.table_name, 'the payload digest of surface ' || p_surface_no || ' does not recompute'
  from {cp}.manifest_envelope e
  join {cp}.surface_table t on t.surface_no = e.surface_no
  where e.manifest_id = p_manifest_id and e.surface_no = p_surface_no
    and e.payload_sha256 is distinct from (
      select {cp}.h02(array_agg(i.ordinal order by i.ordinal), array_agg(i.item_key order by i.ordinal), array_agg(i.item_sha256 order by i.ordinal))
      from {cp}.items_of(p_manifest_id, p_surface_no) i);
end;
