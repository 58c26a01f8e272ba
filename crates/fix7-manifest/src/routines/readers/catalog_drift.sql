begin
  return query
  select 'root counts ' || r.family_count || ' families, found ' || (select count(*) from {cp}.code_catalog_family f)
  from {cp}.code_catalog_root r
  where r.family_count <> (select count(*) from {cp}.code_catalog_family f)
  union all
  select 'family ' || f.family_code || ' counts ' || f.item_count || ' items, found '
    || (select count(*) from {cp}.code_catalog_item i where i.family_code = f.family_code)
  from {cp}.code_catalog_family f
  where f.item_count <> (select count(*) from {cp}.code_catalog_item i where i.family_code = f.family_code)
  union all
  select 'the catalog digest does not recompute'
  from {cp}.code_catalog_root r
  where r.catalog_sha256 is distinct from {cp}.h05((
    select array_agg(i.family_code || '/' || i.item_code) from {cp}.code_catalog_item i));
end;
