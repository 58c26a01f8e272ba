begin
  return query
  -- Each signer is looked up once, not once a pair.
  with signer as materialized (
    select distinct g.principal_id from {cp}.signoff_binding g
  ), person as materialized (
    select s.principal_id, {cp}.human_of(s.principal_id) as human from signer s)
  select 'QUORUM_NOT_MET', 'Q7031', 'signoff_binding',
    'surface ' || l.surface_no || ' needs ' || q.humans_min || ' in slot ' || q.slot || ', found ' || n.humans
  from {cp}.latest_sealed l
  cross join {cp}.quorum_manifest q
  join {cp}.latest_sealed ql on ql.manifest_id = q.manifest_id and ql.surface_no = q.surface_no
  cross join lateral (
    select count(distinct x.human) as humans
    from {cp}.signoff_binding b
    join person x on x.principal_id = b.principal_id
    where b.manifest_id = l.manifest_id and b.surface_no = l.surface_no and b.payload_sha256 = l.payload_sha256
      and b.slot = q.slot and b.decision = 'approve' and b.control_epoch = p_control_epoch - 1) n
  where p_action = 'activate' and q.activation_scope = 'activation' and n.humans < q.humans_min
  order by l.surface_no, q.slot;
end;
