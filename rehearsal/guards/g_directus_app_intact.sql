-- guard: G-DIRECTUS-APP-INTACT
-- invariant: What the application role may do with its own and with business tables is what it was before the cutover of owners.
-- why: Over-revoking breaks a live CMS.
-- probe: authority_unchanged directus authority over directus_* application tables and business base tables unchanged: its effective
--   privileges on each, both EXCEPTs
-- probe: owners_unchanged legitimately-owned: every such relation has the owner that it had
-- probe: acls_unchanged cutover touches only qt001_cp and enumerated legacy control objects: no grant on any other relation changed
-- probe: nothing_enumerated_twice enumerated: none of these relations is a sealed member or of the control plane
-- input: app_authority owner, privileges digest and effective privileges of the application role on each relation before S16
-- input: select_set the application role
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
), before as (
  select b.key as name, b.value ->> 0 as owner, b.value ->> 1 as acl, b.value ->> 2 as held, pg_catalog.to_regclass(b.key)::pg_catalog.oid as oid
  from pg_catalog.jsonb_each($1 -> 'app_authority') as b
), application as (
  select r.oid from pg_catalog.pg_roles as r where r.rolname = (select $1 -> 'select_set' ->> 'reader')
), acl_item as (
  -- H07 of every object at once: item by item, those of columns among them.
  select b.oid, x.grantee, x.grantor, x.privilege_type, x.is_grantable, null::text as column_name
  from before as b
  join pg_catalog.pg_class as c on c.oid = b.oid
  cross join lateral pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault(
    case c.relkind when 'S' then 's' else 'r' end::pg_catalog."char", c.relowner))) as x
  union all
  select b.oid, x.grantee, x.grantor, x.privilege_type, x.is_grantable, t.attname::text
  from before as b
  join pg_catalog.pg_attribute as t on t.attrelid = b.oid and not t.attisdropped
  cross join lateral pg_catalog.aclexplode(t.attacl) as x
), acl as (
  select i.oid, pg_catalog.string_agg('[' || pg_catalog.to_json(i.grantee)::text || ',' || pg_catalog.to_json(i.grantor)::text || ','
    || pg_catalog.to_json(i.privilege)::text || ',' || i.is_grantable::text || ',' || coalesce(pg_catalog.to_json(i.column_name)::text, 'null') || ']',
    ',' order by i.grantee, i.grantor, i.privilege, i.column_name nulls first) as items
  from (
    select a.oid, a.is_grantable, a.privilege_type collate "C" as privilege, a.column_name collate "C" as column_name,
      case a.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee)::text end collate "C" as grantee,
      pg_catalog.pg_get_userbyid(a.grantor)::text collate "C" as grantor
    from acl_item as a) as i
  group by i.oid
), after as (
  select b.name, pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
    pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
      '["H07","v1","relation",' || pg_catalog.to_json(pg_catalog.pg_get_userbyid(c.relowner)::text)::text || ',[' || coalesce(l.items, '') || ']]', 'UTF8')), 'hex') as acl,
    case when c.relkind = 'S' then pg_catalog.array_to_string(array(
      select v.privilege from (values ('SELECT'), ('UPDATE'), ('USAGE')) as v (privilege)
      where pg_catalog.has_sequence_privilege(a.oid, c.oid, v.privilege)), ',')
    else pg_catalog.array_to_string(array(
      select v.privilege from (values ('DELETE'), ('INSERT'), ('REFERENCES'), ('SELECT'), ('TRIGGER'), ('TRUNCATE'), ('UPDATE')) as v (privilege)
      where pg_catalog.has_table_privilege(a.oid, c.oid, v.privilege)), ',') end as held
  from before as b
  join pg_catalog.pg_class as c on c.oid = b.oid
  cross join application as a
  left join acl as l on l.oid = b.oid
)
select 'authority_unchanged' as probe, (select pg_catalog.count(*) from before) as expected,
  (select pg_catalog.count(*) from before as b join after as a on a.name = b.name and a.held = b.held) as realized, (select pg_catalog.count(*) from before) as population,
  array(select b.name collate "C" from before as b left join after as a on a.name = b.name where a.held is distinct from b.held order by 1) as offenders
union all
select 'owners_unchanged', (select pg_catalog.count(*) from before), (select pg_catalog.count(*) from before as b join after as a on a.name = b.name and a.owner = b.owner),
  (select pg_catalog.count(*) from before),
  array(select b.name collate "C" from before as b left join after as a on a.name = b.name where a.owner is distinct from b.owner order by 1)
union all
select 'acls_unchanged', (select pg_catalog.count(*) from before), (select pg_catalog.count(*) from before as b join after as a on a.name = b.name and a.acl = b.acl),
  (select pg_catalog.count(*) from before),
  array(select b.name collate "C" from before as b left join after as a on a.name = b.name where a.acl is distinct from b.acl order by 1)
union all
select 'nothing_enumerated_twice', 0, (select pg_catalog.count(*) from before as b join legacy as l on l.relation = b.oid),
  (select pg_catalog.count(b.oid) from before as b) * least((select pg_catalog.count(l.relation) from legacy as l), 1),
  array(select b.name collate "C" from before as b join legacy as l on l.relation = b.oid order by 1)
