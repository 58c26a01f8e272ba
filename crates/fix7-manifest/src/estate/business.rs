//! Business objects around the governed collections: what else a database of this kind holds.
//!
//! For: jobs, stored SQL, the QT-002 path and the helpers that must survive a freeze, decoys, and one of
//! each kind of object that a tool meets in a database that others wrote. Not for: governed collections.
//! The fact to know: `QT001` is also the code of a training course, so a name that begins with `qt001_`
//! says nothing about membership.

use manifest_model::estate::{Routine, RoutineKind, Table, View};

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

/// Tables beside the governed collections.
pub const TABLES: &[Table] = &[
    Table {
        identity: "public.scheduled_jobs",
        lines: &[
            "id serial not null",
            "code text not null",
            "run_every interval not null",
            "run_as text not null",
            "statement text not null",
            "enabled boolean default true not null",
            "last_run_at timestamp with time zone",
            "constraint scheduled_jobs_pk primary key (id)",
            "constraint scheduled_jobs_code_key unique (code)",
        ],
        comment: "What the scheduler runs: the statement of each row is executed as its role.",
    },
    Table {
        identity: "public.saved_queries",
        lines: &[
            "id serial not null",
            "code text not null",
            "name text not null",
            "statement text not null",
            "constraint saved_queries_pk primary key (id)",
            "constraint saved_queries_code_key unique (code)",
        ],
        comment: "SQL text in rows, executed by fn_run_saved_query.",
    },
    Table {
        identity: "public.report_exports",
        lines: &[
            "id uuid default gen_random_uuid() not null",
            "report_no bigint default nextval('public.seq_report_no'::regclass) not null",
            "title text not null",
            "exported_at timestamp with time zone default now() not null",
            "constraint report_exports_pk primary key (id)",
        ],
        comment: "One of the few tables that the reporting role writes.",
    },
    Table {
        identity: "public.report_subscriptions",
        lines: &[
            "id uuid default gen_random_uuid() not null",
            "subscriber text not null",
            "cadence interval default '1 day'::interval not null",
            "constraint report_subscriptions_pk primary key (id)",
        ],
        comment: "",
    },
    Table {
        identity: "public.import_batches",
        lines: &[
            "id bigint default nextval('public.seq_batch_no'::regclass) not null",
            "source text not null",
            "received_at timestamp with time zone default now() not null",
            "constraint import_batches_pk primary key (id)",
        ],
        comment: "Owned by the importer, not by the CMS.",
    },
    Table {
        identity: "public.import_rows",
        lines: &[
            "batch_id bigint not null",
            "row_no integer not null",
            "payload jsonb not null",
            "constraint import_rows_pk primary key (batch_id, row_no)",
            "constraint import_rows_batch_fk foreign key (batch_id) references public.import_batches (id) on delete cascade",
        ],
        comment: "Owned by the importer, with a row policy.",
    },
    Table {
        identity: "public.\"Customer Notes\"",
        lines: &[
            "\"Note Id\" integer generated always as identity",
            "\"Ghi chú\" text",
            "\"createdAt\" timestamp(3) with time zone default now() not null",
            "constraint \"Customer Notes_pk\" primary key (\"Note Id\")",
        ],
        comment: "Tên có chữ hoa và dấu cách: a quoted name with an identity column.",
    },
    Table {
        identity: "public.chat_messages",
        lines: &[
            "id uuid default gen_random_uuid() not null",
            "code text",
            "body text",
            "constraint chat_messages_pk primary key (id)",
        ],
        comment: "Observed, not governed: no birth trigger.",
    },
    Table {
        identity: "public.page_views",
        lines: &[
            "id uuid default gen_random_uuid() not null",
            "path text",
            "seen_at timestamp with time zone default now() not null",
            "constraint page_views_pk primary key (id)",
        ],
        comment: "Observed, not governed; deletes are rewritten to nothing.",
    },
    Table {
        identity: "public.v_collection_counts",
        lines: &[
            "collection_name text not null",
            "births integer default 0 not null",
            "counted_at timestamp with time zone default now() not null",
            "constraint v_collection_counts_pk primary key (collection_name)",
        ],
        comment: "A table, whatever its name says; refreshed every ten minutes.",
    },
    Table {
        identity: "public.qt001_session",
        lines: &[
            "id uuid default gen_random_uuid() not null",
            "course_id integer not null",
            "starts_on date not null",
            "constraint qt001_session_pk primary key (id)",
            "constraint qt001_session_course_fk foreign key (course_id) references public.qt001_course (id)",
        ],
        comment: "A session of the training course QT001; no part of the legacy path.",
    },
    Table {
        identity: "public.qt001_certificate",
        lines: &[
            "id uuid default gen_random_uuid() not null",
            "enrolment_code text not null",
            "issued_on date",
            "constraint qt001_certificate_pk primary key (id)",
        ],
        comment: "A certificate of the training course QT001; no part of the legacy path.",
    },
    Table {
        identity: "public.qt001_venue",
        lines: &[
            "id uuid default gen_random_uuid() not null",
            "name text not null",
            "constraint qt001_venue_pk primary key (id)",
        ],
        comment: "A venue of the training course QT001; no part of the legacy path.",
    },
    Table {
        identity: "public.qt002_plan",
        lines: &[
            "id serial not null",
            "code text not null",
            "collection_name text not null",
            "state text default 'open'::text not null",
            "constraint qt002_plan_pk primary key (id)",
        ],
        comment: "The QT-002 path, which a freeze of the legacy path leaves alone.",
    },
    Table {
        identity: "public.qt002_run",
        lines: &[
            "id serial not null",
            "plan_id integer not null",
            "run_no bigint not null",
            "finished_at timestamp with time zone",
            "constraint qt002_run_pk primary key (id)",
            "constraint qt002_run_plan_fk foreign key (plan_id) references public.qt002_plan (id) on delete cascade",
        ],
        comment: "",
    },
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

/// Eighteen columns that were added and dropped again: they hold an attribute number for ever.
pub const DROPPED_COLUMNS: &str = "alter table public.birth_registry add column old_hash text, add column old_parent integer;
alter table public.birth_registry drop column old_hash, drop column old_parent;
alter table public.workflows add column old_bpmn text, add column old_owner text;
alter table public.workflows drop column old_bpmn, drop column old_owner;
alter table public.tac_documents add column old_html text, add column old_slug text, add column old_rank integer;
alter table public.tac_documents drop column old_html, drop column old_slug, drop column old_rank;
alter table public.people add column old_phone text, add column old_fax text;
alter table public.people drop column old_phone, drop column old_fax;
alter table public.directus_settings add column old_telemetry boolean;
alter table public.directus_settings drop column old_telemetry;
alter table public.tasks add column old_effort integer, add column old_team text;
alter table public.tasks drop column old_effort, drop column old_team;
alter table public.dot_tools add column old_body text;
alter table public.dot_tools drop column old_body;
alter table public.meta_catalog add column old_query text;
alter table public.meta_catalog drop column old_query;
alter table public.qt001_plan add column old_batch integer, add column old_mode text;
alter table public.qt001_plan drop column old_batch, drop column old_mode;
alter table public.qt001_candidate add column old_hash text;
alter table public.qt001_candidate drop column old_hash;
alter table public.backfill_ledger add column old_sum numeric;
alter table public.backfill_ledger drop column old_sum;";

/// Routines that are no part of the legacy path: jobs, stored SQL, QT-002, decoys.
pub const ROUTINES: &[Routine] = &[
    Routine {
        identity: "public.fn_detach_birth_trigger()",
        arguments: "",
        kind: RoutineKind::Trigger,
        language: "plpgsql",
        properties: "",
        body: "begin
  if to_regclass(format('public.%I', old.collection_name)) is not null then
    execute format('drop trigger if exists %I on public.%I', 'trg_birth_' || old.collection_name, old.collection_name);
  end if;
  return null;
end",
    },
    Routine {
        identity: "public.fn_next_code(text)",
        arguments: "prefix text",
        kind: RoutineKind::Function("text"),
        language: "plpgsql",
        properties: "",
        body: "begin
  return prefix || '-' || lpad(nextval('public.seq_dot_code')::text, 4, '0');
end",
    },
    Routine {
        identity: "public.fn_run_saved_query(text)",
        arguments: "query_code text",
        kind: RoutineKind::Function("bigint"),
        language: "plpgsql",
        properties: "",
        body: "declare
  command text;
  answer bigint;
begin
  select q.statement into command from public.saved_queries q where q.code = query_code;
  execute command into answer;
  return answer;
end",
    },
    Routine {
        identity: "public.fn_job_refresh_counts()",
        arguments: "",
        kind: RoutineKind::Function("integer"),
        language: "plpgsql",
        properties: "",
        body: "declare
  counted integer;
begin
  refresh materialized view public.mv_births_by_collection;
  insert into public.v_collection_counts (collection_name, births)
  select m.collection_name, m.births from public.mv_births_by_collection m
  on conflict (collection_name) do update set births = excluded.births, counted_at = now();
  get diagnostics counted = row_count;
  return counted;
end",
    },
    Routine {
        identity: "public.fn_monthly_rollup()",
        arguments: "",
        kind: RoutineKind::Function("bigint"),
        language: "plpgsql",
        properties: "",
        body: "declare
  months bigint;
begin
  create temp table rollup_by_month on commit drop as
  select date_trunc('month', b.born_at) as month, count(*) as births from public.birth_registry b group by 1;
  select count(*) into months from pg_temp.rollup_by_month;
  drop table pg_temp.rollup_by_month;
  return months;
end",
    },
    Routine {
        identity: "public.fn_schema_report()",
        arguments: "",
        kind: RoutineKind::Function("bigint"),
        language: "sql",
        properties: "stable",
        body: "select count(*) from information_schema.columns c where c.table_schema = 'public'",
    },
    Routine {
        identity: "public.fn_note_cast()",
        arguments: "",
        kind: RoutineKind::EventTrigger,
        language: "plpgsql",
        properties: "",
        body: "begin
  raise notice 'a cast was created';
end",
    },
    Routine {
        identity: "public.qt002_plan_build(text)",
        arguments: "collection text",
        kind: RoutineKind::Function("integer"),
        language: "plpgsql",
        properties: "",
        body: "declare
  built integer;
begin
  insert into public.qt002_plan (code, collection_name)
  values (public.fn_normalize_code('qt2-' || collection), collection)
  returning id into built;
  return built;
end",
    },
    Routine {
        identity: "public.qt002_apply(integer)",
        arguments: "plan integer",
        kind: RoutineKind::Function("bigint"),
        language: "plpgsql",
        properties: "",
        body: "declare
  applied bigint;
begin
  insert into public.qt002_run (plan_id, run_no, finished_at)
  values (plan, nextval('public.qt002_seq_run_no'), now())
  returning run_no into applied;
  if public.fn_species_of_collection((select p.collection_name from public.qt002_plan p where p.id = plan)) is null then
    perform public.fn_log_issue('QT002-' || plan, 'no species');
  end if;
  return applied;
end",
    },
    Routine {
        identity: "public.fn_qt002_ready(integer)",
        arguments: "plan integer",
        kind: RoutineKind::Function("boolean"),
        language: "sql",
        properties: "stable",
        body: "select exists (select from public.qt002_plan p where p.id = plan and p.state = 'open')",
    },
    Routine {
        identity: "public.qt001_course_fee(integer)",
        arguments: "course integer",
        kind: RoutineKind::Function("numeric"),
        language: "sql",
        properties: "stable",
        body: "select c.fee from public.qt001_course c where c.id = course",
    },
    Routine {
        identity: "public.qt001_next_session(integer)",
        arguments: "course integer",
        kind: RoutineKind::Function("date"),
        language: "sql",
        properties: "stable",
        body: "select min(s.starts_on) from public.qt001_session s where s.course_id = course and s.starts_on >= current_date",
    },
    Routine {
        identity: "public.qt001_seats_free(integer)",
        arguments: "course integer",
        kind: RoutineKind::Function("bigint"),
        language: "sql",
        properties: "stable",
        body: "select c.seats - (select count(*) from public.qt001_enrolment e where e.course_id = c.id) from public.qt001_course c where c.id = course",
    },
];

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

/// Rows: DOT tools with the two frozen ones, jobs, stored SQL, entities with keyword and foreign text.
pub const ROWS: &str = r#"insert into public.dot_tools (code, name, status, tier, paired, paired_dot, frozen, script_path) values
    ('DOT-101', 'Khai sinh tự động', 'active', 'A', true, 'DOT-102', false, 'dot/DOT-101.sh'),
    ('DOT-102', 'Kiểm tra khai sinh', 'active', 'B', true, 'DOT-101', false, 'dot/DOT-102.sh'),
    ('DOT-110', 'Đếm bộ sưu tập', 'active', 'A', false, null, false, 'dot/DOT-110.sql'),
    ('DOT-117', 'Đồng bộ danh mục', 'active', 'B', false, null, false, 'dot/DOT-117.sql'),
    ('DOT-118', 'Backfill khai sinh QT001', 'retired', 'A', true, 'DOT-119', true, 'dot/DOT-118.sql'),
    ('DOT-119', 'Kiểm tra backfill QT001', 'retired', 'B', true, 'DOT-118', true, 'dot/DOT-119.sql'),
    ('DOT-120', 'Báo cáo hàng tháng', 'draft', 'B', false, null, false, null);
insert into public.table_registry (table_id, name) values (null, 'bản nháp');
update public.table_registry set table_id = 'TBL-900' where name = 'bản nháp';
insert into public.scheduled_jobs (code, run_every, run_as, statement) values
    ('JOB-REFRESH', '10 minutes', 'directus', 'select public.fn_job_refresh_counts()'),
    ('JOB-BIRTH', '10 minutes', 'job_scheduler', 'select public.fn_job_birth_backfill()'),
    ('JOB-ROLLUP', '1 day', 'directus', 'select public.fn_monthly_rollup()');
insert into public.saved_queries (code, name, statement) values
    ('Q-BIRTHS', 'Số khai sinh', 'select count(*) from public.birth_registry'),
    ('Q-OPEN', 'Vấn đề đang mở', 'select count(*) from public.system_issues i where i.status <> ''closed''');
insert into public.mail_messages (code, name, "from", "timestamp", subject) values
    ('MAIL-900', 'Thư đến', 'duc@example.test', '2025-02-03 04:05:06+07', 'Xin chào – “birth” số 1');
insert into public.team_members (code, name, "user", "group", "primary") values
    ('TEAM-900', 'Ngọc', '00000000-0000-8000-8000-0000000000c1', 'quản trị', true);
insert into public."Customer Notes" ("Ghi chú", "createdAt") values ('khách hàng ưu tiên', '2025-03-01 00:00:00+00');
insert into public.qt001_course (code, name, fee, seats) values ('COURSE-900', 'QT001: Chất lượng cơ bản', 1500000, 12);
insert into public.qt001_enrolment (code, name, student_name, course_id)
select 'ENROL-900', 'ENROL-900', 'Lê Minh', c.id from public.qt001_course c where c.code = 'COURSE-900';
insert into public.qt001_session (course_id, starts_on)
select c.id, '2030-01-15' from public.qt001_course c where c.code = 'COURSE-900';
insert into public.qt001_certificate (enrolment_code, issued_on) values ('ENROL-900', '2025-05-05');
insert into public.qt001_venue (name) values ('Hội trường A');
insert into public.tac_documents (code, name, title, body, language) values
    ('DOC-700', 'Hiến chương', 'Hiến chương khai sinh', 'Mọi thực thể đều được khai sinh.', 'vi'),
    ('DOC-701', 'Charter', 'Birth charter', 'Every entity is born once.', 'en');
insert into public.qt001_candidate_evidence (code, candidate_id, document_id)
select 'EVID-700', 1, d.id from public.tac_documents d where d.code = 'DOC-700';
update public.qt001_run set workflow_id = (select min(w.id) from public.workflows w) where code = 'RUN-001';
insert into public.qt002_plan (code, collection_name) values ('QT2-TASKS', 'tasks');
insert into public.event_stream (event_id, occurred_at, kind, payload) values
    (1, '2025-06-01 00:00:00+00', 'birth', '{"n": 1}'), (2, '2026-06-01 00:00:00+00', 'birth', null), (3, '2031-01-01 00:00:00+00', 'later', null);
insert into public.import_batches (source) values ('nguồn A');
insert into public.import_rows (batch_id, row_no, payload) values (1, 1, '{"mã": "A1"}');
insert into public.chat_messages (code, body) values ('CHAT-1', 'xin chào');
insert into public.birth_registry (entity_code, collection_name, dot_origin, governance_role) values ('CHAT-1', 'chat_messages', 'DOT-101', 'observed');
update public.birth_registry
   set inspect_pen = '2025-07-01 00:00:00+00', inspect_stamp = '2025-07-02 00:00:00+00', inspect_gate = '2025-07-03 00:00:00+00'
 where entity_code in ('DOC-700', 'DOT-101', 'DOT-102');
refresh materialized view public.mv_births_by_collection;"#;

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
