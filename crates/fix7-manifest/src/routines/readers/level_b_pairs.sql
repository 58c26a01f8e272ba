begin
  -- Each mutation that was executed, once, with the newest run of the verifier that the newest sealed #17 pairs with
  -- its entry point; of runs of one moment the worst counts. What no verifier is paired with has none.
  return query
  select e.entrypoint, e.subject, p.verifier, r.verdict,
    r.verifier_sha256 is not distinct from p.verifier_sha256 and {cp}.h06(to_regprocedure(p.verifier)) is not distinct from p.verifier_sha256,
    r.finished_at > clock_timestamp() - make_interval(secs => s.staleness_seconds_max)
  from (
    select distinct x.entrypoint::text as entrypoint, x.subject::text as subject from {cp}.level_b_packet_execution x) e
  left join lateral (
    select v.verifier::text as verifier, v.verifier_sha256::bytea as verifier_sha256
    from {cp}.verifier_pairing_manifest v
    join {cp}.latest_sealed l on l.manifest_id = v.manifest_id and l.surface_no = v.surface_no
    join pg_proc o on o.oid = to_regprocedure(v.subject)
    where v.pair_kind = 'entrypoint' and o.proname = e.entrypoint) p on true
  left join lateral (
    select v.staleness_seconds_max
    from {cp}.verifier_schedule_manifest v
    join {cp}.latest_sealed l on l.manifest_id = v.manifest_id and l.surface_no = v.surface_no
    where v.verifier::text = p.verifier) s on true
  left join lateral (
    select v.verdict, v.verifier_sha256::bytea as verifier_sha256, v.finished_at
    from {cp}.verification_run v
    where v.verifier::text = p.verifier and v.subject::text = e.subject
    order by v.finished_at desc, v.verdict, v.run_id
    limit 1) r on true;
end;
