select 'PAYLOAD_DIGEST_MISMATCH', 'Q7012', t.table_name, 'the payload digest of surface ' || p_surface_no || ' does not recompute'
from {cp}.manifest_envelope e
join {cp}.surface_table t on t.surface_no = e.surface_no
where e.manifest_id = p_manifest_id and e.surface_no = p_surface_no
  and e.payload_sha256 is distinct from (
    select {cp}.h02(array_agg(i.ordinal::integer order by i.ordinal), array_agg(i.item_key::text order by i.ordinal), array_agg(i.item_sha256::bytea order by i.ordinal))
    from {cp}.surface_item i
    where i.manifest_id = p_manifest_id and i.surface_no = p_surface_no)
