//! The 20 tables of the legacy path, their sequences, triggers and rows.
//!
//! For: what the legacy writers write and the legacy views read. Not for: tables whose names merely
//! begin with `qt001_`, which are live. The fact to know: two of them reference live tables with an
//! action, so that a frozen table makes deletes in the live one fail.

use manifest_model::estate::Table;

/// Every legacy table, in creation order.
pub const TABLES: [Table; 20] = [
    Table {
        identity: "public.qt001_backfill_permit",
        lines: &[
            "id serial not null",
            "code text not null",
            "state text default 'DO_NOT_OPEN'::text not null",
            "requested_by text",
            "note text",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_backfill_permit_pk primary key (id)",
            "constraint qt001_backfill_permit_code_key unique (code)",
            "constraint qt001_backfill_permit_state_check check ((state = ANY (ARRAY['DO_NOT_OPEN'::text, 'DRAFT'::text, 'REFUSED'::text, 'EXPIRED'::text, 'OPEN'::text])))",
        ],
        comment: "The permit that a backfill would need. No row is OPEN, and no package of FIX7 opens one.",
    },
    Table {
        identity: "public.qt001_plan",
        lines: &[
            "id serial not null",
            "code text not null",
            "state text default 'draft'::text not null",
            "plan_no bigint default nextval('public.qt001_seq_plan_no'::regclass) not null",
            "collection_name text",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_plan_pk primary key (id)",
            "constraint qt001_plan_code_key unique (code)",
        ],
        comment: "Kế hoạch: what a backfill would do.",
    },
    Table {
        identity: "public.qt001_plan_item",
        lines: &[
            "id serial not null",
            "plan_id integer not null",
            "code text not null",
            "state text default 'draft'::text not null",
            "collection_name text",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_plan_item_pk primary key (id)",
            "constraint qt001_plan_item_plan_fk foreign key (plan_id) references public.qt001_plan (id) on delete cascade",
        ],
        comment: "",
    },
    Table {
        identity: "public.qt001_run",
        lines: &[
            "id serial not null",
            "code text not null",
            "state text default 'open'::text not null",
            "workflow_id integer",
            "collection_name text",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_run_pk primary key (id)",
            "constraint qt001_run_workflow_fk foreign key (workflow_id) references public.workflows (id) on delete set null",
        ],
        comment: "",
    },
    Table {
        identity: "public.qt001_run_step",
        lines: &[
            "id serial not null",
            "run_id integer not null",
            "code text not null",
            "state text default 'open'::text not null",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_run_step_pk primary key (id)",
            "constraint qt001_run_step_run_fk foreign key (run_id) references public.qt001_run (id) on delete cascade",
        ],
        comment: "",
    },
    Table {
        identity: "public.qt001_candidate",
        lines: &[
            "id serial not null",
            "code text",
            "state text default 'open'::text not null",
            "collection_name text not null",
            "candidate_no bigint",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_candidate_pk primary key (id)",
        ],
        comment: "",
    },
    Table {
        identity: "public.qt001_candidate_evidence",
        lines: &[
            "id serial not null",
            "code text not null",
            "state text default 'open'::text not null",
            "candidate_id integer",
            "document_id integer not null",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_candidate_evidence_pk primary key (id)",
            "constraint qt001_candidate_evidence_candidate_fk foreign key (candidate_id) references public.qt001_candidate (id)",
            "constraint qt001_candidate_evidence_document_fk foreign key (document_id) references public.tac_documents (id) on delete cascade",
        ],
        comment: "Deleting a document deletes its evidence: an action of a legacy table on a live one.",
    },
    Table {
        identity: "public.qt001_readiness",
        lines: &[
            "id serial not null",
            "code text not null",
            "state text default 'open'::text not null",
            "score numeric default 0 not null",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_readiness_pk primary key (id)",
        ],
        comment: "",
    },
    Table {
        identity: "public.qt001_threshold",
        lines: &[
            "id integer not null",
            "code text not null",
            "state text default 'open'::text not null",
            "value numeric not null",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_threshold_pk primary key (id)",
            "constraint qt001_threshold_value_check check (((value >= (0)::numeric) AND (value <= (1)::numeric)))",
        ],
        comment: "Nobody reads these: the thresholds in force are written into the functions.",
    },
    Table {
        identity: "public.qt001_signoff",
        lines: &[
            "id serial not null",
            "code text not null",
            "state text default 'open'::text not null",
            "plan_id integer not null",
            "signed_by text not null",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_signoff_pk primary key (id)",
            "constraint qt001_signoff_plan_fk foreign key (plan_id) references public.qt001_plan (id)",
        ],
        comment: "",
    },
    Table {
        identity: "public.qt001_gate",
        lines: &[
            "id integer not null",
            "code text not null",
            "state text default 'open'::text not null",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_gate_pk primary key (id)",
            "constraint qt001_gate_code_key unique (code)",
        ],
        comment: "",
    },
    Table {
        identity: "public.qt001_writer_config",
        lines: &[
            "id integer not null",
            "code text not null",
            "state text default 'open'::text not null",
            "setting json",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_writer_config_pk primary key (id)",
        ],
        comment: "",
    },
    Table {
        identity: "public.qt001_audit_log",
        lines: &[
            "id serial not null",
            "code text not null",
            "state text default 'open'::text not null",
            "detail text",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_audit_log_pk primary key (id)",
        ],
        comment: "",
    },
    Table {
        identity: "public.qt001_error_queue",
        lines: &[
            "id serial not null",
            "code text not null",
            "state text default 'open'::text not null",
            "message text",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_error_queue_pk primary key (id)",
        ],
        comment: "",
    },
    Table {
        identity: "public.qt001_snapshot",
        lines: &[
            "id serial not null",
            "code text not null",
            "state text default 'open'::text not null",
            "payload json",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_snapshot_pk primary key (id)",
        ],
        comment: "",
    },
    Table {
        identity: "public.qt001_statement",
        lines: &[
            "id serial not null",
            "code text not null",
            "state text default 'open'::text not null",
            "statement text not null",
            "created_at timestamp with time zone default now() not null",
            "constraint qt001_statement_pk primary key (id)",
        ],
        comment: "SQL text in rows, executed by qt001_run_statement.",
    },
    Table {
        identity: "public.backfill_ledger",
        lines: &[
            "id serial not null",
            "code text not null",
            "state text default 'open'::text not null",
            "collection_name text",
            "births integer default 0 not null",
            "created_at timestamp with time zone default now() not null",
            "constraint backfill_ledger_pk primary key (id)",
        ],
        comment: "A member of the legacy path that its name does not give away.",
    },
    Table {
        identity: "public.birth_candidate_stage",
        lines: &[
            "id serial not null",
            "code text not null",
            "state text default 'open'::text not null",
            "collection_name text not null",
            "origin text",
            "created_at timestamp with time zone default now() not null",
            "constraint birth_candidate_stage_pk primary key (id)",
        ],
        comment: "Where the live writer leaves what it may not apply.",
    },
    Table {
        identity: "public.v_readiness_cache",
        lines: &[
            "id integer not null",
            "code text not null",
            "state text default 'open'::text not null",
            "ready boolean default false not null",
            "created_at timestamp with time zone default now() not null",
            "constraint v_readiness_cache_pk primary key (id)",
        ],
        comment: "A table, whatever its name says.",
    },
    Table {
        identity: "public.admission_request",
        lines: &[
            "id serial not null",
            "code text not null",
            "state text default 'open'::text not null",
            "requested_by text",
            "created_at timestamp with time zone default now() not null",
            "constraint admission_request_pk primary key (id)",
        ],
        comment: "",
    },
];

/// Triggers of legacy functions: on legacy tables, one of them disabled, and one on a live table.
pub const TRIGGERS: &str = "create trigger trg_qt001_plan_audit after insert or update on public.qt001_plan
    for each row execute function public.qt001_trg_audit();
create trigger trg_qt001_run_audit after insert or update on public.qt001_run
    for each row execute function public.qt001_trg_audit();
create trigger trg_qt001_candidate_code before insert on public.qt001_candidate
    for each row execute function public.fn_trg_candidate_code();
create trigger trg_qt001_permit_guard before insert or update on public.qt001_backfill_permit
    for each row execute function public.qt001_trg_permit_guard();
create trigger trg_qt001_stage_audit after insert on public.birth_candidate_stage
    for each row execute function public.qt001_trg_audit();
alter table public.birth_candidate_stage disable trigger trg_qt001_stage_audit;
create trigger trg_qt001_document_seen after insert or update on public.tac_documents
    for each row execute function public.qt001_trg_document_seen();";

/// A few rows for each table, loaded before the triggers stand.
pub const ROWS: &str = "insert into public.qt001_backfill_permit (code, state, requested_by, note) values
    ('PERMIT-001', 'DO_NOT_OPEN', 'T1', 'Không được mở'),
    ('PERMIT-002', 'REFUSED', 'T1', null),
    ('PERMIT-003', 'EXPIRED', 'T2', null),
    ('PERMIT-004', 'DRAFT', 'T2', null);
insert into public.qt001_plan (code, state, collection_name) values
    ('PLAN-001', 'draft', 'tac_documents'), ('PLAN-002', 'closed', 'workflows'), ('PLAN-003', 'open', 'tasks');
insert into public.qt001_plan_item (plan_id, code, state, collection_name) values
    (1, 'ITEM-001', 'draft', 'tac_documents'), (1, 'ITEM-002', 'open', 'tac_documents'), (2, 'ITEM-003', 'closed', 'workflows');
insert into public.qt001_run (code, state, collection_name) values
    ('RUN-001', 'closed', 'workflows'), ('RUN-002', 'open', 'tasks');
insert into public.qt001_run_step (run_id, code, state) values (1, 'STEP-001', 'closed'), (2, 'STEP-001', 'open');
insert into public.qt001_candidate (code, state, collection_name, candidate_no) values
    ('CAND-001', 'open', 'tac_documents', 1), ('CAND-002', 'closed', 'tasks', 2);
insert into public.qt001_readiness (code, state, score) values ('all', 'open', 0.97), ('tasks', 'open', 0.41);
insert into public.qt001_threshold (id, code, value) values (1, 'coverage', 0.5), (2, 'quorum', 0.5);
insert into public.qt001_signoff (code, plan_id, signed_by) values ('SIGN-001', 1, 'T1'), ('SIGN-002', 1, 'T1');
insert into public.qt001_gate (id, code, state) values (1, 'coverage', 'open'), (2, 'quorum', 'closed');
insert into public.qt001_writer_config (id, code, setting) values (1, 'default', '{\"batch\": 100}');
insert into public.qt001_audit_log (code, detail) values ('PLAN-001', 'tạo kế hoạch');
insert into public.qt001_error_queue (code, message) values ('RUN-002', 'lỗi: không có quyền');
insert into public.qt001_snapshot (code, payload) values ('SNAP-001', '{\"births\": 0}');
insert into public.qt001_statement (code, statement) values
    ('STMT-001', 'select count(*) from public.qt001_plan'),
    ('STMT-002', 'update public.qt001_run set state = ''closed'' where code = ''RUN-002''');
insert into public.backfill_ledger (code, collection_name, births) values ('LEDGER-001', 'workflows', 2);
insert into public.birth_candidate_stage (code, collection_name, origin) values ('DOC-900', 'tac_documents', 'JOB');
insert into public.v_readiness_cache (id, code, ready) values (1, 'all', false);
insert into public.admission_request (code, requested_by) values ('ADM-001', 'PEOPLE-1');";
