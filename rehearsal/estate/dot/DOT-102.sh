#!/bin/sh
# DOT-102: checks what DOT-101 wrote.
set -eu
psql -X -At -d directus -c "select count(*) from public.birth_registry where dot_origin = 'DOT-101'"
