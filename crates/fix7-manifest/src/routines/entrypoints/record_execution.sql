begin
  insert into {cp}.level_b_packet_execution (entrypoint, subject, subject_sha256, actor, control_epoch)
  select p_entrypoint, p_subject, p_subject_sha256, session_user, c.epoch
  from {cp}.control_epoch c;
end;
