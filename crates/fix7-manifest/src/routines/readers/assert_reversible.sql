begin
  perform from {cp}.manifest_envelope e where e.manifest_id = p_manifest_id and e.state = 'sealed';
  if found then
    raise exception using
      errcode = 'Q7018', message = concat('SEALED_NOT_REVERSIBLE: version ', p_manifest_id, ' is sealed'),
      schema = '{cp}', table = 'manifest_envelope', constraint = 'SEALED_NOT_REVERSIBLE';
  end if;
end;
