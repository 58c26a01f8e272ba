declare
  v_run uuid;
  v_kind text;
  v_retained boolean;
begin
  select r.evidence_kind into v_kind from {cp}.evidence_registry r where r.evidence_id = p_evidence_id;
  if not found then
    raise exception using
      errcode = 'Q7043', message = concat('SUBJECT_UNKNOWN: no evidence ', p_evidence_id),
      schema = '{cp}', table = 'evidence_registry', constraint = 'SUBJECT_UNKNOWN';
  end if;
  v_retained := exists (
    select from {cp}.retention_policy_manifest p
    join {cp}.latest_sealed l on l.manifest_id = p.manifest_id and l.surface_no = p.surface_no
    where p.evidence_kind::text = v_kind);
  v_run := {cp}.record_run('{cp}.cp_verify_evidence(uuid)', p_evidence_id::text, case when v_retained then 'pass' else 'fail' end);
  insert into {cp}.verification_finding (run_id, reason_code, object_name, detail)
  select v_run, 'RETENTION_UNSEALED', 'evidence_registry', 'kind ' || v_kind || ' has no sealed retention policy'
  where not v_retained;
  return v_run;
end;
