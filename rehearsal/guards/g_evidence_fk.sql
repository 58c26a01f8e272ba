-- guard: G-EVIDENCE-FK
-- invariant: Every foreign key of the runtime-evidence tables restricts on delete and on update, is validated and not
--   deferrable, and none is missing.
-- why: Evidence that can be orphaned can be forged.
-- probe: keys_restrict evidence, identity and principal keys are RESTRICT/RESTRICT and NOT DEFERRABLE
-- probe: keys_exact the keys are exactly those that #20 expects: a dropped or added key is an offender
-- probe: references_keyed no orphan: every column that names evidence, a run or a principal carries a key to its table
-- probe: no_orphan no orphan: every reference in the rows finds its row, recounted past the key
-- probe: key_triggers_enabled missing evidence rejected: the triggers that enforce the keys are enabled
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), runtime as (
  select a.object_identity::text as identity, pg_catalog.to_regclass(a.object_identity) as relation,
    pg_catalog.split_part(a.object_identity::text, '.', 2) as table_name
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.object_class = 'runtime_evidence'
), realized as (
  select k.oid, r.table_name, k.conname::text as name, pg_catalog.pg_get_constraintdef(k.oid) as definition,
    k.confdeltype = 'r' and k.confupdtype = 'r' and not k.condeferrable and k.convalidated as sound
  from pg_catalog.pg_constraint as k
  join runtime as r on r.relation = k.conrelid
  where k.contype = 'f'
), kept as (
  select x.relation_name::text as table_name, x.object_name::text as name, x.definition::text as definition
  from qt001_cp.expected_constraint as x
  join newest as n on n.manifest_id = x.manifest_id and n.surface_no = x.surface_no
  join runtime as r on r.table_name = x.relation_name::text
  where x.object_kind = 'constraint'
), key as (
  -- #20 keeps foreign keys beside primary and unique ones; both sides are compared with all three kinds.
  select r.table_name, k.conname::text as name, pg_catalog.pg_get_constraintdef(k.oid) as definition
  from pg_catalog.pg_constraint as k
  join runtime as r on r.relation = k.conrelid
  where k.contype in ('p', 'u', 'f', 'x')
), drift as (
  (select 'missing ' || d.table_name || '.' || d.name as offender
    from (select * from kept except select * from key) as d)
  union all
  (select 'unexpected ' || d.table_name || '.' || d.name
    from (select * from key except select * from kept) as d)
), target as (
  select t.column_name, t.relation::pg_catalog.regclass as relation
  from (values ('evidence_id', 'qt001_cp.evidence_registry'), ('run_id', 'qt001_cp.verification_run'),
    ('principal_id', 'qt001_cp.principal')) as t (column_name, relation)
), referring as (
  select r.table_name, a.attname::text as column_name, exists (
    select from pg_catalog.pg_constraint as k
    where k.contype = 'f' and k.conrelid = r.relation and k.confrelid = t.relation and k.conkey = array[a.attnum]) as keyed
  from runtime as r
  join pg_catalog.pg_attribute as a on a.attrelid = r.relation and a.attnum > 0 and not a.attisdropped
  join target as t on t.column_name = a.attname and t.relation <> r.relation
), reference as (
  select 'signoff_binding ' || b.signoff_id as row_name, e.evidence_id is not null and p.principal_id is not null and m.manifest_id is not null as found
  from qt001_cp.signoff_binding as b
  left join qt001_cp.evidence_registry as e on e.evidence_id = b.evidence_id
  left join qt001_cp.principal as p on p.principal_id = b.principal_id
  left join qt001_cp.manifest_envelope as m on m.manifest_id = b.manifest_id and m.surface_no = b.surface_no
  union all
  select 'evidence_registry ' || e.evidence_id, p.principal_id is not null
  from qt001_cp.evidence_registry as e left join qt001_cp.principal as p on p.principal_id = e.principal_id
  union all
  select 'verification_run ' || v.run_id, p.principal_id is not null
  from qt001_cp.verification_run as v left join qt001_cp.principal as p on p.principal_id = v.principal_id
  union all
  select 'capability_measurement ' || c.measurement_id, e.evidence_id is not null and v.run_id is not null
  from qt001_cp.capability_measurement as c
  left join qt001_cp.evidence_registry as e on e.evidence_id = c.evidence_id
  left join qt001_cp.verification_run as v on v.run_id = c.run_id
  union all
  select u.source || ' ' || u.id, v.run_id is not null
  from (
    select 'verification_finding' as source, f.finding_id as id, f.run_id from qt001_cp.verification_finding as f
    union all select 'readiness_gate_fact', g.fact_id, g.run_id from qt001_cp.readiness_gate_fact as g
    union all select 'hash_recompute', h.recompute_id, h.run_id from qt001_cp.hash_recompute as h
    union all select 'access_denial_event', d.denial_id, d.run_id from qt001_cp.access_denial_event as d
    union all select 'acl_snapshot', s.snapshot_id, s.run_id from qt001_cp.acl_snapshot as s
    union all select 'protected_state_observation', o.observation_id, o.run_id from qt001_cp.protected_state_observation as o) as u
  left join qt001_cp.verification_run as v on v.run_id = u.run_id
), enforcing as (
  select c.relname::text || '.' || k.name as name, t.tgenabled in ('O', 'A') as enabled
  from realized as k
  join pg_catalog.pg_trigger as t on t.tgconstraint = k.oid
  join pg_catalog.pg_class as c on c.oid = t.tgrelid
)
select 'keys_restrict' as probe,
  (select pg_catalog.count(*) from realized) as expected,
  (select pg_catalog.count(*) from realized as k where k.sound) as realized,
  (select pg_catalog.count(*) from realized) as population,
  array(select (k.table_name || '.' || k.name) collate "C" from realized as k where k.sound is not true order by 1) as offenders
union all
select 'keys_exact',
  (select pg_catalog.count(*) from kept), (select pg_catalog.count(*) from key), (select pg_catalog.count(*) from kept),
  array(select d.offender collate "C" from drift as d order by 1)
union all
select 'references_keyed',
  (select pg_catalog.count(*) from referring), (select pg_catalog.count(*) from referring as r where r.keyed),
  (select pg_catalog.count(*) from referring),
  array(select (r.table_name || '.' || r.column_name) collate "C" from referring as r where r.keyed is not true order by 1)
union all
-- The rule ranges over keys: a plane without evidence yet has keys to keep and no row to lose (its rows add to them).
select 'no_orphan', (select pg_catalog.count(*) from reference), (select pg_catalog.count(*) from reference as r where r.found),
  (select pg_catalog.count(*) from realized) + (select pg_catalog.count(*) from reference),
  array(select r.row_name collate "C" from reference as r where r.found is not true order by 1)
union all
select 'key_triggers_enabled', (select pg_catalog.count(*) from enforcing), (select pg_catalog.count(*) from enforcing as t where t.enabled),
  (select pg_catalog.count(*) from enforcing),
  array(select distinct t.name collate "C" from enforcing as t where t.enabled is not true order by 1)
