-- guard: G-EPOCH-TOCTOU
-- invariant: The control epoch is read and bound in one step, moves by one with each activation, and no caller says what state
--   anything is in.
-- why: An epoch that is read before it is bound is somebody else's by then.
-- probe: epoch_single activation control_epoch read vs bound epoch: there is exactly one epoch
-- probe: epochs_bound epoch read and bound atomically: each activation has an epoch of its own, none skipped, the last is the current one
-- probe: sets_bound epoch read and bound atomically: each activation names 27 surfaces, and the digest that it was bound with
--   recomputes from their envelopes
-- probe: moves_guarded epoch read and bound atomically: the triggers on epoch and activation are enabled always and fire the sealed bodies
-- probe: entrypoints_sealed epoch read and bound atomically: the entry points that read and bind it are the sealed ones, and lock it
-- probe: no_caller_lifecycle no caller-supplied lifecycle: no entry point takes a state, a time or an actor
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id, e.state
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), activation as (
  select a.writer_type::text as writer_type, a.control_epoch, a.action, a.set_sha256::bytea as set_sha256
  from qt001_cp.manifest_activation as a
), line as (
  select l.writer_type::text as writer_type, l.control_epoch, l.surface_no, e.envelope_sha256::bytea as envelope_sha256
  from qt001_cp.manifest_activation_line as l
  join qt001_cp.manifest_envelope as e on e.manifest_id = l.manifest_id and e.surface_no = l.surface_no and e.state = 'sealed'
), bound as (
  select a.writer_type, a.control_epoch, a.set_sha256, (
    select pg_catalog.count(*) from line as l where l.writer_type = a.writer_type and l.control_epoch = a.control_epoch) as lines, (
    select qt001_cp.h05(pg_catalog.array_agg(
      pg_catalog.lpad(l.surface_no::text, 2, '0') || ':' || pg_catalog.encode(l.envelope_sha256, 'hex')))
    from line as l where l.writer_type = a.writer_type and l.control_epoch = a.control_epoch) as recomputed
  from activation as a
  where a.action = 'activate'
), surfaces as (
  select pg_catalog.count(*) as counted
  from qt001_cp.surface_manifest as s
  join newest as n on n.manifest_id = s.manifest_id and n.surface_no = s.surface_no
), epoch as (
  select c.epoch from qt001_cp.control_epoch as c
), stepped as (
  -- The first activation follows epoch 1, which S03 writes.
  select a.control_epoch, 1 + pg_catalog.row_number() over (order by a.control_epoch) as position from activation as a
), sealed as (
  select s.object_identity::text as identity, s.source_sha256::bytea as source_sha256,
    pg_catalog.to_regprocedure(s.object_identity)::pg_catalog.oid as oid
  from qt001_cp.authority_scope_manifest as s
  join newest as n on n.manifest_id = s.manifest_id and n.surface_no = s.surface_no
  where s.object_class = 'routine'
), guarding as (
  select c.relname || '.' || t.tgname as name, t.tgenabled = 'A' and exists (
    select from sealed as s where s.oid = t.tgfoid and qt001_cp.h06(s.oid::pg_catalog.regprocedure) = s.source_sha256) as sound
  from pg_catalog.pg_trigger as t
  join pg_catalog.pg_class as c on c.oid = t.tgrelid
  where not t.tgisinternal and t.tgrelid in (
    'qt001_cp.control_epoch'::pg_catalog.regclass, 'qt001_cp.manifest_activation'::pg_catalog.regclass,
    'qt001_cp.manifest_activation_line'::pg_catalog.regclass)
), expected_guard as (
  select x.relation_name || '.' || x.object_name as name
  from qt001_cp.expected_constraint as x
  join newest as n on n.manifest_id = x.manifest_id
  where x.object_kind = 'trigger' and x.relation_name in ('control_epoch', 'manifest_activation', 'manifest_activation_line')
), entrypoint as (
  select distinct v.subject::text as identity, s.source_sha256, s.oid,
    (select p.prosecdef from pg_catalog.pg_proc as p where p.oid = s.oid) as definer
  from qt001_cp.verifier_pairing_manifest as v
  join newest as n on n.manifest_id = v.manifest_id and n.surface_no = v.surface_no
  left join sealed as s on s.identity = v.subject::text
  where v.pair_kind = 'entrypoint'
), argument as (
  select e.identity || ' ' || a.name as name, exists (
      select from pg_catalog.pg_attribute as c
      where c.attrelid in (
          'qt001_cp.manifest_envelope'::pg_catalog.regclass, 'qt001_cp.manifest_activation'::pg_catalog.regclass,
          'qt001_cp.control_epoch'::pg_catalog.regclass, 'qt001_cp.code_catalog_root'::pg_catalog.regclass)
        and c.attname in ('state', 'sealed_at', 'action', 'actor', 'recorded_at', 'epoch')
        and a.name in (c.attname::text, 'p_' || c.attname)) as lifecycle
  from entrypoint as e
  join pg_catalog.pg_proc as p on p.oid = e.oid
  cross join lateral pg_catalog.unnest(p.proargnames) as a (name)
)
select 'epoch_single' as probe, 1::bigint as expected, (select pg_catalog.count(e.epoch) from epoch as e) as realized,
  (select pg_catalog.count(*) from epoch) as population, array[]::text[] as offenders
union all
select 'epochs_bound', (select e.epoch from epoch as e), (select 1 + pg_catalog.count(*) from stepped as s where s.control_epoch = s.position),
  (select pg_catalog.count(*) from activation),
  array(select ('epoch ' || s.control_epoch) collate "C" from stepped as s where s.control_epoch is distinct from s.position order by 1)
union all
select 'sets_bound', (select pg_catalog.count(*) from bound),
  (select pg_catalog.count(*) from bound as b, surfaces as s where b.lines = s.counted and b.recomputed = b.set_sha256),
  (select pg_catalog.count(*) from bound),
  array(select (b.writer_type || ' at ' || b.control_epoch) collate "C" from bound as b, surfaces as s
    where (b.lines = s.counted and b.recomputed = b.set_sha256) is not true order by 1)
union all
select 'moves_guarded', (select pg_catalog.count(*) from expected_guard),
  (select pg_catalog.count(*) from guarding as g where g.sound and exists (select from expected_guard as x where x.name = g.name)),
  (select pg_catalog.count(*) from expected_guard),
  array(select x.name collate "C" from expected_guard as x
    where not exists (select from guarding as g where g.name = x.name and g.sound) order by 1)
union all
select 'entrypoints_sealed', (select pg_catalog.count(*) from entrypoint),
  (select pg_catalog.count(*) from entrypoint as e where e.definer and qt001_cp.h06(e.oid::pg_catalog.regprocedure) = e.source_sha256),
  (select pg_catalog.count(*) from entrypoint),
  array(select e.identity collate "C" from entrypoint as e
    where (e.definer and qt001_cp.h06(e.oid::pg_catalog.regprocedure) = e.source_sha256) is not true order by 1)
union all
select 'no_caller_lifecycle', 0, (select pg_catalog.count(*) from argument as a where a.lifecycle), (select pg_catalog.count(*) from argument),
  array(select a.name collate "C" from argument as a where a.lifecycle is not false order by 1)
