select 'ORDINAL_NOT_CONTIGUOUS', 'Q7010', t.table_name,
  'expected ordinal ' || g.ordinal || ', found ' || g.found
from (
  select i.ordinal as found, row_number() over (order by i.ordinal) as ordinal
  from {cp}.surface_item i
  where i.manifest_id = p_manifest_id and i.surface_no = p_surface_no) g
join {cp}.surface_table t on t.surface_no = p_surface_no
where g.found <> g.ordinal
order by g.ordinal
limit 1
