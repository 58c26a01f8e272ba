-- Before S15: what a DBA mends, so that a cutover may begin.

-- Edges that no privilege check shows: a trigger that fires without EXECUTE, and two actions of keys that a frozen
-- table would refuse.
drop trigger trg_qt001_document_seen on public.tac_documents;
alter table public.qt001_candidate_evidence drop constraint qt001_candidate_evidence_document_fk;
alter table public.qt001_run drop constraint qt001_run_workflow_fk;

-- Until PostgreSQL 15 a membership can't be told not to inherit: the login itself is told.
do $inherit$
begin
  if pg_catalog.current_setting('server_version_num')::integer < 160000 then
    alter role fix7_operator noinherit;
  end if;
end
$inherit$;

-- The sealed set, member by member: what later states act on.
create temporary table staged_member as
select a.object_identity::text as identity, a.object_kind, a.disposition,
  pg_catalog.to_regclass(case when a.object_kind in ('table', 'view') then a.object_identity end)::pg_catalog.oid as relation,
  pg_catalog.to_regprocedure(case when a.object_kind in ('function', 'procedure') then a.object_identity end)::pg_catalog.oid as routine
from qt001_cp.authority_scope_manifest as a
join qt001_cp.active_manifest as m on m.manifest_id = a.manifest_id and m.surface_no = a.surface_no
where a.object_class = 'legacy' and a.moment = 'as_captured';

-- The verifier's snapshot, hash-bound, before anything is revoked.
set local session authorization fix7_verifier;
select qt001_cp.cp_verify_privileges('before_S15');
set local session authorization default;
