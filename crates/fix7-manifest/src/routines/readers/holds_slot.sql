begin
  return (
    select exists (
      select from {cp}.slot_binding_manifest b
      join {cp}.latest_sealed l on l.manifest_id = b.manifest_id and l.surface_no = b.surface_no
      where b.principal_id::text = p_principal_id and b.slot::text = p_slot and b.slot_scope::text = p_slot_scope
    ));
end;
