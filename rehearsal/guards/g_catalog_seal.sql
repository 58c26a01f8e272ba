-- guard: G-CATALOG-SEAL
-- invariant: The catalog has one root over exactly its families; it is immutable for everybody and writable by its owner
--   alone, and from the seal on it is sealed.
-- why: Every code hangs from this root: who can change it can name a new refusal or lose an old one.
-- probe: root_single catalog root bootstrap: there is exactly one root
-- probe: families_exact 3 families both-EXCEPT: authored codes of each family against the catalog's
-- probe: coverage_exact family coverage exact: root and families count what they hold, and the root's digest recomputes
-- probe: sealed sealed: the root is sealed; at S02, where the rows are tried before their step, it is a draft that could be
-- probe: immutable immutable: rows and TRUNCATE of each catalog table are refused by triggers that are enabled always
-- probe: owner_only owner-only: no other role may effectively write, truncate, reference or put a trigger on a catalog
--   table, and none may become the owner
-- input: code_catalog families and their codes as authored
-- input: phase the step that is being measured, such as S02
-- stage: control-plane
with expected_family as (
  select f.value ->> 'family' as family, f.value -> 'codes' as codes
  from pg_catalog.jsonb_array_elements($1 -> 'code_catalog' -> 'families') as f (value)
), expected_code as (
  select f.family, c.code
  from expected_family as f
  cross join lateral pg_catalog.jsonb_array_elements_text(f.codes) as c (code)
), code as (
  select i.family_code::text as family, i.item_code::text as code from qt001_cp.code_catalog_item as i
), drift as (
  (select 'missing ' || d.family || '/' || d.code as offender from (select * from expected_code except select * from code) as d)
  union all
  (select 'unexpected ' || d.family || '/' || d.code from (select * from code except select * from expected_code) as d)
), root as (
  select r.root_code::text as root_code, r.state, r.family_count, r.catalog_sha256::bytea as catalog_sha256
  from qt001_cp.code_catalog_root as r
), coverage as (
  select 'root ' || r.root_code as name, r.family_count = (select pg_catalog.count(*) from qt001_cp.code_catalog_family)
    and r.catalog_sha256 = qt001_cp.h05((select pg_catalog.array_agg(c.family || '/' || c.code) from code as c)) as sound
  from root as r
  union all
  select 'family ' || f.family_code, f.item_count = (select pg_catalog.count(*) from code as c where c.family = f.family_code::text)
  from qt001_cp.code_catalog_family as f
), catalog_table as (
  select c.oid, c.relname::text as name, c.relowner, s.nspowner
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as s on s.oid = c.relnamespace
  where c.oid in ('qt001_cp.code_catalog_root'::pg_catalog.regclass, 'qt001_cp.code_catalog_family'::pg_catalog.regclass,
    'qt001_cp.code_catalog_item'::pg_catalog.regclass)
), protection as (
  -- tgtype: 1 row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate.
  select t.name || ' ' || w.what as name, exists (
    select from pg_catalog.pg_trigger as g
    where g.tgrelid = t.oid and not g.tgisinternal and g.tgenabled = 'A' and g.tgqual is null and g.tgattr::text = ''
      and g.tgtype = w.tgtype and g.tgfoid = w.refuses::pg_catalog.regprocedure) as there
  from catalog_table as t
  cross join lateral (values
    ('rows', 31, case t.name when 'code_catalog_root' then 'qt001_cp.catalog_root_transition()' else 'qt001_cp.catalog_rows_immutable()' end),
    ('truncate', 34, 'qt001_cp.truncate_refused()')) as w (what, tgtype, refuses)
), stranger as (
  -- Superusers are stopped by no catalog; predefined roles cannot act, their members are asked instead.
  select r.oid, r.rolname::text as name
  from pg_catalog.pg_roles as r
  where not r.rolsuper and r.oid >= 16384
    and not exists (select from catalog_table as t where t.nspowner = r.oid)
), right_held as (
  select s.name || ' may ' || p.privilege || ' ' || t.name as offender
  from stranger as s
  cross join catalog_table as t
  cross join (values ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) as p (privilege)
  where pg_catalog.has_table_privilege(s.oid, t.oid, p.privilege)
    or (p.privilege in ('INSERT', 'UPDATE', 'REFERENCES') and pg_catalog.has_any_column_privilege(s.oid, t.oid, p.privilege))
  union all
  select s.name || ' may become the owner of ' || t.name
  from stranger as s
  join catalog_table as t on pg_catalog.pg_has_role(s.oid, t.relowner, 'MEMBER')
  union all
  select t.name || ' has another owner than its schema'
  from catalog_table as t where t.relowner is distinct from t.nspowner
)
select 'root_single' as probe, 1::bigint as expected, (select pg_catalog.count(*) from root) as realized,
  (select pg_catalog.count(*) from root) as population,
  array[]::text[] as offenders
union all
select 'families_exact',
  (select pg_catalog.count(*) from expected_code), (select pg_catalog.count(*) from code), (select pg_catalog.count(*) from expected_code),
  array(select d.offender collate "C" from drift as d order by 1)
union all
select 'coverage_exact',
  (select pg_catalog.count(*) from coverage), (select pg_catalog.count(*) from coverage as c where c.sound), (select pg_catalog.count(*) from coverage),
  array(select c.name collate "C" from coverage as c where c.sound is not true order by 1)
union all
select 'sealed', (select pg_catalog.count(*) from root),
  (select pg_catalog.count(*) from root as r where r.state = case when ($1 ->> 'phase') = 'S02' then 'draft' else 'sealed' end),
  (select pg_catalog.count(*) from root),
  array(select (r.root_code || ' is ' || r.state) collate "C" from root as r
    where r.state is distinct from case when ($1 ->> 'phase') = 'S02' then 'draft' else 'sealed' end order by 1)
union all
select 'immutable',
  (select pg_catalog.count(*) from protection), (select pg_catalog.count(*) from protection as p where p.there), (select pg_catalog.count(*) from protection),
  array(select p.name collate "C" from protection as p where p.there is not true order by 1)
union all
select 'owner_only', 0, (select pg_catalog.count(*) from right_held), (select pg_catalog.count(*) from stranger),
  array(select h.offender collate "C" from right_held as h order by 1)
