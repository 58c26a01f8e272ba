-- guard: G-NODISGUISE
-- invariant: No CASE, CHECK, default or interval literal stands in for a sealed threshold, interval or capacity.
-- why: A hidden threshold is a threshold, and one that nobody sealed.
-- probe: bodies_read adapter/readback sources: every routine and view that #20 seals was parsed, and is still the text that
--   was parsed
-- probe: no_case_literal every threshold dereferences a sealed row, not a CASE literal: no CASE chooses a number
-- probe: no_interval_literal every interval dereferences a sealed row: no body spells one
-- probe: no_check_literal not a CHECK literal: no CHECK bounds a column of numbers but by the edge of its type, by another
--   column, or by what #01 and #19 seal
-- probe: no_default_literal no capacity in a default: no column of numbers has a default, and no routine a default argument
-- probe: adapters_dereference adapter/readback vs #05/#06 rows: every adapter of #25 reads a sealed quantity, by pg_depend
-- input: bodies literals and forms of every body as parsed, with the digest of the text that was parsed
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), body as (
  select b.key as identity, b.value as found, 'routine' as kind from pg_catalog.jsonb_each($1 -> 'bodies' -> 'routines') as b
  union all
  select b.key, b.value, 'view' from pg_catalog.jsonb_each($1 -> 'bodies' -> 'views') as b
), scope as (
  select a.object_identity::text as identity, a.object_class as kind, a.source_sha256::bytea as source_sha256
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.object_class in ('routine', 'view')
), view_text as (
  -- What stands between quotes is the even pieces of the text as the server prints it.
  select s.identity, p.piece, p.position % 2 = 0 as quoted
  from scope as s
  cross join lateral pg_catalog.unnest(pg_catalog.string_to_array(
    pg_catalog.pg_get_viewdef(case s.kind when 'view' then pg_catalog.to_regclass(s.identity) end), '''')) with ordinality as p (piece, position)
  where s.kind = 'view'
), view_constant as (
  select t.identity, 'text' as kind, t.piece as constant from view_text as t where t.quoted
  union all
  select t.identity, 'number', w.word
  from view_text as t
  cross join lateral pg_catalog.string_to_table(pg_catalog.translate(t.piece, '()[],;:=<>+-*/|' || pg_catalog.chr(10), '                '), ' ') as w (word)
  where not t.quoted and w.word <> '' and pg_catalog.translate(w.word, '0123456789.', '') = '' and w.word <> '.'
), view_read as (
  select b.identity, 'text' as kind, c.constant
  from body as b cross join lateral pg_catalog.jsonb_array_elements_text(b.found -> 'texts') as c (constant) where b.kind = 'view'
  union all
  select b.identity, 'number', c.constant
  from body as b cross join lateral pg_catalog.jsonb_array_elements_text(b.found -> 'numbers') as c (constant) where b.kind = 'view'
), unread as (
  -- A body that was not parsed, or parsed and then changed, is not read.
  select s.identity
  from scope as s
  left join body as b on b.identity = s.identity and b.kind = s.kind
  left join pg_catalog.pg_proc as p on p.oid = case s.kind when 'routine' then pg_catalog.to_regprocedure(s.identity) end
  where b.identity is null
    or (s.kind = 'routine' and (
      pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
        coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc), 'UTF8')), 'hex') is distinct from b.found ->> 'body_sha256'
      or qt001_cp.h06(p.oid::pg_catalog.regprocedure) is distinct from s.source_sha256))
  union
  select d.identity from (
    (select identity, kind, constant from view_constant except select identity, kind, constant from view_read)
    union all
    (select identity, kind, constant from view_read except select identity, kind, constant from view_constant)) as d
  union
  select b.identity from body as b where not exists (select from scope as s where s.identity = b.identity and s.kind = b.kind)
), lead as (
  select b.identity, l.value ->> 0 as used_in, l.value ->> 1 as kind, l.value ->> 2 as literal, l.value ->> 3 as against
  from body as b
  cross join lateral pg_catalog.jsonb_array_elements(b.found -> 'leads') as l (value)
), plane_column as (
  select c.relname::text as relation, a.attname::text as name, a.attnum, c.oid, t.typcategory, b.typname::text as domain_name
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as s on s.oid = c.relnamespace and s.nspname = 'qt001_cp'
  join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type as t on t.oid = a.atttypid
  left join pg_catalog.pg_type as b on b.oid = a.atttypid and b.typtype = 'd'
  where c.relkind = 'r'
), border as (
  -- The least value that a column's own CHECK or domain allows: the edge of a type, not a threshold.
  select c.name, e.edge
  from plane_column as c
  cross join (values ('0'), ('1')) as e (edge)
  where exists (
      select from pg_catalog.pg_constraint as k
      where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[c.attnum]
        and pg_catalog.pg_get_constraintdef(k.oid) in (
          pg_catalog.format('CHECK ((%I >= %s))', c.name, e.edge),
          pg_catalog.format('CHECK ((%I > %s))', c.name, e.edge::integer - 1)))
    or exists (
      select from pg_catalog.pg_constraint as k
      where k.contype = 'c' and k.contypid = pg_catalog.to_regtype('qt001_cp.' || c.domain_name)
        and pg_catalog.pg_get_constraintdef(k.oid) = pg_catalog.format('CHECK ((VALUE >= %s))', e.edge))
), quantity as (
  -- What a surface seals as a number and does not use as a key.
  select distinct c.name
  from plane_column as c
  join qt001_cp.surface_manifest as m on m.table_name::text = c.relation
  where c.typcategory = 'N' and not exists (
    select from pg_catalog.pg_constraint as k where k.conrelid = c.oid and k.contype in ('p', 'u') and c.attnum = any (k.conkey))
), number_lead as (
  select distinct l.identity, l.used_in, l.literal, l.against,
    -- none or empty, but never against a sealed quantity
    (l.literal = '0' and not exists (select from quantity as q where q.name = l.against))
    -- the edge of the column's own type, and the successor of a counter
    or exists (
      select from border as b
      where b.edge = l.literal and (b.name = l.against or 'expected_' || b.name = l.against))
    -- a surface, by its sealed number
    or ((l.against = 'surface_no' or (l.used_in = 'values' and l.against = '')) and exists (
      select from qt001_cp.surface_manifest as m where m.number::text = l.literal))
    -- the length that a domain demands
    or exists (
      select from pg_catalog.pg_constraint as k
      where k.contypid <> 0 and pg_catalog.pg_get_constraintdef(k.oid)
        = 'CHECK ((' || pg_catalog.replace(l.against, '()', '(VALUE)') || ' = ' || l.literal || '))')
    -- the first row
    or (l.used_in = 'limit' and l.literal = '1')
    -- an argument of the server's own function
    or (l.used_in = 'argument' and exists (
      select from pg_catalog.pg_proc as p
      where p.proname || '()' = l.against and p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace))
    or (l.used_in = 'argument' and l.against in ('coalesce()', 'greatest()', 'nullif()') and l.literal = '0') as decided
  from lead as l
  where l.kind = 'number'
), plane_check as materialized (
  -- Printed once each.
  select c.relname::text as relation, k.conname, k.conrelid, k.conkey, pg_catalog.pg_get_constraintdef(k.oid) as definition
  from pg_catalog.pg_constraint as k
  join pg_catalog.pg_class as c on c.oid = k.conrelid
  join pg_catalog.pg_namespace as s on s.oid = c.relnamespace and s.nspname = 'qt001_cp'
  where k.contype = 'c'
), number_check as (
  select k.relation || '.' || k.conname::text as name,
    -- one column, at the edge of its type
    exists (
      select from plane_column as p
      where p.oid = k.conrelid and k.conkey = array[p.attnum] and k.definition in (
        pg_catalog.format('CHECK ((%I >= 0))', p.name), pg_catalog.format('CHECK ((%I >= 1))', p.name),
        pg_catalog.format('CHECK ((%I > 0))', p.name), pg_catalog.format('CHECK ((%I > (0)::numeric))', p.name)))
    -- one column against another
    or exists (
      select from plane_column as p
      join plane_column as o on o.oid = p.oid and o.attnum <> p.attnum and o.typcategory = 'N'
      where p.oid = k.conrelid and p.typcategory = 'N'
        and k.definition = pg_catalog.format('CHECK ((%I >= %I))', p.name, o.name))
    -- the number of the table's own surface
    or exists (
      select from qt001_cp.surface_manifest as m
      where (m.table_name::text = k.relation and k.definition = pg_catalog.format('CHECK ((surface_no = %s))', m.number))
        or (k.relation = 'expected_constraint' and m.table_name::text = 'authority_scope_manifest'
          and k.definition = pg_catalog.format('CHECK ((surface_no = %s))', m.number)))
    -- as many surfaces as are sealed
    or exists (
      select from qt001_cp.denominator_manifest as d
      where d.inventory = 'authority_surfaces' and k.definition
        = pg_catalog.format('CHECK (((surface_no >= 1) AND (surface_no <= %s)))', d.member_count))
    -- a row is complete: as many of the constraint's own columns are there as it has beside the one that demands them
    or exists (
      select from plane_column as p
      where p.oid = k.conrelid and p.typcategory = 'B' and p.attnum = any (k.conkey) and k.definition = (
        select pg_catalog.format('CHECK (((NOT %I) OR (num_nonnulls(%s) = %s)))', p.name,
          pg_catalog.string_agg(pg_catalog.quote_ident(o.name), ', ' order by o.attnum), pg_catalog.count(*))
        from plane_column as o where o.oid = k.conrelid and o.attnum = any (k.conkey) and o.attnum <> p.attnum)) as decided
  from plane_check as k
  where exists (
    select from plane_column as p where p.oid = k.conrelid and p.attnum = any (k.conkey) and p.typcategory = 'N')
), default_value as (
  select p.relation || '.' || p.name as name
  from plane_column as p
  join pg_catalog.pg_attrdef as d on d.adrelid = p.oid and d.adnum = p.attnum
  where p.typcategory in ('N', 'T')
  union all
  select p.oid::pg_catalog.regprocedure::text
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as s on s.oid = p.pronamespace and s.nspname = 'qt001_cp'
  where p.pronargdefaults > 0
), adapter as (
  select a.adapter::text as name, pg_catalog.to_regprocedure(a.routine) as routine
  from qt001_cp.adapter_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
), dereferencing as (
  select a.name, exists (
    select from pg_catalog.pg_depend as d
    join plane_column as p on p.oid = d.refobjid and p.attnum = d.refobjsubid
    join quantity as q on q.name = p.name
    join qt001_cp.surface_manifest as m on m.table_name::text = p.relation
    where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = a.routine
      and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass) as sound
  from adapter as a
)
select 'bodies_read' as probe,
  (select pg_catalog.count(*) from scope) as expected, (select pg_catalog.count(*) from body) as realized,
  (select pg_catalog.count(*) from scope) as population,
  array(select u.identity collate "C" from unread as u order by 1) as offenders
union all
select 'no_case_literal', 0,
  (select pg_catalog.count(*) from number_lead as l where l.used_in = 'case' and l.literal <> '0'), (select pg_catalog.count(*) from body),
  array(select (l.identity || ': ' || l.literal) collate "C" from number_lead as l where l.used_in = 'case' and l.literal <> '0' order by 1)
union all
select 'no_interval_literal', 0,
  (select pg_catalog.count(*) from lead as l where l.used_in = 'interval'), (select pg_catalog.count(*) from body),
  array(select distinct (l.identity || ': ' || l.literal) collate "C" from lead as l where l.used_in = 'interval' order by 1)
union all
select 'no_check_literal',
  (select pg_catalog.count(*) from number_check), (select pg_catalog.count(*) from number_check as c where c.decided), (select pg_catalog.count(*) from number_check),
  array(select c.name collate "C" from number_check as c where c.decided is not true order by 1)
union all
select 'no_default_literal', 0, (select pg_catalog.count(*) from default_value), (select pg_catalog.count(*) from plane_column),
  array(select d.name collate "C" from default_value as d order by 1)
union all
select 'adapters_dereference',
  (select pg_catalog.count(*) from dereferencing), (select pg_catalog.count(*) from dereferencing as d where d.sound), (select pg_catalog.count(*) from dereferencing),
  array(select d.name collate "C" from dereferencing as d where d.sound is not true order by 1)
