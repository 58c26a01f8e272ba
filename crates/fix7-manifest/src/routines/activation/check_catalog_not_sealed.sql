begin
  return query
  select 'CATALOG_FAMILY_DRIFT', 'Q7020', 'code_catalog_root', 'the code catalog is not sealed'
  where p_action = 'activate' and not exists (select from {cp}.code_catalog_root r where r.state = 'sealed');
end;
