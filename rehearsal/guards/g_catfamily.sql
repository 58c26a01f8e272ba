-- guard: G-CATFAMILY
-- invariant: The three catalog families have exactly the members that were authored, in both directions.
-- why: A missing code is a refusal that nobody can raise, an extra one a refusal that nobody reviewed.
-- probe: families_exact 3 catalog families: authored families against the catalog's, both EXCEPTs
-- probe: members_exact no extra or missing family member: authored codes against the catalog's, both EXCEPTs
-- probe: families_covered full coverage: every family holds as many members as it counts, and at least one
-- probe: members_in_family every member belongs to a family of the root
-- input: code_catalog families and their codes as authored
-- stage: control-plane
with expected_family as (
  select f.value ->> 'family' as family, f.value -> 'codes' as codes
  from pg_catalog.jsonb_array_elements($1 -> 'code_catalog' -> 'families') as f (value)
), expected_code as (
  select f.family, c.code
  from expected_family as f
  cross join lateral pg_catalog.jsonb_array_elements_text(f.codes) as c (code)
), family as (
  select f.family_code::text as family, f.item_count, exists (
    select from qt001_cp.code_catalog_root as r where r.root_code = f.root_code) as rooted
  from qt001_cp.code_catalog_family as f
), code as (
  select i.family_code::text as family, i.item_code::text as code from qt001_cp.code_catalog_item as i
), family_drift as (
  (select 'missing ' || d.family as offender from (select family from expected_family except select family from family) as d)
  union all
  (select 'unexpected ' || d.family from (select family from family except select family from expected_family) as d)
), code_drift as (
  (select 'missing ' || d.family || '/' || d.code as offender from (select * from expected_code except select * from code) as d)
  union all
  (select 'unexpected ' || d.family || '/' || d.code from (select * from code except select * from expected_code) as d)
), covered as (
  select f.family, f.item_count, (select pg_catalog.count(*) from code as c where c.family = f.family) as found from family as f
)
select 'families_exact' as probe,
  (select pg_catalog.count(*) from expected_family) as expected, (select pg_catalog.count(*) from family) as realized,
  (select pg_catalog.count(*) from expected_family) as population,
  array(select d.offender collate "C" from family_drift as d order by 1) as offenders
union all
select 'members_exact',
  (select pg_catalog.count(*) from expected_code), (select pg_catalog.count(*) from code), (select pg_catalog.count(*) from expected_code),
  array(select d.offender collate "C" from code_drift as d order by 1)
union all
select 'families_covered',
  (select pg_catalog.count(*) from covered), (select pg_catalog.count(*) from covered as c where c.found = c.item_count and c.found > 0),
  (select pg_catalog.count(*) from covered),
  array(select (c.family || ' counts ' || c.item_count || ', holds ' || c.found) collate "C" from covered as c
    where (c.found = c.item_count and c.found > 0) is not true order by 1)
union all
select 'members_in_family',
  (select pg_catalog.count(*) from code),
  (select pg_catalog.count(*) from code as c join family as f on f.family = c.family and f.rooted),
  (select pg_catalog.count(*) from code),
  array(select distinct c.family collate "C" from code as c
    where not exists (select from family as f where f.family = c.family and f.rooted) order by 1)
