-- guard: G-GATES-14
-- invariant: The readiness gates are exactly the sealed rows of #09, and nothing beside them holds a gate.
-- why: A gate outside the set is a gate that nobody counts.
-- probe: gates_counted exactly 14 gate rows: #19 seals the count, #09 has it
-- probe: gates_digest exactly 14 gate rows: the digest that #19 seals recomputes from #09
-- probe: gates_sealed sealed gate rows: the version of #09 that is read is sealed
-- probe: gates_contiguous exactly 14 gate rows: they are numbered without a gap
-- probe: no_gate_schema 0 new gate schema: every relation of the control plane is one that #20 seals
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id, e.state
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), gate as (
  select g.gate_no, g.gate_key::text as gate_key, n.state
  from qt001_cp.readiness_gate_manifest as g
  join newest as n on n.manifest_id = g.manifest_id and n.surface_no = g.surface_no
), denominator as (
  select d.member_count, d.set_sha256::bytea as set_sha256
  from qt001_cp.denominator_manifest as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
  where d.inventory = 'readiness_gates'
), relation as (
  select c.oid::pg_catalog.regclass::text as name, exists (
    select from qt001_cp.authority_scope_manifest as a
    join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
    where a.moment = 'always' and a.object_identity = c.oid::pg_catalog.regclass::text) as sealed
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as s on s.oid = c.relnamespace and s.nspname = 'qt001_cp'
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
), numbered as (
  select g.gate_key, g.gate_no, pg_catalog.row_number() over (order by g.gate_no) as position from gate as g
)
select 'gates_counted' as probe, (select d.member_count from denominator as d)::bigint as expected,
  (select pg_catalog.count(g.gate_key) from gate as g) as realized, (select pg_catalog.count(*) from gate) as population,
  array[]::text[] as offenders
union all
select 'gates_digest', 1, (select pg_catalog.count(*) from denominator as d
    where d.set_sha256 = qt001_cp.h05((select pg_catalog.array_agg(g.gate_key) from gate as g))),
  (select pg_catalog.count(*) from gate), array[]::text[]
union all
select 'gates_sealed', (select pg_catalog.count(*) from gate), (select pg_catalog.count(*) from gate as g where g.state = 'sealed'),
  (select pg_catalog.count(*) from gate),
  array(select g.gate_key collate "C" from gate as g where g.state is distinct from 'sealed' order by 1)
union all
select 'gates_contiguous', (select pg_catalog.count(*) from numbered), (select pg_catalog.count(*) from numbered as n where n.gate_no = n.position),
  (select pg_catalog.count(*) from numbered),
  array(select n.gate_key collate "C" from numbered as n where n.gate_no is distinct from n.position order by 1)
union all
select 'no_gate_schema', (select pg_catalog.count(*) from relation), (select pg_catalog.count(*) from relation as r where r.sealed),
  (select pg_catalog.count(*) from relation),
  array(select r.name collate "C" from relation as r where r.sealed is not true order by 1)
