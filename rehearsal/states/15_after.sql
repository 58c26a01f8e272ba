-- S15, its second half: the callers that #27 lists call the gateway, and only the service identities may.

create or replace function public.fn_writer_dispatch(writer_type text, entity text, collection text)
    returns text
    language plpgsql
as $body$
declare
  answer text;
begin
  select g.decision into answer
    from qt001_cp.qt001_writer_gateway(writer_type, jsonb_build_object('entity', entity, 'collection', collection), true) as g;
  return answer;
end
$body$;

create or replace function public.fn_job_birth_backfill()
    returns integer
    language plpgsql
as $body$
declare
  waiting record;
  handled integer := 0;
begin
  for waiting in
    select t.table_id as entity from public.table_registry t
     where not exists (select from public.birth_registry b where b.entity_code = t.table_id)
  loop
    perform g.decision
       from qt001_cp.qt001_writer_gateway('birth_writer', jsonb_build_object('entity', waiting.entity, 'collection', 'table_registry'), true) as g;
    handled := handled + 1;
  end loop;
  return handled;
end
$body$;

set local role qt001_cp_owner;
grant usage on schema qt001_cp to qt001_cp_writer;
grant execute on function qt001_cp.qt001_writer_gateway(text, jsonb, boolean) to qt001_cp_writer;
reset role;
