with active as (
  select m.surface_no, m.manifest_id from {cp}.active_manifest m where m.writer_type::text = p_writer_type
)
select 'CATALOG_SEALED',
  exists (select from {cp}.code_catalog_root r where r.state = 'sealed')
    and not exists (select from {cp}.catalog_drift()),
  (select count(*) from {cp}.code_catalog_item)
union all
select 'AUTHORITY_SET_EXACT',
  count(*) > 0 and count(*) = count(e.manifest_id)
    and count(*) = (select count(*) from {cp}.surface_table),
  count(*)
from {cp}.surface_manifest s
join active a on a.manifest_id = s.manifest_id
left join active m on m.surface_no = s.number
left join {cp}.manifest_envelope e on e.manifest_id = m.manifest_id and e.surface_no = m.surface_no and e.state = 'sealed'
union all
select 'RUNTIME_NON_AUTHORITY',
  count(*) > 0 and count(*) = count(to_regclass(s.object_identity))
    and not exists (
      select from {cp}.authority_scope_manifest o
      join active a2 on a2.manifest_id = o.manifest_id
      where o.object_class = 'authority' and o.object_identity in (
        select r.object_identity from {cp}.authority_scope_manifest r
        where r.manifest_id = o.manifest_id and r.object_class = 'runtime_evidence')),
  count(*)
from {cp}.authority_scope_manifest s
join active a on a.manifest_id = s.manifest_id
where s.object_class = 'runtime_evidence'
union all
select 'HASH_DETERMINISM',
  count(*) > 0 and count(*) = count(*) filter (where e.payload_sha256 = (
    select {cp}.h02(array_agg(i.ordinal::integer order by i.ordinal), array_agg(i.item_key::text order by i.ordinal), array_agg(i.recomputed_sha256 order by i.ordinal))
    from {cp}.surface_item i where i.manifest_id = a.manifest_id and i.surface_no = a.surface_no)),
  count(*)
from active a
join {cp}.manifest_envelope e on e.manifest_id = a.manifest_id and e.surface_no = a.surface_no
union all
select 'CONSTRAINT_SET_EXACT',
  count(*) > 0 and not exists (
    select from active a
    cross join lateral {cp}.check_object_authority_immutable(a.manifest_id, a.surface_no)
    where a.surface_no = {surface:authority_scope_manifest}),
  count(*)
from {cp}.expected_constraint c
join active a on a.manifest_id = c.manifest_id
union all
select 'RETENTION_SEALED',
  count(*) > 0 and count(*) = count(p.evidence_kind) filter (where p.archive_required and p.archive_lock_days >= p.retain_days),
  count(*)
from (
  select distinct q.evidence_kind from {cp}.evidence_requirement_manifest q join active a on a.manifest_id = q.manifest_id) q
left join (
  select r.evidence_kind, r.archive_required, r.archive_lock_days, r.retain_days
  from {cp}.retention_policy_manifest r join active a on a.manifest_id = r.manifest_id) p on p.evidence_kind = q.evidence_kind
union all
select 'THRESHOLDS_SEALED',
  count(*) > 0 and count(*) = count(h.threshold),
  count(*)
from (
  select r.threshold, r.operand_type from {cp}.policy_rule_manifest r join active a on a.manifest_id = r.manifest_id
  union all
  select c.threshold, c.operand_type from {cp}.capability_measurement_requirement c join active a on a.manifest_id = c.manifest_id) u
left join (
  select t.threshold, t.operand_type from {cp}.threshold_manifest t join active a on a.manifest_id = t.manifest_id) h
  on h.threshold = u.threshold and h.operand_type = u.operand_type
union all
select 'SIGNOFF_SEPARATION',
  count(*) > 0 and not exists (
    select from {cp}.signoff_binding x
    join {cp}.signoff_binding y on y.manifest_id = x.manifest_id and y.surface_no = x.surface_no and y.control_epoch = x.control_epoch
    join {cp}.signoff_separation_manifest s on s.slot_scope = 'activation' and s.slot_a = x.slot and s.slot_b = y.slot
    join active a on a.manifest_id = s.manifest_id
    join active b2 on b2.manifest_id = x.manifest_id
    where {cp}.human_of(x.principal_id) = {cp}.human_of(y.principal_id)),
  count(*)
from {cp}.signoff_binding b
join active a on a.manifest_id = b.manifest_id and a.surface_no = b.surface_no
union all
select 'EVIDENCE_INTEGRITY',
  count(*) > 0 and count(*) = count(*) filter (where k.confdeltype = 'r' and k.confupdtype = 'r' and not k.condeferrable and k.convalidated),
  count(*)
from pg_constraint k
join {cp}.authority_scope_manifest s on s.object_class = 'runtime_evidence' and to_regclass(s.object_identity) = k.conrelid
join active a on a.manifest_id = s.manifest_id
where k.contype = 'f'
union all
select 'DEPENDENCY_CLOSURE_CLEAN',
  count(*) > 0 and not exists (
    select from {cp}.dependency_manifest x
    join active a2 on a2.manifest_id = x.manifest_id
    join {cp}.authority_scope_manifest o on o.object_class = 'legacy' and o.object_identity = x.to_object
    join active a3 on a3.manifest_id = o.manifest_id)
    and not exists (select from {cp}.dependency_drift(p_writer_type)),
  count(*)
from {cp}.dependency_manifest d
join active a on a.manifest_id = d.manifest_id
union all
select 'DIRECTUS_READ_PRESERVED',
  count(*) > 0 and count(*) = count(*) filter (where case when r.column_name = ''
    then has_table_privilege('{application_role}', to_regclass(r.relation), 'SELECT')
    else has_column_privilege('{application_role}', to_regclass(r.relation), r.column_name, 'SELECT') end),
  count(*)
from {cp}.directus_read_contract r
join active a on a.manifest_id = r.manifest_id
union all
select 'GATEWAY_IDENTITY_PINNED',
  count(*) > 0 and count(*) = count(*) filter (where {cp}.h06(to_regprocedure(g.gateway)) = g.source_sha256::bytea
    and (select pg_get_userbyid(p.proowner) from pg_proc p where p.oid = to_regprocedure(g.gateway)) = g.owner_role::text),
  count(*)
from {cp}.gateway_manifest g
join active a on a.manifest_id = g.manifest_id
union all
select 'CAPABILITY_EVIDENCE_PRESENT',
  count(*) > 0 and count(*) = count(*) filter (where exists (
    select from {cp}.capability_measurement m
    join {cp}.verification_run r on r.run_id = m.run_id
    join {cp}.threshold_manifest h on h.threshold = q.threshold
    join active a2 on a2.manifest_id = h.manifest_id
    where m.capability = q.capability and m.metric = q.metric and m.samples >= q.samples_min
      and r.control_epoch = (select c.epoch from {cp}.control_epoch c)
      and case q.operator when 'LE' then m.value <= h.value when 'LT' then m.value < h.value when 'GE' then m.value >= h.value
        when 'GT' then m.value > h.value when 'EQ' then m.value = h.value when 'NE' then m.value <> h.value end)),
  count(*)
from {cp}.capability_measurement_requirement q
join active a on a.manifest_id = q.manifest_id
union all
select 'VERIFIER_FRESH',
  -- Each verifier of #18 ran and passed, but for one whose entry point nobody has called; and each mutation that was
  -- executed has a sound run of its own.
  count(*) > 0 and count(*) = count(*) filter (where exists (
    select from {cp}.verification_run r
    where r.verifier::text = s.verifier::text and r.control_epoch = (select c.epoch from {cp}.control_epoch c)
      and r.verdict = 'pass' and r.finished_at > clock_timestamp() - make_interval(secs => s.staleness_seconds_max))
    or exists (
      select from {cp}.verifier_pairing_manifest v
      join active a2 on a2.manifest_id = v.manifest_id
      where v.pair_kind = 'entrypoint' and v.verifier::text = s.verifier::text)
    and not exists (select from {cp}.level_b_pairs() p where p.verifier = s.verifier::text))
    and not exists (select from {cp}.level_b_pairs() p where (p.verdict = 'pass' and p.pinned and p.fresh) is not true),
  count(*)
from {cp}.verifier_schedule_manifest s
join active a on a.manifest_id = s.manifest_id
