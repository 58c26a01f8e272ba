begin
  return query
  select 'SET_DIGEST_MISMATCH', 'Q7033', 'manifest_activation', 'the set of newest sealed versions has another digest'
  where p_action = 'activate' and p_set_sha256 is distinct from {cp}.candidate_set_sha256();
end;
