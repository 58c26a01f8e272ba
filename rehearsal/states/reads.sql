-- Every read of the active #21 as a statement that its reader can try.
select pg_catalog.format('select %s from %s limit 0', case d.column_name when '' then '*' else pg_catalog.quote_ident(d.column_name) end, d.relation)
from qt001_cp.directus_read_contract as d
join qt001_cp.active_manifest as m on m.manifest_id = d.manifest_id and m.surface_no = d.surface_no
order by d.relation collate "C", d.column_name collate "C"
