begin
  raise exception using
    errcode = 'Q7021', message = concat('EVIDENCE_APPEND_ONLY: ', tg_op, ' on ', tg_table_name),
    schema = '{cp}', table = tg_table_name, constraint = 'EVIDENCE_APPEND_ONLY';
end;
