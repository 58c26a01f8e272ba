-- guard: G-DOT-NOOVERWRITE
-- invariant: Nobody but the owner can overwrite a control object or the writer gateway; an overwrite of the birth gateway is seen;
--   a script that can't be read counts as one that overwrites.
-- why: An overwrite by an old script undoes everything.
-- probe: schema_closed (a) nspacl of qt001_cp: no CREATE for PUBLIC, directus or any non-owner; before it exists, nobody has taken its name
-- probe: objects_owned (a) owner of every control object incl. the writer gateway is the owner; before, nothing lies where they will
-- probe: sources_bound (a) #26/#27 bound source_sha256 are the live ones at this phase; before, the captured bodies are
-- probe: birth_gateway_detected (b) the birth gateway: an overwrite is detected: every do_not_touch routine has its source
-- probe: overwriters_frozen (b) prevented in practice by DOT-118/119 frozen: each frozen script's flag is set
-- probe: scripts_readable (c) an unreadable/absent DOT body is a candidate overwrite vector and blocks
-- probe: leads_decided (c) each body that would create, replace, alter or drop a control object or a gateway, or whose target can't
--   be read: the owner isolates the object, or the script's tool is frozen; the text is a lead, flags and owners decide
-- input: dot the deployed scripts with every read error and what each body would overwrite, and the codes of those that stay frozen
-- input: legacy_set captured bodies of what is stubbed and of what no package touches
-- input: phase the step that is being measured
-- input: moment before or after it
-- stage: no-control-plane
with script as (
  select f.value ->> 'path' as path, f.value ->> 'error' as error, f.value ->> 'sha256' as sha256, f.value -> 'overwrites' as overwrites
  from pg_catalog.jsonb_array_elements($1 -> 'dot' -> 'files') as f (value)
), tool as (
  select t.code::text as code, t.script_path, t.frozen from public.dot_tools as t where t.script_path is not null
), frozen as (
  select f.value as code from pg_catalog.jsonb_array_elements_text($1 -> 'dot' -> 'frozen') as f (value)
), script_drift as (
  select 'unreadable ' || s.path as offender from script as s where s.error is not null or s.sha256 is null or pg_catalog.jsonb_typeof(s.overwrites) is distinct from 'array'
  union all
  (select 'absent ' || d.path from (select script_path as path from tool except select path from script) as d)
), place as (
  select s.oid, s.nspname::text as name from pg_catalog.pg_namespace as s
), claimed as (
  select p.name from place as p where p.name = 'qt001_cp'
), pinned as (
  select m.value ->> 0 as identity, m.value ->> 5 as body_sha256
  from pg_catalog.jsonb_array_elements($1 -> 'legacy_set' -> 'members') as m (value)
  where m.value ->> 2 = 'STUB_FAIL_CLOSED'
), untouched as (
  select m.value ->> 0 as identity, m.value ->> 1 as body_sha256
  from pg_catalog.jsonb_array_elements($1 -> 'legacy_set' -> 'do_not_touch') as m (value)
  where m.value ->> 1 is not null
), live as (
  select p.oid::pg_catalog.regprocedure::text as identity, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex') as body_sha256
  from pg_catalog.pg_proc as p
  where p.oid in (select pg_catalog.to_regprocedure(x.identity) from (select identity from pinned union all select identity from untouched) as x)
), lead as (
  select s.path, l.value ->> 0 as verb, l.value ->> 1 as kind, l.value ->> 2 as schema_name, l.value ->> 3 as name
  from script as s cross join lateral pg_catalog.jsonb_array_elements(
    case pg_catalog.jsonb_typeof(s.overwrites) when 'array' then s.overwrites end) as l (value)
), guarded as (
  -- What may not be overwritten: the birth gateway, and everything that will be the control plane's.
  select n.nspname::text as schema_name, p.proname::text as name, 'routine' as kind, false as isolated
  from untouched as u
  join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(u.identity)
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
), judged as (
  -- A name that is put together at run time may be any; one without a schema may be in each.
  select l.path, l.verb || ' ' || l.kind || ' ' || coalesce(l.schema_name || '.', '') || coalesce(l.name, '?') as what,
    exists (select from tool as t where t.script_path = l.path and t.frozen)
      or not exists (
        select from guarded as g
        where not g.isolated and (l.name is null or l.kind = 'schema' or g.kind = l.kind)
          and (l.name is null or case l.kind when 'schema' then g.schema_name = l.name else g.name = l.name
            and (l.schema_name is null or l.schema_name = g.schema_name) end))
        and 'qt001_cp' is distinct from case l.kind when 'schema' then l.name else l.schema_name end as decided
  from lead as l
)
select 'schema_closed' as probe, 0::bigint as expected, (select pg_catalog.count(*) from claimed) as realized, (select pg_catalog.count(*) from place) as population,
  array(select c.name collate "C" from claimed as c order by 1) as offenders
union all
select 'objects_owned', 0, (select pg_catalog.count(*) from pg_catalog.pg_class as c join place as p on p.oid = c.relnamespace join claimed as l on l.name = p.name),
  (select pg_catalog.count(*) from pg_catalog.pg_class),
  array(select c.relname::text collate "C" from pg_catalog.pg_class as c join place as p on p.oid = c.relnamespace join claimed as l on l.name = p.name order by 1)
union all
select 'sources_bound', (select pg_catalog.count(*) from pinned), (select pg_catalog.count(*) from pinned as p join live as l on l.identity = p.identity and l.body_sha256 = p.body_sha256),
  (select pg_catalog.count(*) from pinned),
  array(select p.identity collate "C" from pinned as p
    where not exists (select from live as l where l.identity = p.identity and l.body_sha256 = p.body_sha256) order by 1)
union all
select 'birth_gateway_detected', (select pg_catalog.count(*) from untouched),
  (select pg_catalog.count(*) from untouched as u join live as l on l.identity = u.identity and l.body_sha256 = u.body_sha256), (select pg_catalog.count(*) from untouched),
  array(select u.identity collate "C" from untouched as u
    where not exists (select from live as l where l.identity = u.identity and l.body_sha256 = u.body_sha256) order by 1)
union all
select 'scripts_readable', 0, (select pg_catalog.count(*) from script_drift), (select pg_catalog.count(*) from script),
  array(select d.offender collate "C" from script_drift as d order by 1)
union all
select 'leads_decided', (select pg_catalog.count(*) from judged), (select pg_catalog.count(*) from judged as j where j.decided), (select pg_catalog.count(*) from script),
  array(select distinct (j.path || ' would ' || j.what) collate "C" from judged as j where j.decided is not true order by 1)
union all
select 'overwriters_frozen', (select pg_catalog.count(*) from frozen), (select pg_catalog.count(*) from frozen as f join tool as t on t.code = f.code and t.frozen),
  (select pg_catalog.count(*) from frozen),
  array(select f.code collate "C" from frozen as f where not exists (select from tool as t where t.code = f.code and t.frozen) order by 1)
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id, e.state
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), script as (
  select f.value ->> 'path' as path, f.value ->> 'error' as error, f.value ->> 'sha256' as sha256, f.value -> 'overwrites' as overwrites
  from pg_catalog.jsonb_array_elements($1 -> 'dot' -> 'files') as f (value)
), tool as (
  select t.code::text as code, t.script_path, t.frozen from public.dot_tools as t where t.script_path is not null
), frozen as (
  select f.value as code from pg_catalog.jsonb_array_elements_text($1 -> 'dot' -> 'frozen') as f (value)
), script_drift as (
  select 'unreadable ' || s.path as offender from script as s where s.error is not null or s.sha256 is null or pg_catalog.jsonb_typeof(s.overwrites) is distinct from 'array'
  union all
  (select 'absent ' || d.path from (select script_path as path from tool except select path from script) as d)
), plane_owner as (
  select r.oid, r.rolname::text as name
  from pg_catalog.pg_namespace as s
  join pg_catalog.pg_roles as r on r.oid = s.nspowner
  where s.nspname = 'qt001_cp'
), creating as (
  select coalesce(g.rolname::text, 'PUBLIC') as name
  from pg_catalog.pg_namespace as s
  cross join lateral pg_catalog.aclexplode(coalesce(s.nspacl, pg_catalog.acldefault('n', s.nspowner))) as x
  left join pg_catalog.pg_roles as g on g.oid = x.grantee
  where s.nspname = 'qt001_cp' and x.privilege_type = 'CREATE' and x.grantee <> s.nspowner
  union
  select r.rolname::text from pg_catalog.pg_roles as r, plane_owner as o
  where r.oid <> o.oid and not r.rolsuper and r.oid >= 16384 and pg_catalog.has_schema_privilege(r.oid, 'qt001_cp', 'CREATE')
), object as (
  select c.oid::pg_catalog.regclass::text as name, c.relowner as owner, c.oid as relation, null::pg_catalog.oid as routine,
    c.relowner = s.nspowner and not exists (select from creating) as isolated
  from pg_catalog.pg_class as c join pg_catalog.pg_namespace as s on s.oid = c.relnamespace and s.nspname = 'qt001_cp' where c.relkind in ('r', 'p', 'v', 'm', 'S')
  union all
  select p.oid::pg_catalog.regprocedure::text, p.proowner, null, p.oid, p.proowner = s.nspowner and not exists (select from creating)
  from pg_catalog.pg_proc as p join pg_catalog.pg_namespace as s on s.oid = p.pronamespace and s.nspname = 'qt001_cp'
), bound as (
  select g.gateway::text as identity, g.source_sha256::bytea as source_sha256
  from qt001_cp.gateway_manifest as g join newest as n on n.manifest_id = g.manifest_id and n.surface_no = g.surface_no
  union
  select r.object_identity::text, case when ($1 ->> 'phase') in ('S15', 'S16', 'S17', 'S18', 'S19') and ($1 ->> 'moment') <> 'before'
      then r.new_source_sha256::bytea else r.old_source_sha256::bytea end
  from qt001_cp.writer_repoint_manifest as r join newest as n on n.manifest_id = r.manifest_id and n.surface_no = r.surface_no
), untouched as (
  select a.object_identity::text as identity, qt001_cp.h06(pg_catalog.to_regprocedure(a.object_identity)) = a.source_sha256::bytea as same
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.object_class = 'do_not_touch' and a.object_kind = 'function'
), lead as (
  select s.path, l.value ->> 0 as verb, l.value ->> 1 as kind, l.value ->> 2 as schema_name, l.value ->> 3 as name
  from script as s cross join lateral pg_catalog.jsonb_array_elements(
    case pg_catalog.jsonb_typeof(s.overwrites) when 'array' then s.overwrites end) as l (value)
), guarded as (
  -- What may not be overwritten: the birth gateway, which nobody isolates, and control objects, where they are not the owner's or the schema is open.
  select n.nspname::text as schema_name, p.proname::text as name, 'routine' as kind, false as isolated
  from untouched as u
  join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(u.identity)
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  union all
  select 'qt001_cp', p.proname::text, 'routine', b.isolated
  from object as b join pg_catalog.pg_proc as p on p.oid = b.routine
  union all
  select 'qt001_cp', c.relname::text, 'relation', b.isolated
  from object as b join pg_catalog.pg_class as c on c.oid = b.relation
), judged as (
  -- A name that is put together at run time may be any; one without a schema may be in each.
  select l.path, l.verb || ' ' || l.kind || ' ' || coalesce(l.schema_name || '.', '') || coalesce(l.name, '?') as what,
    exists (select from tool as t where t.script_path = l.path and t.frozen)
      or not exists (
        select from guarded as g
        where not g.isolated and (l.name is null or l.kind = 'schema' or g.kind = l.kind)
          and (l.name is null or case l.kind when 'schema' then g.schema_name = l.name else g.name = l.name
            and (l.schema_name is null or l.schema_name = g.schema_name) end)) as decided
  from lead as l
)
select 'schema_closed' as probe, 0::bigint as expected, (select pg_catalog.count(*) from creating) as realized, (select pg_catalog.count(*) from plane_owner) as population,
  array(select c.name collate "C" from creating as c order by 1) as offenders
union all
select 'objects_owned', (select pg_catalog.count(*) from object), (select pg_catalog.count(*) from object as b join plane_owner as o on o.oid = b.owner),
  (select pg_catalog.count(*) from object),
  array(select b.name collate "C" from object as b where not exists (select from plane_owner as o where o.oid = b.owner) order by 1)
union all
select 'sources_bound', (select pg_catalog.count(*) from bound),
  (select pg_catalog.count(*) from bound as b where qt001_cp.h06(pg_catalog.to_regprocedure(b.identity)) = b.source_sha256), (select pg_catalog.count(*) from bound),
  array(select b.identity collate "C" from bound as b where (qt001_cp.h06(pg_catalog.to_regprocedure(b.identity)) = b.source_sha256) is not true order by 1)
union all
select 'birth_gateway_detected', (select pg_catalog.count(*) from untouched), (select pg_catalog.count(*) from untouched as u where u.same), (select pg_catalog.count(*) from untouched),
  array(select u.identity collate "C" from untouched as u where u.same is not true order by 1)
union all
select 'scripts_readable', 0, (select pg_catalog.count(*) from script_drift), (select pg_catalog.count(*) from script),
  array(select d.offender collate "C" from script_drift as d order by 1)
union all
select 'leads_decided', (select pg_catalog.count(*) from judged), (select pg_catalog.count(*) from judged as j where j.decided), (select pg_catalog.count(*) from script),
  array(select distinct (j.path || ' would ' || j.what) collate "C" from judged as j where j.decided is not true order by 1)
union all
select 'overwriters_frozen', (select pg_catalog.count(*) from frozen), (select pg_catalog.count(*) from frozen as f join tool as t on t.code = f.code and t.frozen),
  (select pg_catalog.count(*) from frozen),
  array(select f.code collate "C" from frozen as f where not exists (select from tool as t where t.code = f.code and t.frozen) order by 1)
