select pg_catalog.jsonb_agg(p.code || ' ' || p.state order by p.code collate "C")::text from public.qt001_backfill_permit as p
