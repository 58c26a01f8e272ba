#!/bin/sh
# DOT-101: Khai sinh tự động. Inserts the entities of a list, one birth each.
set -eu
psql -X -v ON_ERROR_STOP=1 -d directus <<'SQL'
insert into public.tasks (code, name) values ('TASK-DOT-101', 'khai sinh tự động');
SQL
