begin
  if tg_op = 'DELETE' then
    if old.epoch > 1 then
      raise exception using
        errcode = 'Q7038', message = 'EPOCH_NOT_MONOTONIC: ' || 'DELETE after the first epoch',
        schema = '{cp}', table = tg_table_name, constraint = 'EPOCH_NOT_MONOTONIC';
    end if;
    return old;
  end if;
  if new.epoch <> old.epoch + 1 then
    raise exception using
      errcode = 'Q7038', message = concat('EPOCH_NOT_MONOTONIC: from ', old.epoch, ' to ', new.epoch),
      schema = '{cp}', table = tg_table_name, constraint = 'EPOCH_NOT_MONOTONIC';
  end if;
  return new;
end;
