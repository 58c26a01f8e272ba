values ('select * from public.article_title limit 0'), ('select id from public.article limit 0');
