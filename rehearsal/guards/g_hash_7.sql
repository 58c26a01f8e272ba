-- guard: G-HASH-7
-- invariant: The hash contracts are exactly H01 to H07, as sealed in #10, and nothing is recomputed by another one.
-- why: A digest outside a contract can't be recomputed.
-- probe: contracts_counted exactly 7: #19 seals the count, #10 has it
-- probe: contracts_digest H01..H07: the digest that #19 seals recomputes from #10
-- probe: contracts_sealed exactly 7 contracts: the version of #10 that is read is sealed
-- probe: components_contiguous each contract's components are numbered without a gap
-- probe: no_new_contract 0 new top-level contracts: those that the committed vectors fix and those that a recompute names are in #10,
--   both EXCEPTs
-- input: hash_vectors the committed vectors of the seven contracts
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id, e.state
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), component as (
  select h.contract::text as contract, h.component_no, n.state
  from qt001_cp.hash_component_manifest as h
  join newest as n on n.manifest_id = h.manifest_id and n.surface_no = h.surface_no
), contract as (
  select distinct c.contract from component as c
), denominator as (
  select d.member_count, d.set_sha256::bytea as set_sha256
  from qt001_cp.denominator_manifest as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
  where d.inventory = 'hash_contracts'
), fixed as (
  select distinct pg_catalog.split_part(v.value ->> 'contract', ' ', 1) as contract from pg_catalog.jsonb_array_elements($1 -> 'hash_vectors' -> 'contracts') as v (value)
), used as (
  select f.contract from fixed as f union select r.contract::text from qt001_cp.hash_recompute as r
), drift as (
  (select 'unknown ' || d.contract as offender from (select contract from used except select contract from contract) as d)
  union all
  (select 'without a vector ' || d.contract from (select contract from contract except select contract from fixed) as d)
), numbered as (
  select c.contract, c.component_no, pg_catalog.row_number() over (partition by c.contract order by c.component_no) as position
  from component as c
)
select 'contracts_counted' as probe, (select d.member_count from denominator as d)::bigint as expected,
  (select pg_catalog.count(*) from contract) as realized, (select pg_catalog.count(*) from contract) as population,
  array[]::text[] as offenders
union all
select 'contracts_digest', 1, (select pg_catalog.count(*) from denominator as d
    where d.set_sha256 = qt001_cp.h05((select pg_catalog.array_agg(c.contract) from contract as c))),
  (select pg_catalog.count(*) from contract), array[]::text[]
union all
select 'contracts_sealed', (select pg_catalog.count(*) from component), (select pg_catalog.count(*) from component as c where c.state = 'sealed'),
  (select pg_catalog.count(*) from component),
  array(select distinct c.contract collate "C" from component as c where c.state is distinct from 'sealed' order by 1)
union all
select 'components_contiguous', (select pg_catalog.count(*) from numbered),
  (select pg_catalog.count(*) from numbered as n where n.component_no = n.position), (select pg_catalog.count(*) from numbered),
  array(select distinct n.contract collate "C" from numbered as n where n.component_no is distinct from n.position order by 1)
union all
select 'no_new_contract', (select pg_catalog.count(*) from contract), (select pg_catalog.count(*) from used), (select pg_catalog.count(*) from fixed),
  array(select d.offender collate "C" from drift as d order by 1)
