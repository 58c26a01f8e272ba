begin
  return query
  select 'ITEM_MISSING', 'Q7007', t.table_name, 'expected item ' || x.item_key || ' is not there'
  from {cp}.expected_item x
  join {cp}.surface_table t on t.surface_no = x.surface_no
  where x.manifest_id = p_manifest_id and x.surface_no = p_surface_no
    and not exists (
      select from {cp}.items_of(p_manifest_id, p_surface_no) i
      where i.item_key = x.item_key)
  order by x.item_key;
end;
