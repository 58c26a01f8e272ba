select distinct on (e.surface_no) e.manifest_id, e.surface_no, e.version, e.payload_sha256, e.envelope_sha256
from {cp}.manifest_envelope e
where e.state = 'sealed'
order by e.surface_no, e.version desc
