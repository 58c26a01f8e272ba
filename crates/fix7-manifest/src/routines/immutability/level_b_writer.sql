begin
  if new.actor is distinct from session_user::text then
    raise exception using
      errcode = 'Q7039', message = concat('ACTOR_NOT_SESSION_USER: actor ', new.actor, ', login ', session_user),
      schema = '{cp}', table = tg_table_name, constraint = 'ACTOR_NOT_SESSION_USER';
  end if;
  return new;
end;
