begin
  return query
  select 'NOTHING_ACTIVE', 'Q7036', 'manifest_activation', 'no set is active for ' || p_writer_type
  where p_action = 'supersede' and not exists (select from {cp}.active_set a where a.writer_type::text = p_writer_type);
end;
