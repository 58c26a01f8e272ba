begin
  -- No other surface has one, so none pays for the search.
  if p_surface_no not in ({surface:policy_rule_manifest}, {surface:capability_measurement_requirement}) then
    return;
  end if;
  return query
  select 'THRESHOLD_UNRESOLVED', 'Q7016', u.table_name, u.item_key || ' refers to threshold ' || u.threshold
  from (
    select 'policy_rule_manifest' as table_name, r.manifest_id, r.surface_no, r.item_key, r.threshold, r.operand_type
    from {cp}.policy_rule_manifest r
    union all
    select 'capability_measurement_requirement', c.manifest_id, c.surface_no, c.item_key, c.threshold, c.operand_type
    from {cp}.capability_measurement_requirement c) u
  where u.manifest_id = p_manifest_id and u.surface_no = p_surface_no
    and not exists (
      select from {cp}.threshold_manifest h
      where h.threshold = u.threshold and h.operand_type = u.operand_type
        and h.manifest_id = (
          select e.manifest_id from {cp}.manifest_envelope e
          where e.surface_no = {surface:threshold_manifest} order by (e.state = 'sealed') desc, e.version desc limit 1))
  order by u.item_key;
end;
