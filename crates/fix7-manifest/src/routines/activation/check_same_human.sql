begin
  return query
  -- Each signer is looked up once, not once a pair.
  with signer as materialized (
    select distinct g.principal_id from {cp}.signoff_binding g
  ), person as materialized (
    select s.principal_id, {cp}.human_of(s.principal_id) as human from signer s)
  select 'SAME_HUMAN', 'Q7026', 'signoff_binding', 'surface ' || a.surface_no || ': slots ' || s.slot_a || ' and ' || s.slot_b || ' were signed by one human'
  from {cp}.signoff_separation_manifest s
  join {cp}.latest_sealed l on l.manifest_id = s.manifest_id and l.surface_no = s.surface_no
  join {cp}.signoff_binding a on a.slot = s.slot_a
  join {cp}.signoff_binding b on b.slot = s.slot_b and b.manifest_id = a.manifest_id and b.surface_no = a.surface_no and b.control_epoch = a.control_epoch
  join person x on x.principal_id = a.principal_id
  join person y on y.principal_id = b.principal_id
  where p_action = 'activate' and s.slot_scope = 'activation' and a.control_epoch = p_control_epoch - 1
    and x.human = y.human
  order by a.surface_no;
end;
