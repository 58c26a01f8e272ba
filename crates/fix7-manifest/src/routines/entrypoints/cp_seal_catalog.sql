begin
  perform from {cp}.code_catalog_root r where r.catalog_sha256 = p_expected_sha256 for update;
  if not found then
    raise exception using
      errcode = 'Q7014', message = 'PAYLOAD_NOT_AS_APPROVED: ' || 'no catalog with the approved digest',
      schema = '{cp}', table = 'code_catalog_root', constraint = 'PAYLOAD_NOT_AS_APPROVED';
  end if;
  update {cp}.code_catalog_root set state = 'sealed' where catalog_sha256 = p_expected_sha256;
  perform {cp}.record_execution('cp_seal_catalog', 'code_catalog_root', p_expected_sha256);
end;
