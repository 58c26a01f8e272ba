-- H02: a payload's lines in ordinal order. NULL for NULL or unequal arrays, a NULL element, a digest
-- that is not 32 bytes, an ordinal below 1 or one that stands twice.
begin
  return (
    select case
             when pg_catalog.cardinality(p_ordinals) = pg_catalog.cardinality(p_item_keys)
              and pg_catalog.cardinality(p_ordinals) = pg_catalog.cardinality(p_item_digests)
              and pg_catalog.count(*) filter (where line.ordinal >= 1
                                                and line.item_key is not null
                                                and pg_catalog.octet_length(line.digest) = 32)
                  = pg_catalog.cardinality(p_ordinals)
              and pg_catalog.count(distinct line.ordinal) = pg_catalog.cardinality(p_ordinals)
             then pg_catalog.sha256(pg_catalog.convert_to(
                    '["H02","v1",['
                    || coalesce(pg_catalog.string_agg(
                         '[' || line.ordinal::pg_catalog.text
                         || ',' || pg_catalog.to_json(line.item_key)::pg_catalog.text
                         || ',"' || pg_catalog.encode(line.digest, 'hex') || '"]',
                         ',' order by line.ordinal), '')
                    || ']]', 'UTF8'))
           end
      from rows from (pg_catalog.unnest(p_ordinals), pg_catalog.unnest(p_item_keys), pg_catalog.unnest(p_item_digests))
             as line (ordinal, item_key, digest));
end;
