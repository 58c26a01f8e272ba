set local role tiny_owner;
insert into tiny_cp.page (book_id, no, body) values (1, 1, 'once'), (1, 2, 'ever after');
insert into tiny_cp.book (id) values (1);
reset role;
