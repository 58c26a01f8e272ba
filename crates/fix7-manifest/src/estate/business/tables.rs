//! Business tables beside the governed collections.
//!
//! For: jobs, stored SQL, what others own, QT-002, tables of the training course. Not for: collections.
//! The fact to know: a name that begins with `v_` or `qt001_` says nothing about what a table is.

use manifest_model::estate::Table;

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
