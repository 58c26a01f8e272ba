-- DOT-117: refreshes the counts of the catalog.
update public.meta_catalog set last_counted_at = now();
