grant truncate on public.article to cms;
