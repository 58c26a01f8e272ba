declare
  v_run uuid;
begin
  v_run := {cp}.record_run('{cp}.cp_verify_catalog()', 'code_catalog_root',
    case when exists (select from {cp}.code_catalog_root r where r.state = 'sealed')
      and not exists (select from {cp}.catalog_drift()) then 'pass' else 'fail' end);
  insert into {cp}.verification_finding (run_id, reason_code, object_name, detail)
  select v_run, 'CATALOG_FAMILY_DRIFT', 'code_catalog_root', d.detail from {cp}.catalog_drift() d;
  return v_run;
end;
