begin
  return query
  select 'ITEM_EXTRA', 'Q7008', t.table_name, 'item ' || i.item_key || ' is not expected'
  from {cp}.items_of(p_manifest_id, p_surface_no) i
  join {cp}.surface_table t on t.surface_no = p_surface_no
  where not exists (
      select from {cp}.expected_item x
      where x.manifest_id = p_manifest_id and x.surface_no = p_surface_no and x.item_key = i.item_key)
  order by i.item_key;
end;
