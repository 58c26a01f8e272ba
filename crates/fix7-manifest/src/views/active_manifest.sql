select a.writer_type, a.control_epoch, a.set_sha256, n.surface_no, n.manifest_id
from {cp}.active_set a
join {cp}.manifest_activation_line n on n.writer_type = a.writer_type and n.control_epoch = a.control_epoch
