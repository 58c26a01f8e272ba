-- guard: G-PAGES
-- invariant: every page has a book
-- why: a page without a book is read by nobody
-- probe: pages_have_books "every page"
-- input: phase the step at which it runs

-- stage: control-plane
select 'pages_have_books'::text as probe,
       count(*) as expected,
       count(b.id) as realized,
       count(*) as population,
       coalesce(array_agg(p.no::text order by p.no) filter (where b.id is null), '{}') as offenders
  from tiny_cp.page p left join tiny_cp.book b on b.id = p.book_id
 where $1 ->> 'phase' is not null;
