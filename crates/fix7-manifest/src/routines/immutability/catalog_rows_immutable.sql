begin
  perform from {cp}.code_catalog_root r where r.state = 'sealed' for share;
  if found then
    raise exception using
      errcode = 'Q7019', message = concat('CATALOG_IMMUTABLE: ', tg_op, ' on ', tg_table_name),
      schema = '{cp}', table = tg_table_name, constraint = 'CATALOG_IMMUTABLE';
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  return new;
end;
