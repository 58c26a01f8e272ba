begin
  perform from {cp}.code_catalog_root r where r.state = 'sealed';
  if found then
    raise exception using
      errcode = 'Q7018', message = 'SEALED_NOT_REVERSIBLE: ' || 'the code catalog is sealed',
      schema = '{cp}', table = 'code_catalog_root', constraint = 'SEALED_NOT_REVERSIBLE';
  end if;
end;
