//! A few DOT scripts, as they lie on a filesystem beside the database.
//!
//! For: the folder whose listing a guard is given. Not for: running; nothing here executes them. The fact
//! to know: DOT-118 would replace the birth gateway, which is why it is frozen.

use manifest_model::estate::DeployedFile;

/// Every deployed file, by path.
pub const FILES: &[DeployedFile] = &[
    DeployedFile {
        path: "dot/DOT-101.sh",
        text: "#!/bin/sh
# DOT-101: Khai sinh tự động. Inserts the entities of a list, one birth each.
set -eu
psql -X -v ON_ERROR_STOP=1 -d directus <<'SQL'
insert into public.tasks (code, name) values ('TASK-DOT-101', 'khai sinh tự động');
SQL
",
    },
    DeployedFile {
        path: "dot/DOT-102.sh",
        text: "#!/bin/sh
# DOT-102: checks what DOT-101 wrote.
set -eu
psql -X -At -d directus -c \"select count(*) from public.birth_registry where dot_origin = 'DOT-101'\"
",
    },
    DeployedFile {
        path: "dot/DOT-110.sql",
        text: "-- DOT-110: counts collections.
select r.governance_role, count(*) from public.collection_registry r group by r.governance_role;
",
    },
    DeployedFile {
        path: "dot/DOT-117.sql",
        text: "-- DOT-117: refreshes the counts of the catalog.
update public.meta_catalog set last_counted_at = now();
",
    },
    DeployedFile {
        path: "dot/DOT-118.sql",
        text: "-- DOT-118: FROZEN. Backfill khai sinh QT001: would replace the birth gateway.
create or replace function public.fn_birth_registry_auto() returns trigger language plpgsql as $$
begin
  return null;
end
$$;
call public.sp_dot_birth_qt001_apply('tac_documents');
",
    },
    DeployedFile {
        path: "dot/DOT-119.sql",
        text: "-- DOT-119: FROZEN. Checks the backfill of DOT-118.
select public.fn_readiness_gate('coverage');
",
    },
];
