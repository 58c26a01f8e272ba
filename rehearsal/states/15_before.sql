-- Before S15: what a DBA mends and what is staged, so that a cutover may begin.

-- Edges that no privilege check shows: a trigger that fires without EXECUTE, and two actions of keys that a frozen
-- table would refuse.
drop trigger trg_qt001_document_seen on public.tac_documents;
alter table public.qt001_candidate_evidence drop constraint qt001_candidate_evidence_document_fk;
alter table public.qt001_run drop constraint qt001_run_workflow_fk;

-- The prior state, member by member: what each rollback restores.
create temporary table staged_member as
select a.object_identity::text as identity, a.object_kind, a.disposition,
  pg_catalog.to_regclass(case when a.object_kind in ('table', 'view') then a.object_identity end)::pg_catalog.oid as relation,
  pg_catalog.to_regprocedure(case when a.object_kind in ('function', 'procedure') then a.object_identity end)::pg_catalog.oid as routine
from qt001_cp.authority_scope_manifest as a
join qt001_cp.active_manifest as m on m.manifest_id = a.manifest_id and m.surface_no = a.surface_no
where a.object_class = 'legacy' and a.moment = 'as_captured';

create temporary table staged_definition as
select m.identity, pg_catalog.pg_get_functiondef(m.routine) as definition
from pg_temp.staged_member as m
where m.routine is not null
union all
select c.object_identity::text, pg_catalog.pg_get_functiondef(pg_catalog.to_regprocedure(c.object_identity))
from qt001_cp.writer_repoint_manifest as c
join qt001_cp.active_manifest as m on m.manifest_id = c.manifest_id and m.surface_no = c.surface_no
where c.repoint_kind = 'caller';

create temporary table staged_acl as
select m.identity, r.rolname::text as grantor, coalesce(g.rolname::text, 'public') as grantee, x.is_grantable
from pg_temp.staged_member as m
join pg_catalog.pg_proc as p on p.oid = m.routine
cross join lateral pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as x
join pg_catalog.pg_roles as r on r.oid = x.grantor
left join pg_catalog.pg_roles as g on g.oid = x.grantee;

-- The verifier's snapshot, hash-bound, before anything is revoked.
set local session authorization fix7_verifier;
select qt001_cp.cp_verify_privileges('before_S15');
set local session authorization default;

create temporary table staged_epoch as select e.epoch as control_epoch from qt001_cp.control_epoch as e;
grant select on pg_temp.staged_epoch to fix7_operator;
