begin
  return query
  select v.reason_code, v.refused_with, v.object_name, v.detail
  from {cp}.latest_sealed l
  cross join lateral {cp}.check_object_authority_immutable(l.manifest_id, l.surface_no) v
  where p_action = 'activate' and l.surface_no = {surface:authority_scope_manifest};
end;
