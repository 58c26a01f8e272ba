select 'ITEM_DIGEST_MISMATCH', 'Q7011', t.table_name, 'the digest of item ' || i.item_key || ' does not recompute'
from {cp}.surface_item i
join {cp}.surface_table t on t.surface_no = i.surface_no
where i.manifest_id = p_manifest_id and i.surface_no = p_surface_no
  and i.item_sha256 is distinct from i.recomputed_sha256
order by i.ordinal
