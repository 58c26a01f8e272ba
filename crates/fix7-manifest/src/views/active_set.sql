select h.writer_type, h.control_epoch, h.set_sha256
from {cp}.manifest_activation h
where h.action = 'activate'
  and h.control_epoch = (
    select newest.control_epoch from {cp}.manifest_activation newest
    where newest.writer_type = h.writer_type order by newest.control_epoch desc limit 1)
