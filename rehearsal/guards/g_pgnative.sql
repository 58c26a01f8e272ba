-- guard: G-PGNATIVE
-- invariant: Operational sets come from sealed rows and the catalog; no guard and no body decides by a name's look, by an
--   owner's name or by a count in prose.
-- why: A name proves nothing about an object, and a count that is typed is a count of yesterday.
-- probe: guards_known all guards: the registry is the one that #19 seals, count and digest
-- probe: guards_read all guards read the catalog and data: the tree of every guard that is due was parsed; an unread one
--   fails closed
-- probe: no_name_pattern no name pattern is the binding authority: none in a guard, and none in a body that reads a relation
-- probe: no_owner_filter no owner filter is the binding authority: nothing compares an owner with a name that is typed
-- probe: no_count_literal no prose count is the binding authority: nothing compares a count with a number, and no probe
--   expects one
-- probe: no_literal_verdict a guard's verdict is never typed: no probe both expects and realizes a literal
-- probe: no_null_skipping a NULL component fails closed: no guard decides by an aggregate or comparison that skips NULL
-- probe: bodies_as_parsed recomputed hash: the bodies that were parsed are the sealed and the live ones
-- probe: sets_recompute final authority is sealed manifest rows: every operational set of #20 has the count and digest that
--   #19 seals
-- probe: ownership_exact final authority is catalog ownership: every object that #20 seals as the plane's own has its owner
-- probe: edges_catalogued final authority is pg_depend closure: what pg_depend knows of the plane's views is in #11
-- input: bodies literals and forms of every body as parsed, with the digest of the text that was parsed
-- input: guard_forms the registry, and the forms found in each guard's own tree
-- stage: no-control-plane
-- input: legacy_set the captured members with owner and body, and the digest of the set, where no row seals them yet
-- input: classification every captured object with its class
with registry as (
  select r.value as guard from pg_catalog.jsonb_array_elements_text($1 -> 'guard_forms' -> 'registry') as r (value)
), guard as (
  select g.key as name, g.value as found, pg_catalog.jsonb_typeof(g.value) = 'object' and exists (
    select from registry as r where r.guard = g.key) as parsed
  from pg_catalog.jsonb_each($1 -> 'guard_forms' -> 'guards') as g
), body as (
  select b.key as name from pg_catalog.jsonb_each($1 -> 'bodies' -> 'routines') as b
), form as (
  -- The bodies of the control plane are only files yet; they are judged with the edges that #11 gives them.
  select 'guard' as source, g.name, f.value ->> 0 as form, f.value ->> 1 as what
  from guard as g cross join lateral pg_catalog.jsonb_array_elements(g.found -> 'forms') as f (value)
  where g.parsed
), member as (
  select m.value ->> 0 as identity, m.value ->> 1 as kind, m.value ->> 3 as owner, m.value ->> 5 as body_sha256,
    case when m.value ->> 1 in ('function', 'procedure') then pg_catalog.to_regprocedure(m.value ->> 0)::pg_catalog.oid end as routine,
    case when m.value ->> 1 in ('table', 'view') then pg_catalog.to_regclass(m.value ->> 0)::pg_catalog.oid end as relation
  from pg_catalog.jsonb_array_elements($1 -> 'legacy_set' -> 'members') as m (value)
), legacy_body as (
  select m.identity, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex') = m.body_sha256 as same
  from member as m left join pg_catalog.pg_proc as p on p.oid = m.routine
  where m.kind in ('function', 'procedure')
), own as (
  select m.identity, m.owner, coalesce(pg_catalog.pg_get_userbyid(p.proowner), pg_catalog.pg_get_userbyid(c.relowner))::text as realized
  from member as m left join pg_catalog.pg_proc as p on p.oid = m.routine left join pg_catalog.pg_class as c on c.oid = m.relation
), digest as (
  select pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to('["H05","v1",['
    || pg_catalog.string_agg(pg_catalog.to_json(m.identity)::text, ',' order by m.identity collate "C") || ']]', 'UTF8')), 'hex') as found
  from member as m
), class as (
  select c.value ->> 0 as identity from pg_catalog.jsonb_array_elements($1 -> 'classification' -> 'objects') as c (value)
), view_edge as (
  select e.from_object, e.to_object, e.to_object in (select c.identity from class as c) as known
  from (
  select distinct m.identity as from_object, coalesce(c.oid::pg_catalog.regclass::text, p.oid::pg_catalog.regprocedure::text) as to_object
  from member as m
  join pg_catalog.pg_rewrite as r on r.ev_class = m.relation
  join pg_catalog.pg_depend as d on d.classid = r.tableoid and d.objid = r.oid and d.refobjid <> m.relation and d.refobjid >= 16384
  left join pg_catalog.pg_class as c on d.refclassid = c.tableoid and c.oid = d.refobjid
  left join pg_catalog.pg_proc as p on d.refclassid = p.tableoid and p.oid = d.refobjid
  where c.oid is not null or p.oid is not null offset 0) as e
)
select 'guards_known' as probe, (select pg_catalog.count(*) from registry) as expected,
  (select pg_catalog.count(*) from registry as r where exists (select from guard as g where g.name = r.guard)) as realized,
  (select pg_catalog.count(*) from registry) as population,
  array(select r.guard collate "C" from registry as r where not exists (select from guard as g where g.name = r.guard) order by 1) as offenders
union all
select 'guards_read', (select pg_catalog.count(*) from guard), (select pg_catalog.count(*) from guard as g where g.parsed), (select pg_catalog.count(*) from guard),
  array(select g.name collate "C" from guard as g where g.parsed is not true order by 1)
union all
select f.probe, 0, (select pg_catalog.count(*) from form as o where o.form = f.form and (o.source = 'guard' or not f.guards_only)),
  (select pg_catalog.count(*) from guard as g where g.parsed) + case when f.guards_only then 0 else (select pg_catalog.count(*) from body) end,
  array(select distinct (o.name || ': ' || o.what) collate "C" from form as o
    where o.form = f.form and (o.source = 'guard' or not f.guards_only) order by 1)
from (values ('no_name_pattern', 'name_pattern', false), ('no_owner_filter', 'owner_filter', false), ('no_count_literal', 'count_literal', false),
  ('no_literal_verdict', 'literal_verdict', true), ('no_null_skipping', 'null_skipping', true)) as f (probe, form, guards_only)
union all
select 'bodies_as_parsed', (select pg_catalog.count(*) from legacy_body), (select pg_catalog.count(*) from legacy_body as b where b.same), (select pg_catalog.count(*) from legacy_body),
  array(select b.identity collate "C" from legacy_body as b where b.same is not true order by 1)
union all
select 'sets_recompute', 1, (select pg_catalog.count(*) from digest as d where d.found = ($1 -> 'legacy_set' ->> 'set_sha256')), (select pg_catalog.count(*) from member),
  array[]::text[]
union all
select 'ownership_exact', (select pg_catalog.count(*) from own), (select pg_catalog.count(*) from own as o where o.realized = o.owner), (select pg_catalog.count(*) from own),
  array(select o.identity collate "C" from own as o where o.realized is distinct from o.owner order by 1)
union all
select 'edges_catalogued', (select pg_catalog.count(*) from view_edge),
  (select pg_catalog.count(*) from view_edge as v where v.known), (select pg_catalog.count(*) from view_edge),
  array(select (v.from_object || ' -> ' || v.to_object) collate "C" from view_edge as v where v.known is not true order by 1)
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), registry as (
  select r.value as guard from pg_catalog.jsonb_array_elements_text($1 -> 'guard_forms' -> 'registry') as r (value)
), denominator as (
  select d.inventory::text as inventory, d.member_count, d.set_sha256::bytea as set_sha256
  from qt001_cp.denominator_manifest as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
), guard as (
  select g.key as name, g.value as found, pg_catalog.jsonb_typeof(g.value) = 'object' and exists (
    select from registry as r where r.guard = g.key) as parsed
  from pg_catalog.jsonb_each($1 -> 'guard_forms' -> 'guards') as g
), body as (
  select b.key as name, b.value as found, true as is_routine from pg_catalog.jsonb_each($1 -> 'bodies' -> 'routines') as b
  union all
  select b.key, b.value, false from pg_catalog.jsonb_each($1 -> 'bodies' -> 'views') as b
), scope as (
  select a.object_class, a.object_identity::text as identity, a.object_kind, a.moment, a.owner_role::text as owner_role,
    a.source_sha256::bytea as source_sha256
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
), edge as (
  select d.from_object::text as from_object, d.to_object::text as to_object
  from qt001_cp.dependency_manifest as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
), plane_view as materialized (
  select v.oid, v.relnamespace, v.oid::pg_catalog.regclass::text as name
  from pg_catalog.pg_class as v
  join pg_catalog.pg_namespace as s on s.oid = v.relnamespace and s.nspname = 'qt001_cp'
  where v.relkind = 'v'
), body_tree as (
  -- The server's own analysed trees: operators and functions stand there by number, so no spelling hides one.
  select v.name, r.ev_action::text as tree from plane_view as v join pg_catalog.pg_rewrite as r on r.ev_class = v.oid
  union all
  select p.oid::pg_catalog.regprocedure::text, p.prosqlbody::text
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as s on s.oid = p.pronamespace and s.nspname = 'qt001_cp'
  where p.prosqlbody is not null
), body_call as materialized (
  select t.name, m.mark, pg_catalog.split_part(w.piece, ' ', 1) as called
  from body_tree as t
  cross join (values (':opno '), (':funcid ')) as m (mark)
  cross join lateral pg_catalog.string_to_table(t.tree, m.mark) with ordinality as w (piece, place)
  where w.place > 1
), pattern as (
  select ':opno ' as mark, o.oid::text as called, o.oprname::text as name from pg_catalog.pg_operator as o
  where o.oprname = any (array['~~', '!~~', '~~*', '!~~*', '~', '~*', '!~', '!~*', '^@']::pg_catalog.name[])
    and o.oprleft = any (array['pg_catalog.text', 'pg_catalog.name', 'pg_catalog.bpchar']::pg_catalog.regtype[])
  union all
  select ':funcid ', p.oid::text, p.proname || '()' from pg_catalog.pg_proc as p
  where p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace and p.proname = any (array['starts_with', 'left', 'right', 'position', 'strpos', 'substr',
    'substring', 'overlay', 'regexp_match', 'regexp_matches', 'regexp_like', 'regexp_replace', 'regexp_count', 'regexp_instr', 'regexp_substr',
    'similar_to_escape', 'similar_escape', 'like', 'notlike', 'textlike', 'namelike', 'textregexeq', 'nameregexeq', 'texticlike', 'texticregexeq']::pg_catalog.name[])
), tree_form as (
  select distinct c.name, p.name as what
  from body_call as c join pattern as p on p.mark = c.mark and p.called = c.called
), form as (
  select 'guard' as source, g.name, f.value ->> 0 as form, f.value ->> 1 as what
  from guard as g cross join lateral pg_catalog.jsonb_array_elements(g.found -> 'forms') as f (value)
  where g.parsed
  union all
  select 'body', b.name, f.value ->> 0, f.value ->> 1
  from body as b cross join lateral pg_catalog.jsonb_array_elements(b.found -> 'forms') as f (value)
  -- A body without an edge reads nothing, so it can form no set: it may take its own argument apart.
  where exists (select from edge as e where e.from_object = b.name)
  union all
  select 'body', f.name, 'name_pattern', f.what from tree_form as f
), unparsed as (
  select s.identity
  from scope as s
  left join body as b on b.name = s.identity and b.is_routine
  left join pg_catalog.pg_proc as p on p.oid = case s.object_class when 'routine' then pg_catalog.to_regprocedure(s.identity) end
  where s.object_class = 'routine' and (
    pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
      coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc), 'UTF8')), 'hex') is distinct from b.found ->> 'body_sha256'
    or qt001_cp.h06(p.oid::pg_catalog.regprocedure) is distinct from s.source_sha256)
), operational as (
  -- The sets that the cutover acts on, made of sealed rows alone.
  select d.inventory, d.member_count, d.set_sha256, (
    select pg_catalog.array_agg(s.identity) from scope as s
    where s.object_class = 'legacy' and s.moment = 'as_captured' and case d.inventory
      when 'legacy_tables' then s.object_kind = 'table'
      when 'legacy_views' then s.object_kind = 'view'
      when 'legacy_routines' then s.object_kind in ('function', 'procedure')
      when 'expected_legacy_set' then true end) as members
  from denominator as d
  where d.inventory in ('legacy_tables', 'legacy_views', 'legacy_routines', 'expected_legacy_set')
), own as (
  select s.identity, s.owner_role, case
      when s.object_kind in ('function', 'procedure') then (
        select pg_catalog.pg_get_userbyid(p.proowner)::text from pg_catalog.pg_proc as p
        where p.oid = case when s.object_kind in ('function', 'procedure') then pg_catalog.to_regprocedure(s.identity) end)
      else (
        select pg_catalog.pg_get_userbyid(c.relowner)::text from pg_catalog.pg_class as c
        where c.oid = case when s.object_kind in ('table', 'view') then pg_catalog.to_regclass(s.identity) end) end as realized
  from scope as s
  where s.moment = 'always' and s.object_kind in ('function', 'procedure', 'table', 'view') and s.object_class <> 'bookkeeping'
), view_edge as (
  select v.name as from_object, c.oid::pg_catalog.regclass::text as to_object
  from plane_view as v
  join pg_catalog.pg_rewrite as r on r.ev_class = v.oid
  join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = r.oid
    and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> v.oid
  join pg_catalog.pg_class as c on c.oid = d.refobjid and c.relnamespace = v.relnamespace
  where exists (select from edge as e where e.to_object = v.name)
  group by v.oid, v.name, c.oid
)
select 'guards_known' as probe,
  (select d.member_count from denominator as d where d.inventory = 'guards')::bigint as expected,
  (select pg_catalog.count(*) from registry) * (select pg_catalog.count(*) from denominator as d where d.inventory = 'guards'
    and d.set_sha256 = qt001_cp.h05((select pg_catalog.array_agg(r.guard) from registry as r))) as realized,
  (select pg_catalog.count(*) from registry) as population,
  array[]::text[] as offenders
union all
select 'guards_read', (select pg_catalog.count(*) from guard), (select pg_catalog.count(*) from guard as g where g.parsed), (select pg_catalog.count(*) from guard),
  array(select g.name collate "C" from guard as g where g.parsed is not true order by 1)
union all
select f.probe, 0, (select pg_catalog.count(*) from form as o where o.form = f.form and (o.source = 'guard' or not f.guards_only)),
  (select pg_catalog.count(*) from guard as g where g.parsed) + case when f.guards_only then 0 else (select pg_catalog.count(*) from body) end,
  array(select distinct (o.name || ': ' || o.what) collate "C" from form as o
    where o.form = f.form and (o.source = 'guard' or not f.guards_only) order by 1)
from (values ('no_name_pattern', 'name_pattern', false), ('no_owner_filter', 'owner_filter', false), ('no_count_literal', 'count_literal', false),
  ('no_literal_verdict', 'literal_verdict', true), ('no_null_skipping', 'null_skipping', true)) as f (probe, form, guards_only)
union all
select 'bodies_as_parsed',
  (select pg_catalog.count(*) from scope as s where s.object_class = 'routine'),
  (select pg_catalog.count(*) from body as b where b.is_routine), (select pg_catalog.count(*) from body as b where b.is_routine),
  array(select u.identity collate "C" from unparsed as u order by 1)
union all
select 'sets_recompute', (select pg_catalog.count(*) from operational),
  (select pg_catalog.count(*) from operational as o where o.set_sha256 = qt001_cp.h05(o.members) and o.member_count = pg_catalog.cardinality(o.members)),
  (select pg_catalog.count(*) from operational),
  array(select o.inventory collate "C" from operational as o
    where (o.set_sha256 = qt001_cp.h05(o.members) and o.member_count = pg_catalog.cardinality(o.members)) is not true order by 1)
union all
select 'ownership_exact', (select pg_catalog.count(*) from own), (select pg_catalog.count(*) from own as o where o.realized = o.owner_role),
  (select pg_catalog.count(*) from own),
  array(select o.identity collate "C" from own as o where o.realized is distinct from o.owner_role order by 1)
union all
select 'edges_catalogued', (select pg_catalog.count(*) from view_edge),
  (select pg_catalog.count(*) from view_edge as v where exists (
    select from edge as e where e.from_object = v.from_object and e.to_object = v.to_object)),
  (select pg_catalog.count(*) from view_edge),
  array(select (v.from_object || ' -> ' || v.to_object) collate "C" from view_edge as v
    where not exists (select from edge as e where e.from_object = v.from_object and e.to_object = v.to_object) order by 1)
