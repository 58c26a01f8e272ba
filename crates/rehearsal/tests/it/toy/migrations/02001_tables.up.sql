set local role tiny_owner;
create table tiny_cp.book (
    id integer constraint book_id_required not null,
    sealed boolean not null default false,
    constraint book_pk primary key (id)
);
create table tiny_cp.page (
    book_id integer not null,
    no integer not null,
    body text not null,
    constraint page_pk primary key (book_id, no),
    constraint page_no_positive check ((no > 0))
);
comment on table tiny_cp.page is 'a page of a book';
create function tiny_cp.refuse_sealed() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $body$
begin
    if (tg_op <> 'INSERT' and exists (select from tiny_cp.book b where b.id = old.book_id and b.sealed))
       or (tg_op <> 'DELETE' and exists (select from tiny_cp.book b where b.id = new.book_id and b.sealed)) then
        raise exception 'sealed pages stay as they are'
            using errcode = 'Q7001', schema = 'tiny_cp', table = 'page', constraint = 'page_immutable';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end
$body$;
create trigger page_immutable before insert or update or delete on tiny_cp.page
    for each row execute function tiny_cp.refuse_sealed();
alter table tiny_cp.page enable always trigger page_immutable;
create function tiny_cp.seal(wanted integer) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    update tiny_cp.book set sealed = true where id = wanted;
end
$body$;
grant usage on schema tiny_cp to tiny_operator;
grant execute on function tiny_cp.seal(integer) to tiny_operator;
reset role;
