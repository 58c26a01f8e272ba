declare
  v_run uuid;
  v_evidence uuid;
  v_tool text;
  v_stray text;
  v_findings bigint;
begin
  -- What is imported is an artifact that was recorded before, byte for byte.
  select r.evidence_id into v_evidence from {cp}.evidence_registry r
  where r.artifact_sha256 = sha256(convert_to(p_document, 'UTF8'))
  order by r.control_epoch desc limit 1;
  if not found then
    raise exception using
      errcode = 'Q7049', message = 'EVIDENCE_MISSING: ' || 'no recorded artifact has the digest of these findings',
      schema = '{cp}', table = 'evidence_registry', constraint = 'EVIDENCE_MISSING';
  end if;
  v_tool := p_document::jsonb ->> 'tool';
  select count(*), (array_agg(f.object order by f.object) filter (where not exists (
    select from {cp}.authority_scope_manifest a
    join {cp}.latest_sealed l on l.manifest_id = a.manifest_id and l.surface_no = a.surface_no
    where a.object_class = 'legacy' and a.moment = 'as_captured' and a.object_identity::text = f.object
      and a.source_sha256 = decode(f.source_sha256, 'hex'))))[1]
  into v_findings, v_stray
  from jsonb_to_recordset(p_document::jsonb -> 'findings') f (object text, source_sha256 text);
  -- A finding over another source than the sealed one says nothing of the sealed set.
  if v_findings = 0 or v_tool is null or v_stray is not null then
    raise exception using
      errcode = 'Q7043', message = concat('SUBJECT_UNKNOWN: no sealed legacy source of ', coalesce(v_stray, 'any object')),
      schema = '{cp}', table = 'authority_scope_manifest', constraint = 'SUBJECT_UNKNOWN';
  end if;
  v_run := {cp}.record_run('{cp}.cp_record_findings(text)', v_evidence::text, 'pass');
  insert into {cp}.verification_finding (run_id, reason_code, object_name, detail, tool, source_sha256)
  select v_run, f.reason, f.object, f.detail, v_tool, decode(f.source_sha256, 'hex')
  from jsonb_to_recordset(p_document::jsonb -> 'findings') f (object text, source_sha256 text, reason text, detail text);
  return v_run;
end;
