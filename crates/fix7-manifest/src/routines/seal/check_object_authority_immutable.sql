declare
  v_expected_by uuid := p_manifest_id;
  v_relation text;
begin
  -- #20 is judged by its own set and judges the whole schema; the others by the newest set there is.
  if p_surface_no is distinct from {surface:authority_scope_manifest} then
    v_expected_by := (
      select e.manifest_id from {cp}.manifest_envelope e
      where e.surface_no = {surface:authority_scope_manifest} order by (e.state = 'sealed') desc, e.version desc limit 1);
    v_relation := (select t.table_name from {cp}.surface_table t where t.surface_no = p_surface_no);
  end if;
  return query
  with expected as materialized (
    select x.object_kind::text, x.relation_name::text, x.object_name::text, x.definition::text
    from {cp}.expected_constraint x
    where x.manifest_id = v_expected_by and (v_relation is null or x.relation_name::text = v_relation)
  ), difference as (
    select case when r.object_name is null then 'missing' else 'unexpected' end as side,
      coalesce(x.object_kind, r.object_kind) as object_kind,
      coalesce(x.relation_name, r.relation_name) as relation_name,
      coalesce(x.object_name, r.object_name) as object_name
    from expected x
    full join {cp}.realized_constraint(v_relation) r
      on (r.object_kind, r.relation_name, r.object_name, r.definition) = (x.object_kind, x.relation_name, x.object_name, x.definition)
    where x.object_name is null or r.object_name is null
    union all
    select 'nothing is expected of', 'constraint', v_relation, ''
    where not exists (select from expected)
  )
  select 'OBJECT_AUTHORITY_IMMUTABLE', 'Q7001', d.relation_name,
    d.side || ' ' || d.object_kind || ' ' || d.relation_name || '.' || d.object_name
  from difference d
  order by d.relation_name, d.object_kind, d.object_name, d.side;
end;
