grant select on public.article_title to cms;
grant select (id) on public.article to cms;
