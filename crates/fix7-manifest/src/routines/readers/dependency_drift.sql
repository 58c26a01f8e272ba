declare
  v_schema constant oid := (select n.oid from pg_namespace n where n.nspname = '{cp}');
  v_relations constant oid[] := array(select c.oid from pg_class c where c.relnamespace = v_schema and c.relkind in ('r', 'p', 'v', 'm'));
  v_closure constant uuid := (
    select a.manifest_id from {cp}.active_manifest a
    where a.writer_type::text = p_writer_type and a.surface_no = {surface:dependency_manifest});
  v_scope constant uuid := (
    select a.manifest_id from {cp}.active_manifest a
    where a.writer_type::text = p_writer_type and a.surface_no = {surface:authority_scope_manifest});
begin
  -- What nobody reviewed is not assumed to be harmless: each answer is UNKNOWN_REQUIRES_REVIEW [ruling B10].
  return query
  with sealed as (
    select d.from_object::text, d.to_object::text, d.from_body_sha256::bytea
    from {cp}.dependency_manifest d where d.manifest_id = v_closure
  ), found as (
    -- The edges of a body are known for the body in which they were found, and for no other.
    select 'body of ' || x.from_object as what
    from (select distinct s.from_object, s.from_body_sha256 from sealed s where s.from_body_sha256 is not null) x
    where {cp}.h06(to_regprocedure(x.from_object)) is distinct from x.from_body_sha256
    union all
    select 'routine ' || d.identity
    from (
      select p.oid::regprocedure::text as identity from pg_proc p where p.pronamespace = v_schema
      except
      select o.object_identity::text from {cp}.authority_scope_manifest o where o.manifest_id = v_scope and o.object_class = 'routine') d
    union all
    select 'edge ' || d.from_object || ' -> ' || d.to_object
    from (
      (select t.tgrelid::regclass::text as from_object, t.tgfoid::regprocedure::text as to_object
      from pg_trigger t
      where t.tgrelid = any (v_relations) and not t.tgisinternal
      union
      select r.ev_class::regclass::text, c.oid::regclass::text
      from pg_rewrite r
      join pg_depend d on d.classid = r.tableoid and d.objid = r.oid
      join pg_class c on c.tableoid = d.refclassid and c.oid = d.refobjid and c.oid <> r.ev_class
      where r.ev_class = any (v_relations)
      union
      select r.ev_class::regclass::text, p.oid::regprocedure::text
      from pg_rewrite r
      join pg_depend d on d.classid = r.tableoid and d.objid = r.oid
      join pg_proc p on p.tableoid = d.refclassid and p.oid = d.refobjid
      where r.ev_class = any (v_relations))
      except
      select s.from_object, s.to_object from sealed s) d
  )
  select 'UNKNOWN_REQUIRES_REVIEW ' || f.what from found f order by f.what collate "C";
end;
