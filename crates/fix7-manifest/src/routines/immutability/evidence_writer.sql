declare
  v_principal text := {cp}.session_principal();
begin
  if not {cp}.holds_slot(v_principal, 'verifier', 'evidence') then
    raise exception using
      errcode = 'Q7022', message = concat('NOT_PINNED_VERIFIER: the login ', session_user, ' holds no verifier slot'),
      schema = '{cp}', table = tg_table_name, constraint = 'NOT_PINNED_VERIFIER';
  end if;
  if to_jsonb(new) ? 'principal_id' and to_jsonb(new) ->> 'principal_id' is distinct from v_principal then
    raise exception using
      errcode = 'Q7022', message = concat('NOT_PINNED_VERIFIER: the row names another principal than the login ', session_user),
      schema = '{cp}', table = tg_table_name, constraint = 'NOT_PINNED_VERIFIER';
  end if;
  return new;
end;
