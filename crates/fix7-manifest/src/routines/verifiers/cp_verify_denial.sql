declare
  v_run uuid;
begin
  -- A claim is checked against the catalog before it is written (a refusing statement leaves no row of its own).
  -- What can't be checked, an argument that is NULL for one, is not real either.
  if (p_privilege in ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
    and p_refused_with = '42501'
    and not (has_table_privilege(p_persona, p_relation::regclass, p_privilege)
      and has_schema_privilege(p_persona, (select c.relnamespace from pg_class c where c.oid = p_relation::regclass), 'USAGE'))
    ) is not true
  then
    raise exception using
      errcode = 'Q7042', message = concat('DENIAL_NOT_REAL: ', p_persona, ' ', p_privilege, ' on ', p_relation),
      schema = '{cp}', table = 'access_denial_event', constraint = 'DENIAL_NOT_REAL';
  end if;
  v_run := {cp}.record_run('{cp}.cp_verify_denial(text,text,text,text)', p_relation, 'pass');
  insert into {cp}.access_denial_event (run_id, persona, object_name, privilege, refused_with)
  values (v_run, p_persona, p_relation, p_privilege, p_refused_with);
  return v_run;
end;
