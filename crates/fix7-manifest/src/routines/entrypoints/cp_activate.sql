begin
  -- The lock makes reading the epoch and binding it one step; the insert trigger runs every activation check.
  perform from {cp}.control_epoch c for update;
  insert into {cp}.manifest_activation (writer_type, control_epoch, action, set_sha256, actor)
  values (p_writer_type, p_expected_epoch + 1, 'activate', p_expected_set_sha256, session_user);
  insert into {cp}.manifest_activation_line (writer_type, control_epoch, surface_no, manifest_id)
  select p_writer_type, p_expected_epoch + 1, l.surface_no, l.manifest_id from {cp}.latest_sealed l;
  update {cp}.control_epoch set epoch = epoch + 1;
  perform {cp}.record_execution('cp_activate', p_writer_type, p_expected_set_sha256);
end;
