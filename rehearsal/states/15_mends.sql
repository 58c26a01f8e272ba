-- Before S15: what a DBA mends of the reference estate, so that a cutover may begin.

-- Edges that no privilege check shows: a trigger that fires without EXECUTE, and two actions of keys that a frozen
-- table would refuse.
drop trigger trg_qt001_document_seen on public.tac_documents;
alter table public.qt001_candidate_evidence drop constraint qt001_candidate_evidence_document_fk;
alter table public.qt001_run drop constraint qt001_run_workflow_fk;
