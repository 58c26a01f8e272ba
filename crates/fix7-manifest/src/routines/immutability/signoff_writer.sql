declare
  v_principal text := {cp}.session_principal();
  v_human text;
  v_artifact bytea;
  v_clash text;
begin
  if v_principal is distinct from new.principal_id::text then
    raise exception using
      errcode = 'Q7025', message = concat('SIGNER_NOT_SESSION_USER: the login ', session_user, ' is not principal ', new.principal_id),
      schema = '{cp}', table = tg_table_name, constraint = 'SIGNER_NOT_SESSION_USER';
  end if;
  if not {cp}.holds_slot(v_principal, new.slot, 'activation') then
    raise exception using
      errcode = 'Q7024', message = concat('SLOT_NOT_HELD: ', v_principal, ' does not hold slot ', new.slot),
      schema = '{cp}', table = tg_table_name, constraint = 'SLOT_NOT_HELD';
  end if;
  perform from {cp}.control_epoch c where c.epoch = new.control_epoch for share;
  if not found then
    raise exception using
      errcode = 'Q7027', message = concat('SIGNOFF_STALE: epoch ', new.control_epoch, ' is not in force'),
      schema = '{cp}', table = tg_table_name, constraint = 'SIGNOFF_STALE';
  end if;
  perform from {cp}.manifest_envelope e
  where e.manifest_id = new.manifest_id and e.surface_no = new.surface_no
    and e.state = 'sealed' and e.payload_sha256 = new.payload_sha256;
  if not found then
    raise exception using
      errcode = 'Q7028', message = concat('SIGNOFF_PAYLOAD_MISMATCH: surface ', new.surface_no, ' has no sealed version with this payload'),
      schema = '{cp}', table = tg_table_name, constraint = 'SIGNOFF_PAYLOAD_MISMATCH';
  end if;
  select r.artifact_sha256 into v_artifact from {cp}.evidence_registry r where r.evidence_id = new.evidence_id;
  if new.scope_sha256 is distinct from {cp}.h04(new.manifest_id, new.surface_no, new.payload_sha256, new.slot, new.principal_id, v_artifact, new.control_epoch, new.decision) then
    raise exception using
      errcode = 'Q7029', message = concat('SIGNOFF_SCOPE_MISMATCH: scope digest of surface ', new.surface_no),
      schema = '{cp}', table = tg_table_name, constraint = 'SIGNOFF_SCOPE_MISMATCH';
  end if;
  -- Separation is by human, through #02, and per scope: never by principal, never blanket.
  v_human := {cp}.human_of(v_principal);
  select b.slot into v_clash
  from {cp}.signoff_binding b
  join {cp}.signoff_separation_manifest s
    on s.slot_scope = 'activation'
   and ((s.slot_a, s.slot_b) = (b.slot, new.slot) or (s.slot_a, s.slot_b) = (new.slot, b.slot))
  join {cp}.latest_sealed l on l.manifest_id = s.manifest_id and l.surface_no = s.surface_no
  where b.manifest_id = new.manifest_id and b.surface_no = new.surface_no and b.control_epoch = new.control_epoch
    and {cp}.human_of(b.principal_id) = v_human
  limit 1;
  if found then
    raise exception using
      errcode = 'Q7026', message = concat('SAME_HUMAN: ', v_human, ' already signed slot ', v_clash, ', which is separated from ', new.slot),
      schema = '{cp}', table = tg_table_name, constraint = 'SAME_HUMAN';
  end if;
  return new;
end;
