declare
  v_first {cp}.violation;
begin
  if tg_op = 'DELETE' then
    if old.state = 'sealed' then
      raise exception using
        errcode = 'Q7002', message = concat('SEALED_ROW_IMMUTABLE: DELETE of the sealed envelope ', old.manifest_id),
        schema = '{cp}', table = tg_table_name, constraint = 'SEALED_ROW_IMMUTABLE';
    end if;
    return old;
  end if;
  if tg_op = 'INSERT' then
    if new.state <> 'draft' or new.sealed_at is not null or new.sealed_by is not null then
      raise exception using
        errcode = 'Q7004', message = 'ENVELOPE_TRANSITION_REFUSED: ' || 'an envelope is inserted as draft',
        schema = '{cp}', table = tg_table_name, constraint = 'ENVELOPE_TRANSITION_REFUSED';
    end if;
    return new;
  end if;
  if old.state = 'sealed' then
    raise exception using
      errcode = 'Q7002', message = concat('SEALED_ROW_IMMUTABLE: UPDATE of the sealed envelope ', old.manifest_id),
      schema = '{cp}', table = tg_table_name, constraint = 'SEALED_ROW_IMMUTABLE';
  end if;
  if new.state <> 'sealed'
    or (new.manifest_id, new.surface_no, new.version, new.item_count, new.payload_sha256, new.envelope_sha256)
       is distinct from
       (old.manifest_id, old.surface_no, old.version, old.item_count, old.payload_sha256, old.envelope_sha256)
  then
    raise exception using
      errcode = 'Q7004', message = 'ENVELOPE_TRANSITION_REFUSED: ' || 'an envelope changes from draft to sealed, with nothing else changed',
      schema = '{cp}', table = tg_table_name, constraint = 'ENVELOPE_TRANSITION_REFUSED';
  end if;
  -- The transition itself runs the checks, so that a hand-typed UPDATE meets the same ones as cp_seal.
  select v.* into v_first from {cp}.seal_violations(new.manifest_id, new.surface_no) v limit 1;
  if found then
    raise exception using
      errcode = v_first.refused_with, message = concat(v_first.reason_code, ': ', v_first.detail),
      schema = '{cp}', table = v_first.object_name, constraint = v_first.reason_code;
  end if;
  new.sealed_at := clock_timestamp();
  new.sealed_by := session_user;
  return new;
end;
