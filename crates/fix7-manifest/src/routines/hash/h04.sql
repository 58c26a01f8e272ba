-- H04_SCOPE_V1: the 8 keys of a signoff's scope, in their order; the evidence by its artifact's digest.
-- NULL for a NULL or a digest that is not 32 bytes.
begin
  return case
           when pg_catalog.octet_length(p_payload_sha256) = 32
            and pg_catalog.octet_length(p_evidence_sha256) = 32
           then pg_catalog.sha256(pg_catalog.convert_to(
                  '["H04","v1",[["manifest_id","' || p_manifest_id::pg_catalog.text
                  || '"],["surface_no","' || p_surface_no::pg_catalog.text
                  || '"],["payload_sha256","' || pg_catalog.encode(p_payload_sha256, 'hex')
                  || '"],["slot",' || pg_catalog.to_json(p_slot)::pg_catalog.text
                  || '],["principal_id",' || pg_catalog.to_json(p_principal_id)::pg_catalog.text
                  || '],["evidence_id","' || pg_catalog.encode(p_evidence_sha256, 'hex')
                  || '"],["control_epoch","' || p_control_epoch::pg_catalog.text
                  || '"],["decision",' || pg_catalog.to_json(p_decision)::pg_catalog.text
                  || ']]]', 'UTF8'))
         end;
end;
