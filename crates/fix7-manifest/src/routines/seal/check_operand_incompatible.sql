begin
  -- No other surface has one, so none pays for the search.
  if p_surface_no not in ({surface:policy_rule_manifest}, {surface:capability_measurement_requirement}, {surface:threshold_manifest}) then
    return;
  end if;
  return query
  select 'OPERAND_INCOMPATIBLE', 'Q7015', u.table_name, u.item_key || ' applies ' || u.operator || ' to ' || u.operand_type
  from (
    select 'policy_rule_manifest' as table_name, r.manifest_id, r.surface_no, r.item_key, r.operator, r.operand_type
    from {cp}.policy_rule_manifest r
    union all
    select 'capability_measurement_requirement', c.manifest_id, c.surface_no, c.item_key, c.operator, c.operand_type
    from {cp}.capability_measurement_requirement c
    union all
    select 'threshold_manifest', h.manifest_id, h.surface_no, h.item_key, h.operator, h.operand_type
    from {cp}.threshold_manifest h) u
  where u.manifest_id = p_manifest_id and u.surface_no = p_surface_no
    and not exists (
      select from {cp}.operator_operand_compatibility k
      where k.operator = u.operator and k.operand_type = u.operand_type
        and k.manifest_id = (
          select e.manifest_id from {cp}.manifest_envelope e
          where e.surface_no = {surface:operator_operand_compatibility} order by (e.state = 'sealed') desc, e.version desc limit 1))
  order by u.item_key;
end;
