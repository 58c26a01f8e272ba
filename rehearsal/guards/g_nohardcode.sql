-- guard: G-NOHARDCODE
-- invariant: No number and no text in a body of the control plane decides anything that a sealed row should decide.
-- why: A threshold in code changes without a seal.
-- probe: bodies_read functiondef/viewdef of all qt001_cp fns: every routine and view that #20 seals was parsed, and is still
--   the text that was parsed; missing source fails closed
-- probe: numbers_sealed no operational numeric literal drives authority: each number that is compared resolves to a sealed
--   row or to the edge of its column's own type
-- probe: texts_sealed no operational string literal drives authority: each text that is compared, or handed to a routine of
--   ours, is of a closed vocabulary: a CHECK, a sealed row, the catalog's own codes
-- probe: thresholds_resolve all thresholds resolve to sealed manifest rows: each one that a rule or requirement names is one
--   row of #06
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
), sealed_value as (
  select v.key as name, v.value
  from (
    select pg_catalog.to_jsonb(r) as row from qt001_cp.slot_binding_manifest as r
    union all select pg_catalog.to_jsonb(r) from qt001_cp.writer_type_manifest as r
    union all select pg_catalog.to_jsonb(r) from qt001_cp.signoff_separation_manifest as r
    union all select pg_catalog.to_jsonb(r) from qt001_cp.readiness_gate_manifest as r
    union all select pg_catalog.to_jsonb(r) from qt001_cp.operator_operand_compatibility as r
    union all select pg_catalog.to_jsonb(r) from qt001_cp.evidence_requirement_manifest as r
    union all select pg_catalog.to_jsonb(r) from qt001_cp.quorum_manifest as r
    union all select pg_catalog.to_jsonb(r) from qt001_cp.verifier_pairing_manifest as r
    -- Of #20 what is the same at every moment, without its digests.
    union all select pg_catalog.jsonb_build_object('object_class', r.object_class, 'object_identity', r.object_identity, 'object_kind', r.object_kind,
      'moment', r.moment, 'disposition', r.disposition, 'owner_role', r.owner_role)
    from qt001_cp.authority_scope_manifest as r where r.moment in ('always', 'as_captured')
    union all select pg_catalog.to_jsonb(r) from qt001_cp.reason_code_manifest as r) as s
  cross join lateral pg_catalog.jsonb_each_text(s.row) as v
  -- What no lead could be is left out: each lead is looked up here.
  where v.key = 'object_identity' or v.value in (select l.literal from lead as l where l.literal is not null)
), catalog_code as (
  select distinct a.attname::text as name
  from pg_catalog.pg_class as c
  join pg_catalog.pg_attribute as a on a.attrelid = c.oid
  where c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace and a.atttypid = '"char"'::pg_catalog.regtype
), object_name as (
  select s.value as name from sealed_value as s where s.name = 'object_identity'
  union
  select pg_catalog.split_part(pg_catalog.split_part(s.value, '(', 1), '.', 2) from sealed_value as s where s.name = 'object_identity'
), vocabulary as (
  -- The texts of a CHECK stand between quotes: the even pieces of its definition.
  select distinct c.name, p.piece as word
  from plane_column as c
  join pg_catalog.pg_constraint as k on k.conrelid = c.oid and k.contype = 'c' and c.attnum = any (k.conkey)
  cross join lateral pg_catalog.unnest(pg_catalog.string_to_array(pg_catalog.pg_get_constraintdef(k.oid), '''')) with ordinality as p (piece, position)
  where p.position % 2 = 0
), text_lead as (
  select distinct l.identity, l.used_in, l.literal, l.against,
    l.literal = ''
    or (l.used_in = 'compare' and (
      exists (select from vocabulary as v where v.name = l.against and v.word = l.literal)
      or (l.against, l.literal) in (select s.name, s.value from sealed_value as s where s.value is not null)
      -- the catalog's own codes
      or l.against in (select c.name from catalog_code as c)
      or (l.against = 'tg_op' and l.literal in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'))
      or (l.against = 'privilege' and l.literal in (
        select a.privilege_type from pg_catalog.pg_class as c
        cross join lateral pg_catalog.aclexplode(pg_catalog.acldefault('r', c.relowner)) as a
        where c.oid = 'qt001_cp.surface_manifest'::pg_catalog.regclass))
      -- the server's own refusal, not one of #22
      or (l.against = 'refused_with' and pg_catalog.length(l.literal) = 5
        and (l.literal in (select s.value from sealed_value as s where s.name = 'sqlstate' and s.value is not null)) is not true)
      -- the schema that holds the sealed objects themselves
      or (l.against = 'nspname' and exists (
        select from pg_catalog.pg_class as c
        where c.oid = pg_catalog.to_regclass(l.literal || '.surface_manifest')))
      -- what a view of the plane itself answers
      or exists (select from view_constant as v where v.kind = 'text' and v.constant = l.literal and l.against = 'verdict')))
    or (l.used_in = 'argument' and (
      exists (select from object_name as o where o.name = l.literal)
      or l.literal in (select s.value from sealed_value as s where s.value is not null)
      or exists (select from vocabulary as v where v.word = l.literal))) as decided
  from lead as l
  where l.kind = 'text' and (l.used_in = 'compare' or (l.used_in = 'argument' and (
    exists (select from scope as s where s.kind = 'routine' and pg_catalog.split_part(pg_catalog.split_part(s.identity, '(', 1), '.', 2) || '()' = l.against)
    -- a role by name is an operational text, too
    or exists (select from pg_catalog.pg_roles as r where r.rolname = l.literal))))
), reference as (
  select 'rule ' || r.rule::text as name, r.threshold::text as threshold
  from qt001_cp.policy_rule_manifest as r join newest as n on n.manifest_id = r.manifest_id and n.surface_no = r.surface_no
  union all
  select 'requirement ' || q.item_key::text, q.threshold::text
  from qt001_cp.capability_measurement_requirement as q join newest as n on n.manifest_id = q.manifest_id and n.surface_no = q.surface_no
), resolved as (
  select r.name, (
    select pg_catalog.count(t.value) from qt001_cp.threshold_manifest as t
    join newest as n on n.manifest_id = t.manifest_id and n.surface_no = t.surface_no
    where t.threshold::text = r.threshold) as found
  from reference as r
)
select 'bodies_read' as probe,
  (select pg_catalog.count(*) from scope) as expected, (select pg_catalog.count(*) from body) as realized,
  (select pg_catalog.count(*) from scope) as population,
  array(select u.identity collate "C" from unread as u order by 1) as offenders
union all
select 'numbers_sealed',
  (select pg_catalog.count(*) from number_lead as l where l.used_in not in ('case', 'interval')),
  (select pg_catalog.count(*) from number_lead as l where l.used_in not in ('case', 'interval') and l.decided),
  (select pg_catalog.count(*) from number_lead as l where l.used_in not in ('case', 'interval')),
  array(select (l.identity || ': ' || l.used_in || ' ' || l.literal || ' ' || l.against) collate "C"
    from number_lead as l where l.used_in not in ('case', 'interval') and l.decided is not true order by 1)
union all
select 'texts_sealed',
  (select pg_catalog.count(*) from text_lead), (select pg_catalog.count(*) from text_lead as l where l.decided), (select pg_catalog.count(*) from text_lead),
  array(select (l.identity || ': ' || l.used_in || ' ' || l.literal || ' ' || l.against) collate "C"
    from text_lead as l where l.decided is not true order by 1)
union all
select 'thresholds_resolve',
  (select pg_catalog.count(*) from resolved), (select pg_catalog.count(*) from resolved as r where r.found = 1), (select pg_catalog.count(*) from resolved),
  array(select r.name collate "C" from resolved as r where r.found is distinct from 1 order by 1)
