begin
  raise exception using
    errcode = 'Q7003', message = concat('TRUNCATE_REFUSED: TRUNCATE of ', tg_table_name),
    schema = '{cp}', table = tg_table_name, constraint = 'TRUNCATE_REFUSED';
end;
