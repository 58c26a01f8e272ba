//! Business routines: jobs, stored SQL, QT-002, decoys.
//!
//! For: what must go on working after a freeze. Not for: the birth system's own. The fact to know: some
//! do what only an owner may (triggers, refresh, temporary tables), which no grant audit finds.

use manifest_model::estate::{Routine, RoutineKind};

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
