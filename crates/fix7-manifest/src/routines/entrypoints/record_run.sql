declare
  v_run uuid;
begin
  insert into {cp}.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, set_sha256, principal_id)
  select p_verifier, {cp}.h06(p_verifier::regprocedure), p_subject, p_verdict, c.epoch,
    (select a.set_sha256 from {cp}.active_set a where a.writer_type::text = p_subject), {cp}.session_principal()
  from {cp}.control_epoch c
  returning run_id into v_run;
  return v_run;
end;
