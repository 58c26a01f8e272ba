declare
  v_run uuid;
  v_kind text;
  v_retained boolean;
  v_again uuid;
begin
  -- The identity follows from what was recorded: kind, artifact and the epoch at which it was.
  select r.evidence_kind, {cp}.manifest_id_of(sha256(convert_to(concat_ws(':', r.evidence_kind, encode(r.artifact_sha256, 'hex'), r.control_epoch), 'UTF8')))
  into v_kind, v_again
  from {cp}.evidence_registry r where r.evidence_id = p_evidence_id;
  if not found then
    raise exception using
      errcode = 'Q7043', message = concat('SUBJECT_UNKNOWN: no evidence ', p_evidence_id),
      schema = '{cp}', table = 'evidence_registry', constraint = 'SUBJECT_UNKNOWN';
  end if;
  v_retained := exists (
    select from {cp}.retention_policy_manifest p
    join {cp}.latest_sealed l on l.manifest_id = p.manifest_id and l.surface_no = p.surface_no
    where p.evidence_kind::text = v_kind);
  v_run := {cp}.record_run('{cp}.cp_verify_evidence(uuid)', p_evidence_id::text,
    case when v_retained and v_again is not distinct from p_evidence_id then 'pass' else 'fail' end);
  insert into {cp}.verification_finding (run_id, reason_code, object_name, detail)
  select v_run, 'RETENTION_UNSEALED', 'evidence_registry', 'kind ' || v_kind || ' has no sealed retention policy'
  where not v_retained
  union all
  select v_run, 'ITEM_DIGEST_MISMATCH', 'evidence_registry', 'the identity ' || p_evidence_id || ' does not recompute from kind, artifact and epoch'
  where v_again is distinct from p_evidence_id;
  return v_run;
end;
