declare
  v_first {cp}.violation;
begin
  select v.* into v_first
  from {cp}.activation_violations(new.writer_type, new.control_epoch, new.action, new.set_sha256) v
  limit 1;
  if found then
    raise exception using
      errcode = v_first.refused_with, message = concat(v_first.reason_code, ': ', v_first.detail),
      schema = '{cp}', table = v_first.object_name, constraint = v_first.reason_code;
  end if;
  if new.actor is distinct from session_user::text then
    raise exception using
      errcode = 'Q7039', message = concat('ACTOR_NOT_SESSION_USER: actor ', new.actor, ', login ', session_user),
      schema = '{cp}', table = tg_table_name, constraint = 'ACTOR_NOT_SESSION_USER';
  end if;
  return new;
end;
