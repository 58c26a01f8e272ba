//! Rows with a meaning, and the columns that are gone.
//!
//! For: DOT tools with their freeze flags, jobs, stored SQL, entities in other scripts. Not for: the first
//! entities of each collection. The fact to know: a date that a test reads is written out.

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
-- Rows that no package may change are fingerprinted, so their clocks stand still: whoever loads this estate, and when,
-- has the same rows.
update public.birth_registry set date_created = '2025-07-01 00:00:00+00', born_at = '2025-07-01 00:00:00+00', certified_at = case when certified then inspect_gate end;
update public.dot_tools set date_created = '2025-07-01 00:00:00+00';
refresh materialized view public.mv_births_by_collection;"#;
