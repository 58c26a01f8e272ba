set local role tiny_owner;
delete from tiny_cp.page where book_id = 1;
delete from tiny_cp.book where id = 1;
reset role;
