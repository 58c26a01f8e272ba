begin
  return (
    select p.human::text
    from {cp}.principal_manifest p
    join {cp}.latest_sealed l on l.manifest_id = p.manifest_id and l.surface_no = p.surface_no
    where p.principal_id::text = p_principal_id);
end;
