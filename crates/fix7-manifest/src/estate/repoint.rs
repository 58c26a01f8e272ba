//! The live writer, its callers, and what they become when authority moves.
//!
//! For: the bodies of the dispatcher and of the job before and after the repoint, and the body of a stub.
//! Not for: the gateway itself, which belongs to the control plane. The fact to know: bodies before the
//! repoint are read from the capture; the ones here are what the estate starts with.

use manifest_model::estate::{Routine, RoutineKind};

/// The legacy routine that is the active writer before the repoint.
pub const LIVE_WRITER: &str = "public.qt001_write_birth(text,text,text)";

/// The gateway that the callers call after the repoint.
pub const GATEWAY: &str = "qt001_cp.qt001_writer_gateway";

/// The writer type that dispatcher and job write as.
pub const WRITER_TYPE: &str = "birth_writer";

/// Who calls the writer: the CMS and the scheduler.
pub const CALLER_ROLES: [&str; 2] = ["directus", "job_scheduler"];

/// The callers of the live writer, as the estate starts.
pub const CALLERS: &[Routine] = &[
    Routine {
        identity: "public.fn_writer_dispatch(text,text,text)",
        arguments: "writer_type text, entity text, collection text",
        kind: RoutineKind::Function("text"),
        language: "plpgsql",
        properties: "",
        body: "begin
  if writer_type <> 'birth_writer' then
    raise exception 'unknown writer type `%`', writer_type using errcode = 'invalid_parameter_value';
  end if;
  return public.qt001_write_birth(entity, collection, 'DISPATCH');
end",
    },
    Routine {
        identity: "public.fn_job_birth_backfill()",
        arguments: "",
        kind: RoutineKind::Function("integer"),
        language: "plpgsql",
        properties: "",
        body: "declare
  waiting record;
  handled integer := 0;
begin
  for waiting in
    select t.table_id as entity from public.table_registry t
     where not exists (select from public.birth_registry b where b.entity_code = t.table_id)
  loop
    perform public.qt001_write_birth(waiting.entity, 'table_registry', 'JOB');
    handled := handled + 1;
  end loop;
  return handled;
end",
    },
];

/// The callers after the repoint: the same signatures, through the gateway, which refuses while
/// readiness is BLOCKED.
pub const REPOINTED: &[Routine] = &[
    Routine {
        identity: "public.fn_writer_dispatch(text,text,text)",
        arguments: "writer_type text, entity text, collection text",
        kind: RoutineKind::Function("text"),
        language: "plpgsql",
        properties: "",
        body: "declare
  answer text;
begin
  select g.decision into answer
    from qt001_cp.qt001_writer_gateway(writer_type, jsonb_build_object('entity', entity, 'collection', collection), true) as g;
  return answer;
end",
    },
    Routine {
        identity: "public.fn_job_birth_backfill()",
        arguments: "",
        kind: RoutineKind::Function("integer"),
        language: "plpgsql",
        properties: "",
        body: "declare
  waiting record;
  handled integer := 0;
begin
  for waiting in
    select t.table_id as entity from public.table_registry t
     where not exists (select from public.birth_registry b where b.entity_code = t.table_id)
  loop
    perform g.decision
       from qt001_cp.qt001_writer_gateway('birth_writer', jsonb_build_object('entity', waiting.entity, 'collection', 'table_registry'), true) as g;
    handled := handled + 1;
  end loop;
  return handled;
end",
    },
];

/// The body that every STUB_FAIL_CLOSED member gets: it refuses, whatever it is called with. One plpgsql
/// body serves functions of any type and procedures, since it never returns.
pub const STUB_BODY: &str = "begin
  raise exception 'this entrypoint of the legacy path is closed: authority lies with qt001_cp'
    using errcode = 'insufficient_privilege', hint = 'writes are decided by qt001_cp.qt001_writer_gateway';
end";

/// The permit that no package opens, consumes or depends on, and the state that would open it.
pub const PERMIT: (&str, &str) = ("public.qt001_backfill_permit", "OPEN");
