-- Before S15: what the cutover begins with.

-- Until PostgreSQL 15 a membership can't be told not to inherit: the login itself is told.
do $inherit$
begin
  if pg_catalog.current_setting('server_version_num')::integer < 160000 then
    alter role fix7_operator noinherit;
  end if;
end
$inherit$;

-- The verifier's snapshot, hash-bound, before anything is revoked.
set local session authorization fix7_verifier;
select qt001_cp.cp_verify_privileges('before_S15');
set local session authorization default;
