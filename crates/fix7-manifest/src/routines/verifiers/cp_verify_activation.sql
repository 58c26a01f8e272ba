declare
  v_run uuid;
  v_found text;
begin
  -- From the activation's own lines, not from the newest sealed versions that the activation used.
  select case
      when h.action = 'activate' and h.set_sha256 is distinct from (
        select {cp}.h05(array_agg(lpad(e.surface_no::text, 2, '0') || ':' || encode(e.envelope_sha256, 'hex')))
        from {cp}.manifest_activation_line n
        join {cp}.manifest_envelope e on e.manifest_id = n.manifest_id and e.surface_no = n.surface_no and e.state = 'sealed'
        where n.writer_type = h.writer_type and n.control_epoch = h.control_epoch) then 'the lines do not have the digest of the activated set'
      when h.control_epoch > (select c.epoch from {cp}.control_epoch c) then 'the activation is ahead of the control epoch'
    end
  into v_found
  from {cp}.manifest_activation h
  where h.writer_type::text = p_writer_type
  order by h.control_epoch desc
  limit 1;
  if not found then
    v_found := 'there is no activation';
  end if;
  v_run := {cp}.record_run('{cp}.cp_verify_activation(text)', p_writer_type, case when v_found is null then 'pass' else 'fail' end);
  insert into {cp}.verification_finding (run_id, reason_code, object_name, detail)
  select v_run, 'SET_DIGEST_MISMATCH', 'manifest_activation', v_found where v_found is not null;
  return v_run;
end;
