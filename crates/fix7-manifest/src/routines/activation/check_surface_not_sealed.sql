begin
  return query
  select 'SURFACE_NOT_SEALED', 'Q7035', t.table_name, 'surface ' || t.surface_no || ' has no sealed version'
  from {cp}.surface_table t
  where p_action = 'activate'
    and not exists (select from {cp}.latest_sealed l where l.surface_no = t.surface_no)
  order by t.surface_no;
end;
