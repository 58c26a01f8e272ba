//! Who holds what beside ownership: the grants, policies and comments of the reference estate.
//!
//! For: one item of each kind that an ACL reader must not miss. Not for: rights that ownership or a
//! predefined role gives, which no ACL row shows. The fact to know: nearly every `relacl` and `proacl`
//! stays NULL; the exceptions are the ones listed here.

/// Run in the estate by a superuser, before anything else: who owns database and schema.
pub const OWNERS: &str = "alter schema public owner to public_schema_owner;
grant usage, create on schema public to directus;
alter role analyst set default_transaction_read_only = 'on';

-- The database is not named: on a server that somebody lends, it carries another name.
do $do$
begin
  execute format('alter database %I owner to directus', current_database());
  execute format('alter role reporting in database %I set statement_timeout = %L', current_database(), '60s');
  execute format('comment on database %I is %L', current_database(), 'Cơ sở dữ liệu tham chiếu');
end
$do$;";

/// Grants that the owner gives.
pub const BY_OWNER: &str = "grant insert, update on public.report_exports to reporting;
grant insert on public.report_subscriptions to reporting;
grant update (status) on public.system_issues to reporting;
grant usage on sequence public.seq_report_no to reporting;
grant select (process_code, name, status) on public.workflows to analyst;
grant select (code, name) on public.entity_species to public;
grant usage on type public.money_amount to reporting;
grant select on public.scheduled_jobs to job_scheduler;
grant select, insert on public.birth_candidate_stage to job_scheduler;
grant usage on sequence public.birth_candidate_stage_id_seq to job_scheduler;
grant select on public.table_registry, public.birth_registry, public.qt001_backfill_permit to job_scheduler;
grant select on public.qt001_plan to access_manager with grant option;
grant select on public.qt001_v_dashboard to analyst;
grant execute on function public.qt001_readiness_score(text) to access_manager with grant option;
grant update on public.qt001_run, public.qt001_v_run_open to access_manager with grant option;
grant usage on sequence public.qt001_run_id_seq to access_manager with grant option;
grant select (code), update (state) on public.qt001_run_step to access_manager with grant option;
grant select on public.qt001_v_run_latest to public;
grant select (code, state) on public.qt001_gate to public;
grant insert on public.qt001_error_queue to public;
grant usage on sequence public.qt001_error_queue_id_seq to public;";

/// Grants that a role gives on which is not the owner: an owner's REVOKE leaves them. One of each kind of relation that
/// the cutover closes, to a role and to everybody.
pub const BY_GRANTOR: &str = "grant select on public.qt001_plan to job_scheduler;
grant execute on function public.qt001_readiness_score(text) to job_scheduler;
grant update on public.qt001_run, public.qt001_v_run_open to job_scheduler;
grant usage on sequence public.qt001_run_id_seq to job_scheduler;
grant update (state) on public.qt001_run_step to job_scheduler;
grant select on public.qt001_plan to public;
grant select (code) on public.qt001_run_step to public;
grant usage on sequence public.qt001_run_id_seq to public;";

/// What the importer owns: two tables, a row policy, a default ACL; and the event trigger, which only a
/// superuser can make.
pub const IMPORTER: &str = "alter table public.import_batches owner to importer;
alter table public.import_rows owner to importer;
alter table public.import_rows enable row level security;
create policy import_rows_own_batches on public.import_rows for select to analyst, directus using ((batch_id > 0));
grant select on public.import_rows to analyst;
grant select on public.import_batches, public.import_rows to directus;
alter default privileges for role importer in schema public grant select on tables to reporting;
create event trigger note_cast on ddl_command_end when tag in ('CREATE CAST') execute function public.fn_note_cast();";

/// Comments in the languages that people here write.
pub const COMMENTS: &str = "comment on function public.fn_birth_registry_auto() is 'Cổng khai sinh: the birth gateway. DO_NOT_TOUCH.';
comment on function public.fn_birth_auto_certify() is 'Chứng nhận khi đủ ba dấu kiểm.';
comment on column public.birth_registry.inspect_pen is 'Bút phê';
comment on column public.birth_registry.inspect_stamp is 'Con dấu';
comment on column public.birth_registry.inspect_gate is 'Cổng';
comment on view public.qt001_v_dashboard is 'Bảng điều khiển: every alarm of the legacy path.';
comment on materialized view public.mv_births_by_collection is 'Refreshed every ten minutes by JOB-REFRESH.';
comment on trigger trg_birth_workflows on public.workflows is 'Mã quy trình là mã khai sinh.';";
