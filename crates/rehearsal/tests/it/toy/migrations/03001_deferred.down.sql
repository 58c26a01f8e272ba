set local role tiny_owner;
alter table tiny_cp.page drop constraint page_book_fk;
reset role;
