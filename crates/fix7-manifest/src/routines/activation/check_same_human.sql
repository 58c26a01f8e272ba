begin
  return query
  select 'SAME_HUMAN', 'Q7026', 'signoff_binding', 'surface ' || a.surface_no || ': slots ' || s.slot_a || ' and ' || s.slot_b || ' were signed by one human'
  from {cp}.signoff_separation_manifest s
  join {cp}.latest_sealed l on l.manifest_id = s.manifest_id and l.surface_no = s.surface_no
  join {cp}.signoff_binding a on a.slot = s.slot_a
  join {cp}.signoff_binding b on b.slot = s.slot_b and b.manifest_id = a.manifest_id and b.surface_no = a.surface_no and b.control_epoch = a.control_epoch
  where p_action = 'activate' and s.slot_scope = 'activation' and a.control_epoch = p_control_epoch - 1
    and {cp}.human_of(a.principal_id) = {cp}.human_of(b.principal_id)
  order by a.surface_no;
end;
