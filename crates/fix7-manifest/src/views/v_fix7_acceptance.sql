-- NULL-strict: READY only when the number of gates equals the number of gates whose every condition is true.
select w.writer_type,
  case when n.gates > 0 and n.gates = n.met then 'READY' else 'BLOCKED' end as verdict,
  n.gates as gates_expected,
  n.met as gates_met,
  case when n.gates = 0 then array['NOTHING_ACTIVE'] else n.blocking end as blocking_gates
from (
  select m.writer_type from {cp}.writer_type_manifest m
  join {cp}.latest_sealed l on l.manifest_id = m.manifest_id and l.surface_no = m.surface_no) w
cross join lateral (
  select count(*) as gates,
    count(*) filter (where v.has_fact and v.is_met and v.verifier_pinned and v.epoch_current and v.payload_current
      and v.fresh and v.evidence_present) as met,
    coalesce(array_agg(v.gate_key::text order by v.gate_no) filter (where (v.has_fact and v.is_met and v.verifier_pinned
      and v.epoch_current and v.payload_current and v.fresh and v.evidence_present) is not true), '{}') as blocking
  from {cp}.v_readiness_gate v
  where v.writer_type = w.writer_type) n
