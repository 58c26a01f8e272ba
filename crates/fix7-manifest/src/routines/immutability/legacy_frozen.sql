begin
  raise exception using
    errcode = 'Q7061', message = concat('LEGACY_FROZEN: ', tg_op, ' of ', tg_table_schema, '.', tg_table_name),
    schema = tg_table_schema, table = tg_table_name, constraint = 'LEGACY_FROZEN';
end;
