alter default privileges for role tiny_owner grant execute on functions to public;
drop schema tiny_cp;
drop role tiny_operator;
drop role tiny_owner;
