BEGIN ATOMIC
 SELECT h.value
    FROM ({cp}.threshold_manifest h
      JOIN {cp}.active_manifest a ON (((a.manifest_id = h.manifest_id) AND (a.surface_no = h.surface_no))))
   WHERE (((a.writer_type)::text = read_threshold.p_writer_type) AND ((h.threshold)::text = read_threshold.p_threshold));
END
