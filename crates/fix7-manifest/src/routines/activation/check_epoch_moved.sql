begin
  return query
  select 'EPOCH_MOVED', 'Q7032', 'control_epoch', 'expected epoch ' || (p_control_epoch - 1) || ', found ' || c.epoch
  from {cp}.control_epoch c
  where c.epoch is distinct from p_control_epoch - 1;
end;
