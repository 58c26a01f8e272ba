-- A fact is not believed: it counts only if the run that wrote it is the pinned verifier with its pinned
-- source, at the current epoch, over the active set, not stale, and with the evidence that #15 requires.
select a.writer_type, g.gate_no, g.gate_key, g.refusal_code,
  f.fact_id is not null as has_fact,
  f.is_met is true and f.population > 0 as is_met,
  p.verifier is not null and f.verifier = p.verifier and f.verifier_sha256 = p.verifier_sha256
    and {cp}.h06(to_regprocedure(p.verifier)) is not distinct from p.verifier_sha256::bytea as verifier_pinned,
  f.control_epoch = c.epoch as epoch_current,
  f.set_sha256 = a.set_sha256 as payload_current,
  f.finished_at > clock_timestamp() - make_interval(secs => s.staleness_seconds_max) as fresh,
  q.required > 0 and q.required = q.present as evidence_present
from {cp}.active_manifest a
join {cp}.readiness_gate_manifest g on g.manifest_id = a.manifest_id and g.surface_no = a.surface_no
cross join {cp}.control_epoch c
left join lateral (
  select x.verifier::text, x.verifier_sha256::bytea from {cp}.verifier_pairing_manifest x
  join {cp}.active_manifest m on m.manifest_id = x.manifest_id and m.surface_no = x.surface_no and m.writer_type = a.writer_type
  where x.pair_kind = 'gate' and x.subject::text = g.gate_key::text) p on true
left join lateral (
  select x.staleness_seconds_max from {cp}.verifier_schedule_manifest x
  join {cp}.active_manifest m on m.manifest_id = x.manifest_id and m.surface_no = x.surface_no and m.writer_type = a.writer_type
  where x.verifier::text = p.verifier) s on true
left join lateral (
  select x.fact_id, x.is_met, x.population, r.verifier::text, r.verifier_sha256::bytea, r.control_epoch, r.set_sha256, r.finished_at
  from {cp}.readiness_gate_fact x
  join {cp}.verification_run r on r.run_id = x.run_id
  where x.gate_key = g.gate_key and r.subject::text = a.writer_type::text
  -- Of facts of one moment the worst counts.
  order by r.finished_at desc, x.is_met nulls first, x.population, x.fact_id
  limit 1) f on true
cross join lateral (
  select count(*) as required,
    count(*) filter (where exists (
      select from {cp}.evidence_registry v where v.evidence_kind = x.evidence_kind and v.control_epoch = c.epoch)) as present
  from {cp}.evidence_requirement_manifest x
  join {cp}.active_manifest m on m.manifest_id = x.manifest_id and m.surface_no = x.surface_no and m.writer_type = a.writer_type
  where x.subject_kind = 'gate' and x.subject = g.gate_key) q
