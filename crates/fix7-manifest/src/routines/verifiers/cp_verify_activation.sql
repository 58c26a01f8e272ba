declare
  v_run uuid;
  v_found text[];
begin
  -- From each activation's own lines, not from the newest sealed versions that it used.
  v_found := array(
    select case
        when h.action = 'activate' and h.set_sha256 is distinct from n.set_sha256
          then 'the lines of epoch ' || h.control_epoch || ' do not have the digest of the activated set'
        when h.action = 'supersede' and n.lines > 0 then 'the supersession of epoch ' || h.control_epoch || ' has lines'
        when h.action = 'supersede' and h.control_epoch = newest.control_epoch
          and exists (select from {cp}.active_set a where a.writer_type = h.writer_type) then 'a superseded set is still active'
        when h.control_epoch > c.epoch then 'the activation is ahead of the control epoch'
      end
    from {cp}.manifest_activation h
    cross join {cp}.control_epoch c
    cross join lateral (
      select x.control_epoch from {cp}.manifest_activation x
      where x.writer_type = h.writer_type order by x.control_epoch desc limit 1) newest
    cross join lateral (
      select count(*) as lines, {cp}.h05(array_agg(lpad(e.surface_no::text, 2, '0') || ':' || encode(e.envelope_sha256, 'hex'))) as set_sha256
      from {cp}.manifest_activation_line l
      join {cp}.manifest_envelope e on e.manifest_id = l.manifest_id and e.surface_no = l.surface_no and e.state = 'sealed'
      where l.writer_type = h.writer_type and l.control_epoch = h.control_epoch) n
    where h.writer_type::text = p_writer_type
    order by h.control_epoch);
  if cardinality(v_found) = 0 then
    v_found := array['there is no activation'];
  end if;
  v_found := array_remove(v_found, null);
  v_run := {cp}.record_run('{cp}.cp_verify_activation(text)', p_writer_type, case when cardinality(v_found) = 0 then 'pass' else 'fail' end);
  insert into {cp}.verification_finding (run_id, reason_code, object_name, detail)
  select v_run, 'SET_DIGEST_MISMATCH', 'manifest_activation', d.detail from unnest(v_found) d (detail);
  return v_run;
end;
