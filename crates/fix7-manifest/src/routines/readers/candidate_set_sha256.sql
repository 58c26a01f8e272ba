begin
  return (
    select {cp}.h05(array_agg(lpad(l.surface_no::text, 2, '0') || ':' || encode(l.envelope_sha256, 'hex')))
    from {cp}.latest_sealed l);
end;
