-- guard: G-LEGACY-FROZEN
-- invariant: The sealed legacy set refuses writes and calls, carries its sentinel, is all still there, and nothing live depends
--   on it; what no package may open is left alone.
-- why: A freeze that breaks a live table is an outage.
-- probe: writes_revoked writes revoked: nobody but the owner may effectively write a sealed table or view, nor advance its sequences
-- probe: sentinels_set objects sentinel-frozen: every member carries the sentinel with the digest of its sealed identity, and
--   from S18 on that it is deprecated
-- probe: sentinel_rows objects sentinel-frozen: the control plane has one row for every member that is frozen, with the same digest,
--   and none for anything else, live-required or not
-- probe: freeze_fires objects sentinel-frozen: every sealed table has one trigger of the control plane that fires always, before any
--   INSERT, UPDATE, DELETE and TRUNCATE, and without a condition
-- probe: left_alone only what no package may open is not frozen, with the views that read it, at any depth
-- probe: unreachable objects unreachable: nobody but the owner may execute a sealed routine
-- probe: no_live_dependency no live-required object (birth/QT-002) depends on a frozen target: no view, routine, key, default, policy or
--   trigger outside the set does
-- probe: no_live_body no live-required object depends on a frozen target: no body outside the set that pg_depend can't see into
--   has the name of a sealed object among its words
-- probe: no_live_action no live-required object depends on a frozen target: no key of a sealed table acts on deletes or updates of a
--   live one
-- probe: never_dropped never live-DROPped: every member is there, of the sealed kind, as many as #19 counts
-- input: legacy_set the sentinel, and what S18 adds to it
-- input: phase the step that is being measured
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id, e.state
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), legacy as (
  select a.object_identity::text as identity, a.object_kind, a.disposition, a.owner_role::text as owner_role, a.source_sha256::bytea as source_sha256,
    a.privilege_acl_hash::bytea as privilege_acl_hash,
    pg_catalog.to_regprocedure(case when a.object_kind in ('function', 'procedure') then a.object_identity end)::pg_catalog.oid as routine,
    pg_catalog.to_regclass(case when a.object_kind in ('table', 'view') then a.object_identity end)::pg_catalog.oid as relation
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.object_class = 'legacy' and a.moment = 'as_captured'
), sealed_after as (
  -- Whose #20 seals it to be after this step.
  select a.object_identity::text as identity
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  join pg_catalog.pg_namespace as s on s.nspname = 'qt001_cp' and pg_catalog.pg_get_userbyid(s.nspowner)::text = a.owner_role::text
  where a.object_class = 'legacy' and a.moment = 'after_S17'
), destined as (
  -- Looked up once a member.
  select l.identity, l.routine, l.relation, l.object_kind, l.source_sha256, l.privilege_acl_hash,
    l.identity in (select s.identity from sealed_after as s) as moves
  from legacy as l offset 0
), moving as (
  select d.identity, d.routine, d.relation, d.object_kind, d.source_sha256, d.privilege_acl_hash from destined as d where d.moves
), staying as (
  select d.identity, d.relation from destined as d where d.moves is not true
), closed as (
  -- What no package may open, and whatever reads it.
  with recursive reading (oid) as (
    select pg_catalog.to_regclass(a.object_identity)::pg_catalog.oid
    from qt001_cp.authority_scope_manifest as a
    join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
    where a.object_class = 'do_not_open'
    union
    select r.ev_class
    from reading as b
    join pg_catalog.pg_depend as d on d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = b.oid
      and d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
    join pg_catalog.pg_rewrite as r on r.oid = d.objid)
  select b.oid from reading as b where b.oid is not null
), freezing as (
  select m.identity, (
    select pg_catalog.count(*) from pg_catalog.pg_trigger as t
    where t.tgrelid = m.relation and not t.tgisinternal and t.tgfoid = pg_catalog.to_regprocedure('qt001_cp.legacy_frozen()')
      and t.tgenabled = 'A' and t.tgqual is null and t.tgattr::text = ''
      -- BEFORE, each statement, all four events.
      and t.tgtype = 2 + 4 + 8 + 16 + 32) as triggers
  from moving as m where m.object_kind = 'table'
), legacy_object as (
  select 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid as class, l.routine as oid, l.identity from legacy as l where l.routine is not null
  union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, l.relation, l.identity from legacy as l where l.relation is not null
), plane_owner as (
  select r.oid, r.rolname::text as name
  from pg_catalog.pg_namespace as s
  join pg_catalog.pg_roles as r on r.oid = s.nspowner
  where s.nspname = 'qt001_cp'
), part as (
  -- Views' rules, triggers, defaults, policies, constraints and indexes count for the relation that they belong to.
  select 'pg_catalog.pg_rewrite'::pg_catalog.regclass::pg_catalog.oid as classid, r.oid as objid, r.ev_class as relation from pg_catalog.pg_rewrite as r
  union all
  select 'pg_catalog.pg_trigger'::pg_catalog.regclass, t.oid, t.tgrelid from pg_catalog.pg_trigger as t where not t.tgisinternal
  union all
  select 'pg_catalog.pg_attrdef'::pg_catalog.regclass, d.oid, d.adrelid from pg_catalog.pg_attrdef as d
  union all
  select 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid, p.polrelid from pg_catalog.pg_policy as p
  union all
  select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, k.conrelid from pg_catalog.pg_constraint as k where k.conrelid <> 0
  union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid, i.indrelid from pg_catalog.pg_index as i
), catalog_edge as (
  select distinct case when p.relation is not null then 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid else d.classid end as from_class,
    coalesce(p.relation, d.objid) as from_oid, d.refclassid as to_class, d.refobjid as to_oid
  from pg_catalog.pg_depend as d
  left join part as p on p.classid = d.classid and p.objid = d.objid
  where d.refclassid in ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass) and d.refobjid >= 16384
    and (p.relation is not null or d.classid in ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass))
    and not exists (select from pg_catalog.pg_index as i where i.indexrelid = d.refobjid)
    and d.deptype in ('n', 'a') and (d.refclassid, d.refobjid) is distinct from ('pg_catalog.pg_class'::pg_catalog.regclass, coalesce(p.relation, 0))
), actor as (
  select r.oid, r.rolname::text as name from pg_catalog.pg_roles as r, plane_owner as o where r.oid <> o.oid and not r.rolsuper and r.oid >= 16384
), denominator as (
  select d.member_count from qt001_cp.denominator_manifest as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
  where d.inventory = 'expected_legacy_set'
), own_sequence as (
  select c.oid, c.oid::pg_catalog.regclass::text as name, l.relation
  from pg_catalog.pg_depend as d
  join legacy as l on d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = l.relation
  join pg_catalog.pg_class as c on d.classid = c.tableoid and c.oid = d.objid and c.relkind = 'S' and d.deptype in ('a', 'i')
), column_acl as (
  select distinct a.attrelid as relation from pg_catalog.pg_attribute as a where a.attacl is not null and not a.attisdropped
), written as (
  -- Whether somebody may write at all is asked once; how, only of those who may.
  select l.relation, l.identity, a.oid as actor, a.name,
    pg_catalog.has_table_privilege(a.oid, l.relation, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
      or (l.relation in (select c.relation from column_acl as c) and pg_catalog.has_any_column_privilege(a.oid, l.relation, 'INSERT, UPDATE')) as held
  from moving as l
  cross join actor as a
  where l.relation is not null
), advanced as (
  select s.oid, s.name as sequence, a.oid as actor, a.name, v.verb, pg_catalog.has_sequence_privilege(a.oid, s.oid, v.verb) as held
  from (select q.oid, q.name, q.relation in (select m.relation from moving as m where m.relation is not null) as moves from own_sequence as q offset 0) as s
  cross join (values ('USAGE'), ('UPDATE')) as v (verb) cross join actor as a
  where s.moves
), writing as (
  select w.name || ' may ' || v.verb || ' ' || w.identity as offender
  from written as w
  cross join (values ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('TRIGGER')) as v (verb)
  where w.held is not false and (pg_catalog.has_table_privilege(w.actor, w.relation, v.verb)
    or (v.verb in ('INSERT', 'UPDATE') and pg_catalog.has_any_column_privilege(w.actor, w.relation, v.verb))) is not false
  union all
  select s.name || ' may ' || s.verb || ' ' || s.sequence from advanced as s where s.held is not false
), named as (
  -- The digest is of what #20 sealed as captured: kind, identity, source and privileges.
  select m.identity, m.relation, m.routine, m.object_kind, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(m.object_kind || ' ' || m.identity || ' '
      || pg_catalog.encode(m.source_sha256, 'hex') || ' ' || pg_catalog.encode(m.privilege_acl_hash, 'hex'), 'UTF8')), 'hex') as digest
  from moving as m
), flag as (
  select m.identity, (
      select d.description from pg_catalog.pg_description as d
      where d.objoid = coalesce(m.relation, m.routine) and d.objsubid = 0
        and d.classoid = case when m.relation is not null then 'pg_catalog.pg_class'::pg_catalog.regclass else 'pg_catalog.pg_proc'::pg_catalog.regclass end)
    -- Taken out of the document once.
    = (select $1 -> 'legacy_set' ->> 'sentinel') || ' ' || m.digest
      || (select case when ($1 ->> 'phase') = 'S17' then '' else $1 -> 'legacy_set' ->> 'deprecated' end) as carried
  from named as m
), sentinel as (
  select coalesce(n.identity, s.object_identity::text) as identity, n.identity is not null as is_frozen,
    (n.object_kind, n.digest) is not distinct from (s.object_kind, pg_catalog.encode(s.identity_sha256::bytea, 'hex')) as matches
  from named as n
  full join qt001_cp.legacy_sentinel as s on s.object_identity::text = n.identity
), calling as (
  select a.name || ' may EXECUTE ' || l.identity as offender, pg_catalog.has_function_privilege(a.oid, l.routine, 'EXECUTE') as held
  from legacy as l cross join actor as a where l.routine is not null
), depending as (
  select pg_catalog.pg_describe_object(e.from_class, e.from_oid, 0) || ' on ' || l.identity as offender
  from (
    select e.from_class, e.from_oid, e.to_class, e.to_oid, (e.to_class, e.to_oid) in (select o.class, o.oid from legacy_object as o) as on_legacy,
      (e.from_class, e.from_oid) in (select o.class, o.oid from legacy_object as o) as by_legacy,
      e.from_oid in (select s.oid from own_sequence as s) as by_sequence
    from catalog_edge as e offset 0) as e
  join legacy_object as l on l.class = e.to_class and l.oid = e.to_oid
  where e.on_legacy and e.by_legacy is not true and e.by_sequence is not true
), live_body as (
  select p.oid, p.oid::pg_catalog.regprocedure::text as name, p.prosrc
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_language as g on g.oid = p.prolang
  join pg_catalog.pg_namespace as s on s.oid = p.pronamespace
  where p.oid >= 16384 and p.prosqlbody is null and g.lanname not in ('internal', 'c') and s.nspname <> 'qt001_cp'
    and (p.oid in (select l.routine from legacy as l where l.routine is not null)) is not true
    and not exists (
      select from pg_catalog.pg_depend as d where d.classid = p.tableoid and d.objid = p.oid and d.deptype = 'e')
), body_word as (
  -- Unquoted names are words in lower case; a quoted one stands whole between its quotes.
  select b.name, pg_catalog.lower(w.word) as word
  from live_body as b
  cross join lateral pg_catalog.string_to_table(pg_catalog.translate(b.prosrc, E'()[]{},;:.=<>+-*/|%"\'\t\r\n', pg_catalog.repeat(' ', 24)), ' ') as w (word)
  union
  select b.name, w.word from live_body as b cross join lateral pg_catalog.string_to_table(b.prosrc, '"') as w (word)
), legacy_name as (
  select p.proname::text as name, l.identity from legacy as l join pg_catalog.pg_proc as p on p.oid = l.routine
  union all
  select c.relname::text, l.identity from legacy as l join pg_catalog.pg_class as c on c.oid = l.relation
), naming as (
  select w.name || ' names ' || n.identity as offender from body_word as w join legacy_name as n on n.name = w.word
), key as (
  select k.conname::text as name, l.identity, k.confrelid, k.confdeltype, k.confupdtype,
    exists (select from legacy as o where o.relation = k.confrelid) as inside
  from pg_catalog.pg_constraint as k
  join legacy as l on l.relation = k.conrelid
  where k.contype = 'f'
), acting as (
  select k.identity || ' by ' || k.name as offender from key as k
  where not k.inside and (k.confdeltype in ('c', 'n', 'd') or k.confupdtype in ('c', 'n', 'd'))
), present as (
  select l.identity, l.object_kind, case when p.oid is not null then case p.prokind when 'f' then 'function' when 'p' then 'procedure' end
    else case c.relkind when 'r' then 'table' when 'v' then 'view' end end as kind
  from legacy as l
  left join pg_catalog.pg_proc as p on p.oid = l.routine
  left join pg_catalog.pg_class as c on c.oid = l.relation
)
select 'writes_revoked' as probe, 0::bigint as expected, (select pg_catalog.count(*) from writing) as realized,
  (select pg_catalog.count(*) from written) + (select pg_catalog.count(*) from advanced) as population,
  array(select w.offender collate "C" from writing as w order by 1) as offenders
union all
select 'sentinels_set', (select pg_catalog.count(*) from moving), (select pg_catalog.count(*) from flag as f where f.carried), (select pg_catalog.count(*) from flag),
  array(select f.identity collate "C" from flag as f where f.carried is not true order by 1)
union all
select 'sentinel_rows', (select pg_catalog.count(*) from named), (select pg_catalog.count(*) from sentinel as s where s.is_frozen and s.matches),
  (select pg_catalog.count(*) from named),
  array(select s.identity collate "C" from sentinel as s where (s.is_frozen and s.matches) is not true order by 1)
union all
select 'freeze_fires', (select pg_catalog.count(*) from freezing), (select pg_catalog.count(*) from freezing as f where f.triggers = 1),
  (select pg_catalog.count(*) from freezing),
  array(select f.identity collate "C" from freezing as f where f.triggers is distinct from 1 order by 1)
union all
select 'left_alone', 0, (select pg_catalog.count(*) from staying as s where (s.relation in (select c.oid from closed as c)) is not true),
  (select pg_catalog.count(*) from legacy),
  array(select s.identity collate "C" from staying as s where (s.relation in (select c.oid from closed as c)) is not true order by 1)
union all
select 'unreachable', 0, (select pg_catalog.count(*) from calling as c where c.held is not false), (select pg_catalog.count(*) from calling),
  array(select c.offender collate "C" from calling as c where c.held is not false order by 1)
union all
select 'no_live_dependency', 0, (select pg_catalog.count(*) from depending), (select pg_catalog.count(*) from catalog_edge) * least((select pg_catalog.count(*) from legacy), 1),
  array(select distinct d.offender collate "C" from depending as d order by 1)
union all
select 'no_live_body', 0, (select pg_catalog.count(*) from naming), (select pg_catalog.count(*) from live_body) * least((select pg_catalog.count(*) from legacy_name), 1),
  array(select n.offender collate "C" from naming as n order by 1)
union all
select 'no_live_action', 0, (select pg_catalog.count(*) from acting), (select pg_catalog.count(l.relation) from legacy as l),
  array(select a.offender collate "C" from acting as a order by 1)
union all
select 'never_dropped', (select d.member_count from denominator as d)::bigint, (select pg_catalog.count(*) from present as p where p.kind = p.object_kind),
  (select pg_catalog.count(*) from present),
  array(select p.identity collate "C" from present as p where p.kind is distinct from p.object_kind order by 1)
