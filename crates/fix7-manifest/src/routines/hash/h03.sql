-- H03: an envelope; never state, times, people. NULL for a NULL, a number below 1, a digest that is not
-- 32 bytes.
begin
  return case
           when p_surface_no >= 1 and p_version >= 1 and p_item_count >= 1
            and pg_catalog.octet_length(p_payload_sha256) = 32
            and pg_catalog.octet_length(p_expected_sha256) = 32
           then pg_catalog.sha256(pg_catalog.convert_to(
                  '["H03","v1",' || p_surface_no::pg_catalog.text
                  || ',' || p_version::pg_catalog.text
                  || ',' || p_item_count::pg_catalog.text
                  || ',"' || pg_catalog.encode(p_payload_sha256, 'hex')
                  || '","' || pg_catalog.encode(p_expected_sha256, 'hex')
                  || '"]', 'UTF8'))
         end;
end;
