-- A manifest's id: a version 8 uuid made of the first 16 bytes of its envelope's digest (H03), so that the
-- same payload has the same id everywhere. NULL unless the digest has 32 bytes.
begin
  return case
           when pg_catalog.octet_length(p_envelope_sha256) = 32
           then pg_catalog.encode(
                  pg_catalog.set_byte(
                    pg_catalog.set_byte(
                      pg_catalog.substr(p_envelope_sha256, 1, 16),
                      6, (pg_catalog.get_byte(p_envelope_sha256, 6) & 15) | 128),
                    8, (pg_catalog.get_byte(p_envelope_sha256, 8) & 63) | 128),
                  'hex')::pg_catalog.uuid
         end;
end;
