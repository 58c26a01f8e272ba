declare
  v_sealed boolean;
begin
  -- FOR SHARE: an insert that races the seal waits for it, so that no row slips into a sealed version.
  -- A missing envelope is the foreign key's business, not this trigger's.
  if tg_op <> 'INSERT' then
    select e.state = 'sealed' into v_sealed
    from {cp}.manifest_envelope e
    where e.manifest_id = old.manifest_id and e.surface_no = old.surface_no
    for share;
    if v_sealed then
      raise exception using
        errcode = 'Q7002', message = concat('SEALED_ROW_IMMUTABLE: ', tg_op, ' on a sealed version of ', tg_table_name),
        schema = '{cp}', table = tg_table_name, constraint = 'SEALED_ROW_IMMUTABLE';
    end if;
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  select e.state = 'sealed' into v_sealed
  from {cp}.manifest_envelope e
  where e.manifest_id = new.manifest_id and e.surface_no = new.surface_no
  for share;
  if v_sealed then
    raise exception using
      errcode = 'Q7002', message = concat('SEALED_ROW_IMMUTABLE: ', tg_op, ' into a sealed version of ', tg_table_name),
      schema = '{cp}', table = tg_table_name, constraint = 'SEALED_ROW_IMMUTABLE';
  end if;
  return new;
end;
