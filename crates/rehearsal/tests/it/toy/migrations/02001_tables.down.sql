set local role tiny_owner;
drop function tiny_cp.seal(integer);
drop table tiny_cp.page;
drop table tiny_cp.book;
drop function tiny_cp.refuse_sealed();
revoke usage on schema tiny_cp from tiny_operator;
reset role;
