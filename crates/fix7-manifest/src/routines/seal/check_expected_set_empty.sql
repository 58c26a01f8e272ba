begin
  return query
  select 'EXPECTED_SET_EMPTY', 'Q7006', 'expected_item', 'no item is expected of surface ' || p_surface_no
  where not exists (
    select from {cp}.expected_item x where x.manifest_id = p_manifest_id and x.surface_no = p_surface_no);
end;
