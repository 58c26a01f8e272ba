create table public.article (id integer primary key, title text not null);
insert into public.article values (1, 'first'), (2, 'second');
create view public.article_title as select title from public.article;
