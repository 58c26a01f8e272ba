-- H05: a set of object identities, COLLATE "C". NULL for a NULL array, a NULL element, a duplicate.
begin
  return (
    select case
             when pg_catalog.count(distinct member.identity) = pg_catalog.cardinality(p_identities)
             then pg_catalog.sha256(pg_catalog.convert_to(
                    '["H05","v1",['
                    || coalesce(pg_catalog.string_agg(
                         pg_catalog.to_json(member.identity)::pg_catalog.text,
                         ',' order by member.identity), '')
                    || ']]', 'UTF8'))
           end
      from (select element.identity collate pg_catalog."C" as identity
              from pg_catalog.unnest(p_identities) as element (identity)) as member);
end;
