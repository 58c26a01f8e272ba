-- guard: G-LEVELB-NOSQL
-- invariant: Every activation, seal, signoff and piece of evidence left its packet execution, every execution has what it did,
--   and nobody but the owner can write by hand.
-- why: Manual SQL leaves no trace.
-- probe: mutations_executed only sealed level_b_packet_execution: every mutation of authority data has its execution, both EXCEPTs
-- probe: executions_by_entrypoint via owner entrypoint: every execution names an entry point that #17 pairs
-- probe: entrypoints_owned via owner entrypoint: each is the owner's, runs as the owner, and its body is the sealed one
-- probe: entrypoints_paired every Level-B entry point is paired [doc 09]: what somebody may call that writes as the owner is an entry point
--   of #17 or a verifier of #18, and the reverse; what records an execution is paired, and what is paired records one
-- probe: no_manual_dml no manual SQL path: no other role may effectively write a relation of the control plane
-- probe: owner_unreachable no manual SQL path: no role may become the owner
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id, e.state
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), execution as (
  select e.entrypoint::text as entrypoint, e.subject::text as subject, e.subject_sha256::bytea as subject_sha256
  from qt001_cp.level_b_packet_execution as e
), mutation as (
  select 'cp_activate' as entrypoint, a.writer_type::text as subject, a.set_sha256::bytea as subject_sha256
  from qt001_cp.manifest_activation as a where a.action = 'activate'
  union all
  select 'cp_seal', 'surface ' || e.surface_no || ' ' || e.manifest_id, e.envelope_sha256::bytea
  from qt001_cp.manifest_envelope as e where e.state = 'sealed'
  union all
  select 'cp_seal_catalog', 'code_catalog_root', r.catalog_sha256::bytea
  from qt001_cp.code_catalog_root as r where r.state = 'sealed'
  union all
  select 'cp_record_signoff', b.signoff_id::text, b.scope_sha256::bytea from qt001_cp.signoff_binding as b
  union all
  select 'cp_record_evidence', r.evidence_id::text, r.artifact_sha256::bytea from qt001_cp.evidence_registry as r
  union all
  select 'cp_record_measurement', c.measurement_id::text, r.artifact_sha256::bytea
  from qt001_cp.capability_measurement as c join qt001_cp.evidence_registry as r on r.evidence_id = c.evidence_id
  union all
  -- A supersession is executed for the set that it ends.
  select 'cp_supersede', a.writer_type::text, (
    select b.set_sha256::bytea from qt001_cp.manifest_activation as b
    where b.writer_type = a.writer_type and b.action = 'activate' and b.control_epoch < a.control_epoch
    order by b.control_epoch desc limit 1)
  from qt001_cp.manifest_activation as a where a.action = 'supersede'
), drift as (
  (select 'by hand: ' || d.entrypoint || ' ' || d.subject as offender from (select * from mutation except all select * from execution) as d)
  union all
  (select 'without effect: ' || d.entrypoint || ' ' || d.subject from (select * from execution except all select * from mutation) as d)
), paired as (
  select distinct v.subject::text as identity, pg_catalog.to_regprocedure(v.subject)::pg_catalog.oid as oid
  from qt001_cp.verifier_pairing_manifest as v
  join newest as n on n.manifest_id = v.manifest_id and n.surface_no = v.surface_no
  where v.pair_kind = 'entrypoint'
), entrypoint as (
  select p.identity, r.proname::text as name, r.prosecdef, o.rolname::text as owner, s.owner_role::text as sealed_owner,
    qt001_cp.h06(p.oid::pg_catalog.regprocedure) = s.source_sha256::bytea as as_sealed
  from paired as p
  left join pg_catalog.pg_proc as r on r.oid = p.oid
  left join pg_catalog.pg_roles as o on o.oid = r.proowner
  left join (
    select a.object_identity::text as identity, a.owner_role, a.source_sha256
    from qt001_cp.authority_scope_manifest as a
    join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
    where a.object_class = 'routine') as s on s.identity = p.identity
), callable as (
  -- What somebody besides the owner may call, and what then writes with the owner's rights.
  select p.oid::pg_catalog.regprocedure::text as identity
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as s on s.oid = p.pronamespace and s.nspname = 'qt001_cp'
  where p.prosecdef and p.provolatile = 'v' and exists (
    select from pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as x where x.grantee <> p.proowner)
), scheduled as (
  select v.verifier::text as identity
  from qt001_cp.verifier_schedule_manifest as v
  join newest as n on n.manifest_id = v.manifest_id and n.surface_no = v.surface_no
), listed as (
  select p.identity from paired as p
  union
  select s.identity from scheduled as s
), recording as (
  select d.from_object::text as identity
  from qt001_cp.dependency_manifest as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
  where d.to_object::text = 'qt001_cp.record_execution(text,text,bytea)'
), unpaired as (
  select 'not paired ' || d.identity as offender from (select c.identity from callable as c except select l.identity from listed as l) as d
  union all
  select 'not callable ' || d.identity from (select l.identity from listed as l except select c.identity from callable as c) as d
  union all
  select 'records without a pair ' || d.identity from (select r.identity from recording as r except select p.identity from paired as p) as d
  union all
  select 'records nothing ' || d.identity from (select p.identity from paired as p except select r.identity from recording as r) as d
  union all
  select 'not scheduled ' || d.identity
  from (
    select v.verifier::text as identity
    from qt001_cp.verifier_pairing_manifest as v
    join newest as n on n.manifest_id = v.manifest_id and n.surface_no = v.surface_no
    except select s.identity from scheduled as s) as d
), relation as (
  select c.oid, c.relname::text as name, c.relowner
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as s on s.oid = c.relnamespace and s.nspname = 'qt001_cp'
  where c.relkind in ('r', 'p', 'v', 'm')
), cell as (
  select r.rolname::text as role, t.name, v.verb,
    pg_catalog.has_table_privilege(r.oid, t.oid, v.verb) or (v.verb in ('INSERT', 'UPDATE')
      and pg_catalog.has_any_column_privilege(r.oid, t.oid, v.verb)) as held
  from relation as t
  cross join (values ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) as v (verb)
  join pg_catalog.pg_roles as r on r.oid <> t.relowner and not r.rolsuper and r.oid >= 16384
), member as (
  select r.rolname::text as role, o.rolname::text as owner, pg_catalog.pg_has_role(r.oid, o.oid, 'MEMBER') as reached
  from (select distinct t.relowner as oid from relation as t) as t
  join pg_catalog.pg_roles as o on o.oid = t.oid
  join pg_catalog.pg_roles as r on r.oid <> o.oid and not r.rolsuper and r.oid >= 16384
)
select 'mutations_executed' as probe, (select pg_catalog.count(*) from mutation) as expected, (select pg_catalog.count(*) from execution) as realized,
  (select pg_catalog.count(*) from mutation) as population,
  array(select d.offender collate "C" from drift as d order by 1) as offenders
union all
select 'executions_by_entrypoint', (select pg_catalog.count(*) from execution),
  (select pg_catalog.count(*) from execution as e where exists (select from entrypoint as p where p.name = e.entrypoint)),
  (select pg_catalog.count(*) from execution),
  array(select e.subject collate "C" from execution as e where not exists (select from entrypoint as p where p.name = e.entrypoint) order by 1)
union all
select 'entrypoints_owned', (select pg_catalog.count(*) from paired),
  (select pg_catalog.count(*) from entrypoint as e where e.prosecdef and e.owner = e.sealed_owner and e.as_sealed),
  (select pg_catalog.count(*) from paired),
  array(select e.identity collate "C" from entrypoint as e where (e.prosecdef and e.owner = e.sealed_owner and e.as_sealed) is not true order by 1)
union all
select 'entrypoints_paired', (select pg_catalog.count(*) from listed), (select pg_catalog.count(*) from callable),
  (select pg_catalog.count(*) from paired) * least((select pg_catalog.count(*) from scheduled), 1),
  array(select u.offender collate "C" from unpaired as u order by 1)
union all
select 'no_manual_dml', 0, (select pg_catalog.count(*) from cell as c where c.held is not false), (select pg_catalog.count(*) from cell),
  array(select (c.role || ' may ' || c.verb || ' ' || c.name) collate "C" from cell as c where c.held is not false order by 1)
union all
select 'owner_unreachable', 0, (select pg_catalog.count(*) from member as m where m.reached is not false), (select pg_catalog.count(*) from member),
  array(select (m.role || ' may become ' || m.owner) collate "C" from member as m where m.reached is not false order by 1)
