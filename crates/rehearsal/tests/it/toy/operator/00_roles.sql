create role tiny_owner nologin;
create role tiny_operator nologin;
create schema tiny_cp authorization tiny_owner;
alter default privileges for role tiny_owner revoke execute on functions from public;
grant tiny_owner to rehearsal_applier;
