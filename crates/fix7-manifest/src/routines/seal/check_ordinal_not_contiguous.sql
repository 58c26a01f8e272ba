begin
  return query
  select 'ORDINAL_NOT_CONTIGUOUS', 'Q7010', t.table_name,
    'expected ordinal ' || g.ordinal || ', found ' || g.found
  from (
    select i.ordinal as found, row_number() over (order by i.ordinal) as ordinal
    from {cp}.items_of(p_manifest_id, p_surface_no) i) g
  join {cp}.surface_table t on t.surface_no = p_surface_no
  where g.found <> g.ordinal
  order by g.ordinal
  limit 1;
end;
