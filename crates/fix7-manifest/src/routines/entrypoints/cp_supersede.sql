declare
  v_set bytea;
begin
  perform from {cp}.control_epoch c for update;
  select a.set_sha256 into v_set from {cp}.active_set a where a.writer_type::text = p_writer_type;
  insert into {cp}.manifest_activation (writer_type, control_epoch, action, actor)
  values (p_writer_type, p_expected_epoch + 1, 'supersede', session_user);
  update {cp}.control_epoch set epoch = epoch + 1;
  perform {cp}.record_execution('cp_supersede', p_writer_type, v_set);
end;
