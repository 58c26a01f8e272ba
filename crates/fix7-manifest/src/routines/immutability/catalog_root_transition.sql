declare
  v_drift text;
begin
  if tg_op = 'INSERT' then
    if new.state <> 'draft' then
      raise exception using
        errcode = 'Q7004', message = 'ENVELOPE_TRANSITION_REFUSED: ' || 'the catalog root is inserted as draft',
        schema = '{cp}', table = tg_table_name, constraint = 'ENVELOPE_TRANSITION_REFUSED';
    end if;
    return new;
  end if;
  if old.state = 'sealed' then
    raise exception using
      errcode = 'Q7019', message = concat('CATALOG_IMMUTABLE: ', tg_op, ' of the sealed catalog root'),
      schema = '{cp}', table = tg_table_name, constraint = 'CATALOG_IMMUTABLE';
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  if new.state <> 'sealed'
    or (new.root_code, new.version, new.family_count, new.catalog_sha256)
       is distinct from (old.root_code, old.version, old.family_count, old.catalog_sha256)
  then
    raise exception using
      errcode = 'Q7004', message = 'ENVELOPE_TRANSITION_REFUSED: ' || 'the catalog root changes from draft to sealed, with nothing else changed',
      schema = '{cp}', table = tg_table_name, constraint = 'ENVELOPE_TRANSITION_REFUSED';
  end if;
  select v.detail into v_drift from {cp}.catalog_drift() v limit 1;
  if found then
    raise exception using
      errcode = 'Q7020', message = concat('CATALOG_FAMILY_DRIFT: ', v_drift),
      schema = '{cp}', table = tg_table_name, constraint = 'CATALOG_FAMILY_DRIFT';
  end if;
  new.sealed_at := clock_timestamp();
  return new;
end;
