declare
  v_own constant text := '{cp}.cp_scan()';
  v_run uuid;
  v_seen bigint;
  v_unsound text[];
begin
  -- Each effect that is there, recomputed by the verifier of its entry point: an execution without effect keeps
  -- no run, and stays unsound.
  perform {cp}.cp_verify_catalog() from {cp}.code_catalog_root r where r.state = 'sealed';
  perform {cp}.cp_verify_seal(e.manifest_id, e.surface_no) from {cp}.manifest_envelope e where e.state = 'sealed';
  perform {cp}.cp_verify_activation(a.writer_type) from (select distinct h.writer_type::text as writer_type from {cp}.manifest_activation h) a;
  perform {cp}.cp_verify_signoff(b.signoff_id) from {cp}.signoff_binding b;
  perform {cp}.cp_verify_evidence(r.evidence_id) from {cp}.evidence_registry r;
  perform {cp}.cp_verify_measurement(m.measurement_id) from {cp}.capability_measurement m;
  -- And each verifier that #18 schedules besides: of its runs the newest. This one and the gates' are yet to come.
  select count(*), array_agg(x.what order by x.what collate "C") filter (where x.sound is not true)
  into v_seen, v_unsound
  from (
    select p.entrypoint || ' ' || p.subject as what, p.verdict = 'pass' and p.pinned and p.fresh as sound
    from {cp}.level_b_pairs() p
    union all
    select 'verifier ' || s.verifier, (
      select r.verdict = 'pass' and r.finished_at > clock_timestamp() - make_interval(secs => s.staleness_seconds_max)
      from {cp}.verification_run r
      where r.verifier::text = s.verifier::text
      order by r.finished_at desc, r.verdict, r.run_id
      limit 1)
    from {cp}.verifier_schedule_manifest s
    join {cp}.latest_sealed l on l.manifest_id = s.manifest_id and l.surface_no = s.surface_no
    where s.verifier::text <> v_own
      and not exists (
        select from {cp}.verifier_pairing_manifest v
        join {cp}.latest_sealed n on n.manifest_id = v.manifest_id and n.surface_no = v.surface_no
        where v.verifier::text = s.verifier::text)
  ) x;
  v_run := {cp}.record_run(v_own, 'level_b_packet_execution', case when v_unsound is null then 'pass' else 'fail' end);
  insert into {cp}.verification_finding (run_id, reason_code, object_name, detail)
  select v_run, 'VERIFIER_STALE', u.what, 'no sound run of its verifier' from unnest(v_unsound) u (what);
  -- Last, so that the gates are seen with these runs.
  perform {cp}.cp_verify_readiness(a.writer_type) from (select s.writer_type::text as writer_type from {cp}.active_set s) a;
  return query select v_seen, v_seen - coalesce(cardinality(v_unsound), 0), coalesce(v_unsound, '{}');
end;
