begin
  return query
  with bounds as (
    select
      -- #20 is judged by its own set and judges the whole schema; the others by the newest set there is.
      case when p_surface_no = {surface:authority_scope_manifest} then p_manifest_id else (
        select e.manifest_id from {cp}.manifest_envelope e
        where e.surface_no = {surface:authority_scope_manifest} order by (e.state = 'sealed') desc, e.version desc limit 1) end as expected_by,
      case when p_surface_no = {surface:authority_scope_manifest} then null else (
        select t.table_name from {cp}.surface_table t where t.surface_no = p_surface_no) end as relation_name
  ), expected as (
    select x.object_kind::text, x.relation_name::text, x.object_name::text, x.definition::text
    from {cp}.expected_constraint x, bounds b
    where x.manifest_id = b.expected_by and (b.relation_name is null or x.relation_name::text = b.relation_name)
  ), realized as (
    select r.object_kind, r.relation_name, r.object_name, r.definition
    from bounds b, {cp}.realized_constraint(b.relation_name) r
  ), difference as (
    (select 'missing' as side, d.* from (select * from expected except select * from realized) d)
    union all
    (select 'unexpected', d.* from (select * from realized except select * from expected) d)
    union all
    select 'nothing is expected of', 'constraint', b.relation_name, '', ''
    from bounds b where not exists (select from expected)
  )
  select 'OBJECT_AUTHORITY_IMMUTABLE', 'Q7001', d.relation_name,
    d.side || ' ' || d.object_kind || ' ' || d.relation_name || '.' || d.object_name
  from difference d
  order by d.relation_name, d.object_kind, d.object_name, d.side;
end;
