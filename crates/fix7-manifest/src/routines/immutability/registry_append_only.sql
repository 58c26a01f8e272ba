begin
  raise exception using
    errcode = 'Q7037', message = concat('REGISTRY_APPEND_ONLY: ', tg_op, ' on ', tg_table_name),
    schema = '{cp}', table = tg_table_name, constraint = 'REGISTRY_APPEND_ONLY';
end;
