declare
  v_scope constant uuid := (select l.manifest_id from {cp}.latest_sealed l where l.surface_no = {surface:authority_scope_manifest});
begin
  -- Everything that a change of owners could move: each member and its sequences with the grants on columns, the schemas,
  -- default privileges, memberships, and what every role effectively holds on all of these.
  return query
  with member as (
    select s.object_identity::text as name,
      case when s.object_kind in ('function', 'procedure') then to_regprocedure(s.object_identity)::oid end as routine,
      case when s.object_kind in ('table', 'view') then to_regclass(s.object_identity)::oid end as relation
    from {cp}.authority_scope_manifest s
    where s.manifest_id = v_scope and s.object_class = 'legacy' and s.moment = 'as_captured'
  ), own_sequence as (
    select c.oid, c.oid::regclass::text as name
    from member m
    join pg_depend d on d.refobjid = m.relation and d.deptype in ('a', 'i')
    join pg_class c on c.oid = d.objid and c.tableoid = d.classid and c.tableoid = d.refclassid and c.relkind = 'S'
  ), home as (
    select n.oid, n.nspname::text as name from pg_namespace n
    where n.nspname = '{cp}' or n.oid in (select c.relnamespace from member m join pg_class c on c.oid = m.relation)
      or n.oid in (select p.pronamespace from member m join pg_proc p on p.oid = m.routine)
  ), actor as (
    select r.rolname::text as name from pg_roles r where not r.rolsuper
    union all
    select 'public'
  ), effective as (
    select a.name as role, v.privilege || ' ' || m.name as line
    from actor a cross join member m
    cross join (values ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) v (privilege)
    where m.relation is not null and has_table_privilege(a.name, m.relation, v.privilege)
    union all
    select a.name, 'column ' || v.privilege || ' ' || m.name || ' ' || t.attname
    from member m
    join pg_attribute t on t.attrelid = m.relation and t.attacl is not null and not t.attisdropped
    cross join actor a
    cross join (values ('SELECT'), ('INSERT'), ('UPDATE'), ('REFERENCES')) v (privilege)
    where has_column_privilege(a.name, m.relation, t.attnum, v.privilege)
    union all
    select a.name, v.privilege || ' ' || m.name from actor a
    cross join (
      select r.name, r.routine, p.proowner from member r join pg_proc p on p.oid = r.routine) m
    cross join lateral (select distinct x.privilege_type from aclexplode(acldefault('f', m.proowner)) x) v (privilege)
    where has_function_privilege(a.name, m.routine, v.privilege)
    union all
    select a.name, v.privilege || ' ' || s.name from actor a cross join own_sequence s
    cross join (values ('SELECT'), ('UPDATE'), ('USAGE')) v (privilege) where has_sequence_privilege(a.name, s.oid, v.privilege)
    union all
    select a.name, v.privilege || ' schema ' || h.name from actor a cross join home h
    cross join (values ('USAGE'), ('CREATE')) v (privilege) where has_schema_privilege(a.name, h.oid, v.privilege)
  )
  select m.name, case when m.routine is not null then {cp}.h07_routine(m.routine::regprocedure) else {cp}.h07_relation(m.relation::regclass) end from member m
  union all
  select s.name, {cp}.h07_relation(s.oid::regclass) from own_sequence s
  union all
  select 'schema ' || h.name, {cp}.h07_schema(h.oid::regnamespace) from home h
  union all
  select concat('default privileges of ', pg_get_userbyid(d.defaclrole), ' on ', d.defaclobjtype, ' in ' || d.defaclnamespace::regnamespace::text),
    sha256(convert_to(coalesce(string_agg(x.item, E'\n' order by x.item collate "C"), ''), 'UTF8'))
  from pg_default_acl d
  left join lateral (
    select concat(i.grantee::regrole::text, ' ', i.privilege_type, ' ', i.is_grantable, ' by ', i.grantor::regrole::text) as item from aclexplode(d.defaclacl) i) x on true
  group by d.oid, d.defaclrole, d.defaclobjtype, d.defaclnamespace
  union all
  -- INHERIT and SET are said of a membership from 16 on.
  select 'memberships of ' || a.member::regrole::text,
    sha256(convert_to(string_agg(concat(a.roleid::regrole::text, ' by ', a.grantor::regrole::text, ' ', a.admin_option, ' ', to_jsonb(a) ->> 'inherit_option', ' ',
      to_jsonb(a) ->> 'set_option'), E'\n' order by a.roleid::regrole::text collate "C", a.grantor::regrole::text collate "C"), 'UTF8'))
  from pg_auth_members a group by a.member
  union all
  select 'effective rights of ' || quote_ident(a.name), sha256(convert_to(coalesce((
    select string_agg(e.line, E'\n' order by e.line collate "C") from effective e where e.role = a.name), ''), 'UTF8'))
  from actor a;
end;
