begin
  return (
    select p.principal_id::text
    from {cp}.principal_manifest p
    join {cp}.latest_sealed l on l.manifest_id = p.manifest_id and l.surface_no = p.surface_no
    where p.login_role::text = session_user::text);
end;
