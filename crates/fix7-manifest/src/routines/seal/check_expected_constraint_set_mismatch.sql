begin
  -- They are part of this surface, and no other version has any.
  if p_surface_no is distinct from {surface:authority_scope_manifest} then
    return;
  end if;
  return query
  select 'EXPECTED_CONSTRAINT_SET_MISMATCH', 'Q7017', 'expected_constraint',
    'the expected constraints of ' || coalesce(s.object_identity, x.object_identity) || ' are not those of the authority scope'
  from (
    select a.object_identity::text, a.source_sha256::bytea
    from {cp}.authority_scope_manifest a
    where a.manifest_id = p_manifest_id and a.surface_no = p_surface_no and a.object_class = 'constraint_set') s
  full join (
    select c.relation_name::text as object_identity,
      {cp}.h05(array_agg(c.object_kind || '|' || c.object_name || '|' || c.definition)) as source_sha256
    from {cp}.expected_constraint c
    where c.manifest_id = p_manifest_id and c.surface_no = p_surface_no
    group by c.relation_name) x using (object_identity)
  where s.source_sha256 is distinct from x.source_sha256
  order by 4;
end;
