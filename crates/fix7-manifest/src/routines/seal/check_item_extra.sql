begin
  return query
  select 'ITEM_EXTRA', 'Q7008', t.table_name, 'item ' || d.item_key || ' is not expected'
  from (
    select i.item_key from {cp}.items_of(p_manifest_id, p_surface_no) i
    except
    select x.item_key::text from {cp}.expected_item x where x.manifest_id = p_manifest_id and x.surface_no = p_surface_no) d
  join {cp}.surface_table t on t.surface_no = p_surface_no
  order by d.item_key;
end;
