-- guard: G-DOT-FROZEN
-- invariant: The two deployed scripts that would replace a gateway are frozen, each, and as a pair.
-- why: A frozen script that runs overwrites a gateway.
-- probe: both_known DOT-118 / DOT-119 freeze flags: each is one row
-- probe: both_frozen both remain frozen (2/2)
-- probe: pair_intact both remain frozen: each is paired with the other, so that neither runs without the other's flag
-- probe: scripts_deployed the flag is that of a script that is deployed: its file is in the folder's listing
-- input: dot the deployed scripts, and the codes of those that stay frozen
-- stage: no-control-plane
with frozen as (
  select f.value as code from pg_catalog.jsonb_array_elements_text($1 -> 'dot' -> 'frozen') as f (value)
), tool as (
  select f.code, t.frozen, t.paired, t.paired_dot::text as paired_dot, t.script_path
  from frozen as f
  left join public.dot_tools as t on t.code = f.code
), counted as (
  select t.code, pg_catalog.count(t.frozen) as found from tool as t group by t.code
), deployed as (
  select f.value ->> 'path' as path from pg_catalog.jsonb_array_elements($1 -> 'dot' -> 'files') as f (value) where f.value ->> 'error' is null
)
select 'both_known' as probe, (select pg_catalog.count(*) from frozen) as expected,
  (select pg_catalog.count(*) from counted as c where c.found = 1) as realized, (select pg_catalog.count(*) from frozen) as population,
  array(select c.code collate "C" from counted as c where c.found is distinct from 1 order by 1) as offenders
union all
select 'both_frozen', (select pg_catalog.count(*) from frozen), (select pg_catalog.count(*) from tool as t where t.frozen), (select pg_catalog.count(*) from frozen),
  array(select t.code collate "C" from tool as t where t.frozen is not true order by 1)
union all
select 'pair_intact', (select pg_catalog.count(*) from frozen),
  (select pg_catalog.count(*) from tool as t where t.paired and t.paired_dot is distinct from t.code and exists (select from frozen as f where f.code = t.paired_dot)),
  (select pg_catalog.count(*) from frozen),
  array(select t.code collate "C" from tool as t
    where (t.paired and t.paired_dot is distinct from t.code and exists (select from frozen as f where f.code = t.paired_dot)) is not true order by 1)
union all
select 'scripts_deployed', (select pg_catalog.count(*) from frozen),
  (select pg_catalog.count(*) from tool as t where exists (select from deployed as d where d.path = t.script_path)), (select pg_catalog.count(*) from frozen),
  array(select t.code collate "C" from tool as t where not exists (select from deployed as d where d.path = t.script_path) order by 1)
-- stage: control-plane
with frozen as (
  select f.value as code from pg_catalog.jsonb_array_elements_text($1 -> 'dot' -> 'frozen') as f (value)
), tool as (
  select f.code, t.frozen, t.paired, t.paired_dot::text as paired_dot, t.script_path
  from frozen as f
  left join public.dot_tools as t on t.code = f.code
), counted as (
  select t.code, pg_catalog.count(t.frozen) as found from tool as t group by t.code
), deployed as (
  select f.value ->> 'path' as path from pg_catalog.jsonb_array_elements($1 -> 'dot' -> 'files') as f (value) where f.value ->> 'error' is null
)
select 'both_known' as probe, (select pg_catalog.count(*) from frozen) as expected,
  (select pg_catalog.count(*) from counted as c where c.found = 1) as realized, (select pg_catalog.count(*) from frozen) as population,
  array(select c.code collate "C" from counted as c where c.found is distinct from 1 order by 1) as offenders
union all
select 'both_frozen', (select pg_catalog.count(*) from frozen), (select pg_catalog.count(*) from tool as t where t.frozen), (select pg_catalog.count(*) from frozen),
  array(select t.code collate "C" from tool as t where t.frozen is not true order by 1)
union all
select 'pair_intact', (select pg_catalog.count(*) from frozen),
  (select pg_catalog.count(*) from tool as t where t.paired and t.paired_dot is distinct from t.code and exists (select from frozen as f where f.code = t.paired_dot)),
  (select pg_catalog.count(*) from frozen),
  array(select t.code collate "C" from tool as t
    where (t.paired and t.paired_dot is distinct from t.code and exists (select from frozen as f where f.code = t.paired_dot)) is not true order by 1)
union all
select 'scripts_deployed', (select pg_catalog.count(*) from frozen),
  (select pg_catalog.count(*) from tool as t where exists (select from deployed as d where d.path = t.script_path)), (select pg_catalog.count(*) from frozen),
  array(select t.code collate "C" from tool as t where not exists (select from deployed as d where d.path = t.script_path) order by 1)
