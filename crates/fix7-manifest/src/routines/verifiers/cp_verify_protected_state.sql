declare
  v_run uuid;
  v_seen constant jsonb := (select jsonb_agg(to_jsonb(s)) from {cp}.protected_state() s);
  v_worse text[];
begin
  -- No worse: as #20 sealed it, and as the last run saw it. What neither of them says is only recorded.
  v_worse := array(
    select array[s.object_name, case when not s.as_sealed then 'expected the sealed source and privileges' else 'expected the state of the last run' end]
    from jsonb_to_recordset(v_seen) s (object_name text, state_sha256 bytea, as_sealed boolean)
    left join lateral (
      select b.state_sha256::bytea as state_sha256
      from {cp}.protected_state_observation b
      join {cp}.verification_run r on r.run_id = b.run_id
      where b.object_name::text = s.object_name
      order by r.finished_at desc
      limit 1) p on true
    where not s.as_sealed or (p.state_sha256 is not null and s.state_sha256 is distinct from p.state_sha256)
    order by s.object_name);
  v_run := {cp}.record_run('{cp}.cp_verify_protected_state()', 'do_not_touch', case when cardinality(v_worse) = 0 then 'pass' else 'fail' end);
  insert into {cp}.protected_state_observation (run_id, object_name, state_sha256, row_count)
  select v_run, s.object_name, s.state_sha256, s.row_count
  from jsonb_to_recordset(v_seen) s (object_name text, state_sha256 bytea, row_count bigint);
  insert into {cp}.verification_finding (run_id, reason_code, object_name, detail)
  select v_run, 'SCOPE_DRIFT', v_worse[n][1], v_worse[n][2]
  from generate_subscripts(v_worse, 1) n;
  return v_run;
end;
