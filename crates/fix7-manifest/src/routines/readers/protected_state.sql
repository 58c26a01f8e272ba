declare
  v_scope constant uuid := (select l.manifest_id from {cp}.latest_sealed l where l.surface_no = {surface:authority_scope_manifest});
begin
  -- What can be seen of each object without reading its rows. A trigger belongs to its table's state and to that of the
  -- function that it fires: a birth trigger that sleeps shows, wherever it is.
  return query
  select o.object_identity,
    {cp}.h05(array_remove(array[
      'source ' || encode(o.source_sha256, 'hex'),
      'privileges ' || encode(o.privilege_acl_hash, 'hex')], null) || array(
        select 'trigger ' || t.tgrelid::regclass::text || '.' || t.tgname || ' ' || t.tgenabled::text || ' ' || t.tgfoid::regprocedure::text
        from pg_trigger t
        where not t.tgisinternal and (t.tgfoid = o.routine or t.tgrelid = o.relation))),
    (o.source_sha256, o.privilege_acl_hash) is not distinct from (o.sealed_source, o.sealed_privileges),
    greatest(coalesce((select c.reltuples from pg_class c where c.oid = o.relation), 0), 0)::bigint
  from (
    select x.object_identity::text, x.sealed_source, x.sealed_privileges, x.routine, x.relation,
      case when x.routine is not null then {cp}.h06(x.routine::regprocedure) else (
        select {cp}.h05(array_agg(a.attname::text || '|' || format_type(a.atttypid, a.atttypmod) || '|' || a.attnotnull::text))
        from pg_attribute a where a.attrelid = x.relation and a.attnum > 0 and not a.attisdropped) end as source_sha256,
      case when x.routine is not null then {cp}.h07_routine(x.routine::regprocedure) else {cp}.h07_relation(x.relation::regclass) end as privilege_acl_hash
    from (
      select s.object_identity, s.source_sha256::bytea as sealed_source, s.privilege_acl_hash::bytea as sealed_privileges,
        case when s.object_kind in ('function', 'procedure') then to_regprocedure(s.object_identity)::oid end as routine,
        case when s.object_kind in ('table', 'view') then to_regclass(s.object_identity)::oid end as relation
      from {cp}.authority_scope_manifest s
      where s.manifest_id = v_scope and s.object_class in ('do_not_touch', 'do_not_open')) x) o;
end;
