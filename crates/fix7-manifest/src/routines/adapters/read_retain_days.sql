BEGIN ATOMIC
 SELECT r.retain_days
    FROM ({cp}.retention_policy_manifest r
      JOIN {cp}.active_manifest a ON (((a.manifest_id = r.manifest_id) AND (a.surface_no = r.surface_no))))
   WHERE (((a.writer_type)::text = read_retain_days.p_writer_type) AND ((r.evidence_kind)::text = read_retain_days.p_evidence_kind));
END
