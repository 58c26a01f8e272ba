set local role tiny_owner;
alter table tiny_cp.page add constraint page_book_fk foreign key (book_id) references tiny_cp.book (id)
    deferrable initially deferred;
reset role;
