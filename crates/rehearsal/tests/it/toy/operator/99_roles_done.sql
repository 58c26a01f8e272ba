revoke tiny_owner from rehearsal_applier;
