select 'ITEM_EXTRA', 'Q7008', t.table_name, 'item ' || i.item_key || ' is not expected'
from {cp}.surface_item i
join {cp}.surface_table t on t.surface_no = i.surface_no
where i.manifest_id = p_manifest_id and i.surface_no = p_surface_no
  and not exists (
    select from {cp}.expected_item x
    where x.manifest_id = p_manifest_id and x.surface_no = p_surface_no and x.item_key = i.item_key)
order by i.item_key
