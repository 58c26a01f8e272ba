begin
  return query
  select 'WRITER_TYPE_UNKNOWN', 'Q7034', 'writer_type_manifest', 'writer type ' || p_writer_type
  where not exists (
    select from {cp}.writer_type_manifest m
    join {cp}.latest_sealed l on l.manifest_id = m.manifest_id and l.surface_no = m.surface_no
    where m.writer_type::text = p_writer_type);
end;
