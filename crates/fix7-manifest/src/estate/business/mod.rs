//! Business objects around the governed collections: what else a database of this kind holds.
//!
//! For: jobs, stored SQL, the QT-002 path and the helpers that must survive a freeze, decoys, and one of
//! each kind of object that a tool meets in a database that others wrote. Not for: governed collections.
//! The fact to know: `QT001` is also the code of a training course, so a name that begins with `qt001_`
//! says nothing about membership.

pub mod routines;
pub mod rows;
pub mod tables;

use manifest_model::estate::View;

/// Types that the collections use.
pub const TYPES: &str = "create domain public.email_address as text
    constraint email_address_check check ((VALUE ~ '^[^@[:space:]]+@[^@[:space:]]+$'::text));
create type public.issue_level as enum ('info', 'warning', 'critical');
create type public.money_amount as (amount numeric, currency text);";

/// The 17 sequences that no column owns: used by defaults and by function bodies only.
pub const UNOWNED_SEQUENCES: [&str; 17] = [
    "public.backfill_ticket_no",
    "public.qt001_seq_candidate_no",
    "public.qt001_seq_plan_no",
    "public.qt001_seq_run_no",
    "public.qt002_seq_run_no",
    "public.seq_agent_no",
    "public.seq_batch_no",
    "public.seq_contract_no",
    "public.seq_doc_no",
    "public.seq_dot_code",
    "public.seq_invoice_no",
    "public.seq_issue_code",
    "public.seq_law_no",
    "public.seq_report_no",
    "public.seq_run_no",
    "public.seq_task_no",
    "public.seq_ticket_no",
];

/// A partitioned table, a materialized view, a rule, indexes: kinds that tools forget.
pub const OTHER_KINDS: &str = "create table public.event_stream (
    event_id bigint not null,
    occurred_at timestamp with time zone not null,
    kind text not null,
    payload json,
    constraint event_stream_pk primary key (event_id, occurred_at)
) partition by range (occurred_at);
create table public.event_stream_2025 partition of public.event_stream
    for values from ('2025-01-01 00:00:00+00') to ('2026-01-01 00:00:00+00');
create table public.event_stream_2026 partition of public.event_stream
    for values from ('2026-01-01 00:00:00+00') to ('2027-01-01 00:00:00+00');
create table public.event_stream_rest partition of public.event_stream default;
create materialized view public.mv_births_by_collection as
    select b.collection_name, count(*) as births, count(*) filter (where b.certified) as certified
      from public.birth_registry b
     group by b.collection_name;
create unique index mv_births_by_collection_key on public.mv_births_by_collection (collection_name);
create rule page_views_keep as on delete to public.page_views do instead nothing;
create index idx_tac_documents_language on public.tac_documents (language, date_created desc);
create index idx_tasks_open on public.tasks (due_on) where ((status)::text <> 'done'::text);
create index idx_people_code_normal on public.people (public.fn_normalize_code((code)::text));
create index idx_metric_series_labels on public.metric_series using gin (labels);
create index idx_import_rows_payload on public.import_rows using gin (payload jsonb_path_ops);";

/// Triggers that keep `date_updated`; four of them are disabled, as left behind by a migration.
pub const TOUCH_TRIGGERS: &str = "create trigger trg_touch_tac_documents before update on public.tac_documents for each row execute function public.fn_touch_date_updated();
create trigger trg_touch_workflows before update on public.workflows for each row execute function public.fn_touch_date_updated();
create trigger trg_touch_tasks before update on public.tasks for each row execute function public.fn_touch_date_updated();
create trigger trg_touch_agents before update on public.agents for each row execute function public.fn_touch_date_updated();
create trigger trg_touch_people before update on public.people for each row execute function public.fn_touch_date_updated();
create trigger trg_touch_invoices before update on public.invoices for each row execute function public.fn_touch_date_updated();
create trigger trg_touch_policies before update on public.policies for each row execute function public.fn_touch_date_updated();
create trigger trg_touch_reports before update on public.reports for each row execute function public.fn_touch_date_updated();
alter table public.agents disable trigger trg_touch_agents;
alter table public.invoices disable trigger trg_touch_invoices;
alter table public.policies disable trigger trg_touch_policies;
alter table public.reports disable trigger trg_touch_reports;";

/// Views that are no part of the legacy path.
#[rustfmt::skip]
pub const VIEWS: &[View] = &[
    View { identity: "public.v_birth_uncertified", query: "select b.entity_code, b.collection_name, b.born_at from public.birth_registry b where not b.certified" },
    View { identity: "public.v_open_issues", query: "select i.code, i.name, i.severity from public.system_issues i where i.status <> 'closed'" },
    View { identity: "public.v_qt002_status", query: "select p.code, public.fn_qt002_ready(p.id) as ready, count(r.id) as runs from public.qt002_plan p left join public.qt002_run r on r.plan_id = p.id group by p.id, p.code" },
    View { identity: "public.qt001_course_calendar", query: "select c.code, c.name, s.starts_on from public.qt001_course c join public.qt001_session s on s.course_id = c.id" },
    View { identity: "public.qt001_open_seats", query: "select c.code, public.qt001_seats_free(c.id) as seats_free from public.qt001_course c" },
    View { identity: "public.qt001_alumni", query: "select e.student_name, e.code from public.qt001_enrolment e join public.qt001_certificate c on c.enrolment_code = e.code" },
    View { identity: "public.qt001_course_income", query: "select c.code, c.fee * count(e.id) as income from public.qt001_course c left join public.qt001_enrolment e on e.course_id = c.id group by c.id, c.code, c.fee" },
];

/// The 12 decoys: their names begin with `qt001_`, and they belong to a training course of that code.
pub const DECOYS: [&str; 12] = [
    "public.qt001_alumni",
    "public.qt001_certificate",
    "public.qt001_course",
    "public.qt001_course_calendar",
    "public.qt001_course_fee(integer)",
    "public.qt001_course_income",
    "public.qt001_enrolment",
    "public.qt001_next_session(integer)",
    "public.qt001_open_seats",
    "public.qt001_seats_free(integer)",
    "public.qt001_session",
    "public.qt001_venue",
];

/// Collections that are known and not governed.
pub const UNGOVERNED: &str =
    "insert into public.collection_registry (collection_name, code, name, governance_role) values
    ('chat_messages', 'COL-901', 'chat_messages', 'observed'),
    ('page_views', 'COL-902', 'page_views', 'observed'),
    ('event_stream', 'COL-903', 'event_stream', 'observed'),
    ('birth_registry', 'COL-951', 'birth_registry', 'excluded'),
    ('collection_registry', 'COL-952', 'collection_registry', 'excluded'),
    ('directus_users', 'COL-953', 'directus_users', 'excluded'),
    ('directus_files', 'COL-954', 'directus_files', 'excluded'),
    ('qt001_plan', 'COL-955', 'qt001_plan', 'excluded');";
