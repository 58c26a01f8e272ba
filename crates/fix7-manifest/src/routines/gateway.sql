declare
  v_verdict text;
  v_blocking text[];
begin
  select a.verdict, a.blocking_gates into v_verdict, v_blocking
  from {cp}.v_fix7_acceptance a where a.writer_type::text = p_writer_type;
  if not found then
    raise exception using
      errcode = 'Q7034', message = concat('WRITER_TYPE_UNKNOWN: writer type ', p_writer_type),
      schema = '{cp}', table = 'writer_type_manifest', constraint = 'WRITER_TYPE_UNKNOWN';
  end if;
  if p_write and v_verdict is distinct from 'READY' then
    raise exception using
      errcode = 'Q7040', message = concat('READINESS_BLOCKED: ', array_to_string(v_blocking, ', ')),
      schema = '{cp}', table = 'readiness_gate_manifest', constraint = 'READINESS_BLOCKED';
  end if;
  if p_write then
    raise exception using
      errcode = 'Q7041', message = 'WRITER_NOT_IMPLEMENTED: ' || 'no adapter that mutates is shipped',
      schema = '{cp}', table = 'adapter_manifest', constraint = 'WRITER_NOT_IMPLEMENTED';
  end if;
  return query select coalesce(v_verdict, 'BLOCKED'), v_blocking;
end;
