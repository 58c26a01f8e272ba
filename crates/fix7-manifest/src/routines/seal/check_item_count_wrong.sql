begin
  return query
  select 'ITEM_COUNT_WRONG', 'Q7009', t.table_name,
    'the envelope counts ' || e.item_count || ' items, found ' || n.found
  from {cp}.manifest_envelope e
  join {cp}.surface_table t on t.surface_no = e.surface_no
  cross join lateral (
    select count(*) as found from {cp}.items_of(p_manifest_id, p_surface_no) i) n
  where e.manifest_id = p_manifest_id and e.surface_no = p_surface_no and e.item_count <> n.found;
end;
