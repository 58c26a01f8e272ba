-- guard: G-LEGACY-TARGET-SEALED
-- invariant: The set that the cutover acts on is the sealed one: it resolves in the live catalog, nothing that hangs from
--   it is outside, and every member is still what was captured.
-- why: A set found by a name or an owner is another set tomorrow.
-- probe: set_digest expected_legacy_set_sha256 recomputes: #19 seals count and digest of the identities of #20
-- probe: members_resolve both-EXCEPT vs catalog: sealed minus live is empty
-- probe: dependents_sealed both-EXCEPT vs catalog: live minus sealed is empty: views, trigger functions and routines that
--   hang from a member are members
-- probe: one_disposition every member has exactly one disposition, on its captured row
-- probe: none_unclassified 0 unclassified: no member is of another class than legacy (that no package opens it is no other
--   class), and none lacks kind or owner
-- probe: kinds_identical identity: regprocedure or regclass with prokind or relkind as sealed
-- probe: sources_identical identity: source_sha256 recomputes
-- probe: privileges_identical identity: privilege_acl_hash recomputes
-- probe: owners_identical identity: the owner is the sealed one
-- probe: major_as_captured digests of views name the server's major: on another one than the captured they can't be compared,
--   and this says so
-- input: select_set the capture's digest and the major of the server that it was taken from
-- input: phase the step that is being measured, such as S09
-- stage: no-control-plane
-- input: legacy_set the captured members with disposition, owner, body and ACL, and the digest of the set, where no row seals them yet
-- input: classification every captured object with its class
with member as (
  -- Before #20 exists the captured set is what it will seal.
  select m.value ->> 0 as identity, m.value ->> 1 as object_kind, m.value ->> 2 as disposition, m.value ->> 3 as owner_role, m.value ->> 5 as body_sha256,
    m.value -> 6 as acl,
    case when m.value ->> 1 in ('function', 'procedure') then pg_catalog.to_regprocedure(m.value ->> 0)::pg_catalog.oid end as routine,
    case when m.value ->> 1 in ('table', 'view') then pg_catalog.to_regclass(m.value ->> 0)::pg_catalog.oid end as relation
  from pg_catalog.jsonb_array_elements($1 -> 'legacy_set' -> 'members') as m (value)
), live as (
  select m.identity, m.object_kind, m.owner_role, m.body_sha256, m.acl, case p.prokind when 'f' then 'function' when 'p' then 'procedure' end as kind,
    pg_catalog.pg_get_userbyid(p.proowner)::text as owner, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex') as body,
    pg_catalog.to_jsonb(array(
      select (coalesce(g.rolname::text, 'public') || '=' || i.privilege_type || '/' || r.rolname) collate "C"
      from pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as i
      join pg_catalog.pg_roles as r on r.oid = i.grantor
      left join pg_catalog.pg_roles as g on g.oid = i.grantee
      order by 1)) as privileges
  from member as m
  join pg_catalog.pg_proc as p on p.oid = m.routine
  union all
  -- Of a relation kind and owner are compared here; its digests need the functions of the control plane.
  select m.identity, m.object_kind, m.owner_role, m.body_sha256, m.acl, case c.relkind when 'r' then 'table' when 'v' then 'view' end,
    pg_catalog.pg_get_userbyid(c.relowner)::text, null, '[]'
  from member as m
  join pg_catalog.pg_class as c on c.oid = m.relation
), member_object as (
  select 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid as class, m.routine as oid from member as m where m.routine is not null
  union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, m.relation from member as m where m.relation is not null
), dependent as (
  select v.oid::pg_catalog.regclass::text as name, v.oid in (select o.relation from member as o) as sealed
  from (
    select distinct r.ev_class as oid
    from member_object as m
    join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.refclassid = m.class and d.refobjid = m.oid
    join pg_catalog.pg_rewrite as r on r.oid = d.objid and r.ev_class <> d.refobjid) as v
  union
  select t.tgfoid::pg_catalog.regprocedure::text, t.tgfoid in (select o.routine from member as o)
  from pg_catalog.pg_trigger as t
  join member as m on m.relation = t.tgrelid
  where not t.tgisinternal
  union
  select p.oid::pg_catalog.regprocedure::text, p.oid in (select o.routine from member as o)
  from pg_catalog.pg_depend as d
  join pg_catalog.pg_proc as p on p.oid = d.objid
  join member_object as m on m.class = d.refclassid and m.oid = d.refobjid
  where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
), classed as (
  select m.identity, m.object_kind is not null and m.owner_role is not null and exists (
    select from pg_catalog.jsonb_array_elements($1 -> 'classification' -> 'objects') as c (value)
    where c.value ->> 0 = m.identity and c.value ->> 1 = 'legacy') as sound
  from member as m
), major as (
  select ($1 -> 'select_set' ->> 'server_major')::bigint as captured,
    pg_catalog.current_setting('server_version_num')::bigint / 10000 as live
), sorted as (
  select l.identity, l.privileges = pg_catalog.to_jsonb(array(
    select a.value collate "C" from pg_catalog.jsonb_array_elements_text(l.acl) as a (value) order by 1)) as same
  from live as l
), disposed as (
  select m.identity, pg_catalog.count(m.disposition) as dispositions from member as m group by m.identity
)
select 'set_digest' as probe, 1::bigint as expected,
  (select pg_catalog.count(*) from (
    select pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to('["H05","v1",['
      || pg_catalog.string_agg(pg_catalog.to_json(m.identity)::text, ',' order by m.identity collate "C") || ']]', 'UTF8')), 'hex') as digest
    from member as m) as d where d.digest = ($1 -> 'legacy_set' ->> 'set_sha256')) as realized,
  (select pg_catalog.count(*) from member) as population,
  array[]::text[] as offenders
union all
select 'members_resolve',
  (select pg_catalog.count(*) from member), (select pg_catalog.count(*) from live), (select pg_catalog.count(*) from member),
  array(select d.identity collate "C" from (select identity from member except select identity from live) as d order by 1)
union all
select 'dependents_sealed',
  (select pg_catalog.count(*) from dependent), (select pg_catalog.count(*) from dependent as d where d.sealed), (select pg_catalog.count(*) from dependent),
  array(select d.name collate "C" from dependent as d where d.sealed is not true order by 1)
union all
select 'one_disposition',
  (select pg_catalog.count(*) from disposed), (select pg_catalog.count(*) from disposed as d where d.dispositions = 1), (select pg_catalog.count(*) from disposed),
  array(select d.identity collate "C" from disposed as d where d.dispositions is distinct from 1 order by 1)
union all
select 'none_unclassified',
  (select pg_catalog.count(*) from classed), (select pg_catalog.count(*) from classed as c where c.sound), (select pg_catalog.count(*) from classed),
  array(select c.identity collate "C" from classed as c where c.sound is not true order by 1)
union all
select 'kinds_identical',
  (select pg_catalog.count(*) from member), (select pg_catalog.count(*) from live as l where l.kind = l.object_kind), (select pg_catalog.count(*) from live),
  array(select l.identity collate "C" from live as l where l.kind is distinct from l.object_kind order by 1)
union all
select 'sources_identical',
  (select pg_catalog.count(*) from member), (select pg_catalog.count(*) from live as l where l.body is not distinct from l.body_sha256), (select pg_catalog.count(*) from live),
  array(select l.identity collate "C" from live as l where l.body is distinct from l.body_sha256 order by 1)
union all
select 'privileges_identical',
  (select pg_catalog.count(*) from member), (select pg_catalog.count(*) from sorted as s where s.same),
  (select pg_catalog.count(*) from live),
  array(select s.identity collate "C" from sorted as s where s.same is not true order by 1)
union all
select 'owners_identical',
  (select pg_catalog.count(*) from member), (select pg_catalog.count(*) from live as l where l.owner = l.owner_role), (select pg_catalog.count(*) from live),
  array(select l.identity collate "C" from live as l where l.owner is distinct from l.owner_role order by 1)
union all
select 'major_as_captured', (select m.captured from major as m), (select m.live from major as m),
  (select pg_catalog.count(*) from member as m where m.object_kind = 'view'),
  array(select ('captured on ' || m.captured || ', this server is ' || m.live) collate "C" from major as m where m.captured is distinct from m.live)
-- stage: control-plane
-- input: views H06 of the text of every view, by identity
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), denominator as (
  select d.member_count, d.set_sha256::bytea as set_sha256
  from qt001_cp.denominator_manifest as d
  join newest as n on n.manifest_id = d.manifest_id and n.surface_no = d.surface_no
  where d.inventory = 'expected_legacy_set'
), scope as (
  select a.object_class, a.object_identity::text as identity, a.object_kind, a.moment, a.disposition, a.owner_role::text as owner_role,
    a.source_sha256::bytea as source_sha256, a.privilege_acl_hash::bytea as privilege_acl_hash
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
), member as (
  -- The row of the moment at which the guard runs; before the cutover's steps that is the captured one.
  select s.*,
    case when s.object_kind in ('function', 'procedure') then pg_catalog.to_regprocedure(s.identity)::pg_catalog.oid end as routine,
    case when s.object_kind in ('table', 'view') then pg_catalog.to_regclass(s.identity)::pg_catalog.oid end as relation
  from scope as s
  where s.object_class = 'legacy' and s.moment = case ($1 ->> 'phase')
    when 'S15' then 'after_S15' when 'S16' then 'after_S16' when 'S17' then 'after_S17'
    when 'S18' then 'after_S17' when 'S19' then 'after_S17' else 'as_captured' end
), realized as (
  select m.identity, m.object_kind, m.owner_role, m.source_sha256, m.privilege_acl_hash, 'routine' as class,
    case p.prokind when 'f' then 'function' when 'p' then 'procedure' end as kind,
    pg_catalog.pg_get_userbyid(p.proowner)::text as owner, qt001_cp.h06(p.oid::pg_catalog.regprocedure) as source,
    coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner)) as acl, null::pg_catalog.oid as relation
  from member as m
  join pg_catalog.pg_proc as p on p.oid = m.routine
  union all
  select m.identity, m.object_kind, m.owner_role, m.source_sha256, m.privilege_acl_hash, 'relation',
    case c.relkind when 'r' then 'table' when 'v' then 'view' end,
    pg_catalog.pg_get_userbyid(c.relowner)::text,
    case c.relkind
      -- H06 of a view.
      when 'v' then pg_catalog.decode((select $1 -> 'views') ->> c.oid::pg_catalog.regclass::text, 'hex')
      -- A table is its columns and what fires on it. Asked of one table at a time: of the set nobody knows the size.
      when 'r' then (
        select qt001_cp.h05(pg_catalog.array_agg(l.line))
        from (
          select a.attname::text || '|' || pg_catalog.format_type(a.atttypid, a.atttypmod) || '|' || a.attnotnull::text as line
          from pg_catalog.pg_attribute as a
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          union all
          select 'trigger|' || t.tgname::text || '|' || pg_catalog.pg_get_triggerdef(t.oid) || '|' || t.tgenabled::text
          from pg_catalog.pg_trigger as t
          where t.tgrelid = c.oid and not t.tgisinternal) as l)
    end,
    coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner)), c.oid
  from member as m
  join pg_catalog.pg_class as c on c.oid = m.relation
), live as (
  select r.identity, r.object_kind, r.owner_role, r.source_sha256, r.privilege_acl_hash, r.kind, r.owner, r.source,
    -- H07, item by item, those of columns among them.
    pg_catalog.sha256(pg_catalog.convert_to('["H07","v1","' || r.class || '",' || pg_catalog.to_json(r.owner)::text || ',[' || coalesce((
      select pg_catalog.string_agg('[' || pg_catalog.to_json(i.grantee)::text || ',' || pg_catalog.to_json(i.grantor)::text || ','
          || pg_catalog.to_json(i.privilege)::text || ',' || i.is_grantable::text || ',' || coalesce(pg_catalog.to_json(i.column_name)::text, 'null') || ']',
        ',' order by i.grantee, i.grantor, i.privilege, i.column_name nulls first)
      from (
        select x.is_grantable, x.privilege_type collate "C" as privilege, x.column_name collate "C" as column_name,
          case x.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(x.grantee)::text end collate "C" as grantee,
          pg_catalog.pg_get_userbyid(x.grantor)::text collate "C" as grantor
        from (
          select e.grantee, e.grantor, e.privilege_type, e.is_grantable, null::text as column_name
          from pg_catalog.aclexplode(r.acl) as e
          union all
          select e.grantee, e.grantor, e.privilege_type, e.is_grantable, a.attname::text
          from pg_catalog.pg_attribute as a
          cross join lateral pg_catalog.aclexplode(a.attacl) as e
          where a.attrelid = r.relation and a.attacl is not null and not a.attisdropped) as x) as i), '') || ']]', 'UTF8')) as privileges
  from realized as r
), member_object as (
  select 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid as class, m.routine as oid from member as m where m.routine is not null
  union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, m.relation from member as m where m.relation is not null
), dependent as (
  select v.oid::pg_catalog.regclass::text as name, v.oid in (select o.relation from member as o) as sealed
  from (
    select distinct r.ev_class as oid
    from member_object as m
    join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.refclassid = m.class and d.refobjid = m.oid
    join pg_catalog.pg_rewrite as r on r.oid = d.objid and r.ev_class <> d.refobjid) as v
  union
  -- A frozen table fires a routine of the control plane, which #20 seals as such.
  select t.tgfoid::pg_catalog.regprocedure::text, t.tgfoid in (select o.routine from member as o) or t.tgfoid in (
    select pg_catalog.to_regprocedure(s.identity)::pg_catalog.oid from scope as s where s.object_class = 'routine' and s.object_kind = 'function')
  from pg_catalog.pg_trigger as t
  join member as m on m.relation = t.tgrelid
  where not t.tgisinternal
  union
  select p.oid::pg_catalog.regprocedure::text, p.oid in (select o.routine from member as o)
  from pg_catalog.pg_depend as d
  join pg_catalog.pg_proc as p on p.oid = d.objid
  join member_object as m on m.class = d.refclassid and m.oid = d.refobjid
  where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
), disposed as (
  -- Over all moments: whoever has a row has one disposition.
  select s.identity, pg_catalog.count(s.disposition) as dispositions
  from scope as s
  where s.object_class = 'legacy'
  group by s.identity
), classed as (
  select m.identity, m.object_kind is not null and m.owner_role is not null
    and (m.identity in (select s.identity from scope as s where s.object_class not in ('legacy', 'do_not_open'))) is not true as sound
  from member as m
), major as (
  select ($1 -> 'select_set' ->> 'server_major')::bigint as captured,
    pg_catalog.current_setting('server_version_num')::bigint / 10000 as live
)
select 'set_digest' as probe,
  (select d.member_count from denominator as d)::bigint as expected,
  (select pg_catalog.count(*) from member) * (select pg_catalog.count(*) from denominator as d
    where d.set_sha256 = qt001_cp.h05((select pg_catalog.array_agg(m.identity) from member as m))) as realized,
  (select pg_catalog.count(*) from member) as population,
  array[]::text[] as offenders
union all
select 'members_resolve',
  (select pg_catalog.count(*) from member), (select pg_catalog.count(*) from live), (select pg_catalog.count(*) from member),
  array(select d.identity collate "C" from (select identity from member except select identity from live) as d order by 1)
union all
select 'dependents_sealed',
  (select pg_catalog.count(*) from dependent), (select pg_catalog.count(*) from dependent as d where d.sealed), (select pg_catalog.count(*) from dependent),
  array(select d.name collate "C" from dependent as d where d.sealed is not true order by 1)
union all
select 'one_disposition',
  (select pg_catalog.count(*) from disposed), (select pg_catalog.count(*) from disposed as d where d.dispositions = 1), (select pg_catalog.count(*) from disposed),
  array(select d.identity collate "C" from disposed as d where d.dispositions is distinct from 1 order by 1)
union all
select 'none_unclassified',
  (select pg_catalog.count(*) from classed), (select pg_catalog.count(*) from classed as c where c.sound), (select pg_catalog.count(*) from classed),
  array(select c.identity collate "C" from classed as c where c.sound is not true order by 1)
union all
select 'kinds_identical',
  (select pg_catalog.count(*) from member), (select pg_catalog.count(*) from live as l where l.kind = l.object_kind), (select pg_catalog.count(*) from live),
  array(select l.identity collate "C" from live as l where l.kind is distinct from l.object_kind order by 1)
union all
select 'sources_identical',
  (select pg_catalog.count(*) from member), (select pg_catalog.count(*) from live as l where l.source = l.source_sha256), (select pg_catalog.count(*) from live),
  array(select l.identity collate "C" from live as l where l.source is distinct from l.source_sha256 order by 1)
union all
select 'privileges_identical',
  (select pg_catalog.count(*) from member), (select pg_catalog.count(*) from live as l where l.privileges = l.privilege_acl_hash),
  (select pg_catalog.count(*) from live),
  array(select l.identity collate "C" from live as l where l.privileges is distinct from l.privilege_acl_hash order by 1)
union all
select 'owners_identical',
  (select pg_catalog.count(*) from member), (select pg_catalog.count(*) from live as l where l.owner = l.owner_role), (select pg_catalog.count(*) from live),
  array(select l.identity collate "C" from live as l where l.owner is distinct from l.owner_role order by 1)
union all
select 'major_as_captured', (select m.captured from major as m), (select m.live from major as m),
  (select pg_catalog.count(*) from member as m where m.object_kind = 'view'),
  array(select ('captured on ' || m.captured || ', this server is ' || m.live) collate "C" from major as m where m.captured is distinct from m.live)
