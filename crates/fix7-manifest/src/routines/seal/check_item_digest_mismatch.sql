begin
  return query
  select 'ITEM_DIGEST_MISMATCH', 'Q7011', t.table_name, 'the digest of item ' || i.item_key || ' does not recompute'
  from {cp}.recomputed_items_of(p_manifest_id, p_surface_no) i
  join {cp}.surface_table t on t.surface_no = p_surface_no
  where i.item_sha256 is distinct from i.recomputed_sha256
  order by i.ordinal;
end;
