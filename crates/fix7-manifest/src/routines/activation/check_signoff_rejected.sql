begin
  return query
  select 'SIGNOFF_REJECTED', 'Q7030', 'signoff_binding', b.principal_id || ' rejected surface ' || b.surface_no
  from {cp}.signoff_binding b
  join {cp}.latest_sealed l on l.manifest_id = b.manifest_id and l.surface_no = b.surface_no
  where p_action = 'activate' and b.decision = 'reject' and b.control_epoch = p_control_epoch - 1
  order by b.surface_no, b.principal_id;
end;
