//! Planners, writers and apply: the entrypoints that a cutover stubs.
//!
//! For: everything that writes births or prepares to. Not for: reading. The fact to know: `qt001_write_birth` is the live writer.

use manifest_model::estate::Disposition::StubFailClosed;
use manifest_model::estate::{DynamicSql, LegacyRoutine, Routine, RoutineKind};

/// In creation order.
pub const ROUTINES: [LegacyRoutine; 13] = [
    // Planners.
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_plan_build(text)",
            arguments: "collection text",
            kind: RoutineKind::Function("integer"),
            language: "plpgsql",
            properties: "",
            body: "declare
  built integer;
begin
  insert into public.qt001_plan (code, collection_name)
  values (public.fn_backfill_ticket(), collection)
  returning id into built;
  perform public.qt001_plan_expand(built);
  return built;
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_plan_expand(integer)",
            arguments: "plan integer",
            kind: RoutineKind::Function("integer"),
            language: "plpgsql",
            properties: "",
            body: "declare
  expanded integer;
begin
  insert into public.qt001_plan_item (plan_id, code, collection_name)
  select plan, s.code, s.collection_name
    from public.birth_candidate_stage s
    join public.qt001_plan p on p.collection_name = s.collection_name
   where p.id = plan;
  get diagnostics expanded = row_count;
  return expanded;
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.fn_plan_next_batch(integer)",
            arguments: "plan integer",
            kind: RoutineKind::Function("integer"),
            language: "plpgsql",
            properties: "",
            body: "begin
  return (select min(i.id) from public.qt001_plan_item i where i.plan_id = plan and i.state = 'draft');
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_plan_close(integer)",
            arguments: "plan integer",
            kind: RoutineKind::Function("integer"),
            language: "plpgsql",
            properties: "",
            body: "begin
  if not public.qt001_has_quorum(plan) then
    return 0;
  end if;
  update public.qt001_plan set state = 'closed' where id = plan;
  return plan;
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::None,
    },
    // Writers.
    LegacyRoutine {
        routine: Routine {
            identity: "public.fn_stage_candidate(text,text)",
            arguments: "entity text, collection text",
            kind: RoutineKind::Function("integer"),
            language: "plpgsql",
            properties: "",
            body: "declare
  staged integer;
begin
  insert into public.birth_candidate_stage (code, collection_name, origin)
  values (public.fn_normalize_code(entity), collection, 'WRITER')
  returning id into staged;
  return staged;
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_write_candidate(text,text)",
            arguments: "entity text, collection text",
            kind: RoutineKind::Function("integer"),
            language: "plpgsql",
            properties: "",
            body: "declare
  written integer;
begin
  insert into public.qt001_candidate (code, collection_name) values (entity, collection) returning id into written;
  return written;
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_write_evidence(integer,text)",
            arguments: "document integer, evidence text",
            kind: RoutineKind::Function("integer"),
            language: "plpgsql",
            properties: "",
            body: "declare
  written integer;
begin
  insert into public.qt001_candidate_evidence (code, document_id) values (evidence, document) returning id into written;
  return written;
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_write_birth(text,text,text)",
            arguments: "entity text, collection text, origin text",
            kind: RoutineKind::Function("text"),
            language: "plpgsql",
            properties: "",
            body: "begin
  -- The live writer: it applies under an open permit, and stages otherwise.
  if not public.qt001_candidate_is_valid(entity) then
    return 'SKIPPED';
  end if;
  if not (public.qt001_permit_is_open('PERMIT-001') and public.qt001_is_ready()) then
    perform public.fn_stage_candidate(entity, collection);
    return 'STAGED';
  end if;
  perform set_config('birth.dot_origin', origin, true);
  perform public.fn_dot_birth_qt001_apply(collection, 1);
  return 'APPLIED';
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::None,
    },
    // Apply.
    LegacyRoutine {
        routine: Routine {
            identity: "public.fn_dot_birth_qt001_apply(text,integer)",
            arguments: "collection text, batch integer",
            kind: RoutineKind::Function("integer"),
            language: "plpgsql",
            properties: "",
            body: "declare
  applied integer;
begin
  if not public.qt001_permit_is_open('PERMIT-001') then
    raise exception 'backfill is blocked: %', public.fn_backfill_blocked_reason() using errcode = 'insufficient_privilege';
  end if;
  insert into public.birth_registry (entity_code, collection_name, species_code, dot_origin, governance_role)
  select s.code, s.collection_name, public.fn_candidate_species(s.collection_name), 'QT001', 'governed'
    from public.birth_candidate_stage s
   where s.collection_name = collection
   order by s.id
   limit batch
  on conflict (entity_code) do nothing;
  get diagnostics applied = row_count;
  insert into public.backfill_ledger (code, collection_name, births) values (public.fn_backfill_ticket(), collection, applied);
  return applied;
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_apply_candidate(integer)",
            arguments: "candidate integer",
            kind: RoutineKind::Function("text"),
            language: "plpgsql",
            properties: "",
            body: "declare
  entity text;
  collection text;
begin
  select c.code, c.collection_name into entity, collection from public.qt001_candidate c where c.id = candidate;
  return public.qt001_write_birth(entity, collection, 'CANDIDATE');
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_apply_batch(integer)",
            arguments: "plan integer",
            kind: RoutineKind::Function("integer"),
            language: "plpgsql",
            properties: "",
            body: "declare
  item record;
  applied integer := 0;
begin
  for item in select i.code, i.collection_name from public.qt001_plan_item i where i.plan_id = plan loop
    if public.qt001_write_birth(item.code, item.collection_name, 'PLAN') = 'APPLIED' then
      applied := applied + 1;
    end if;
  end loop;
  return applied;
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.fn_apply_backfill_batch(integer,text)",
            arguments: "batch integer, collection text",
            kind: RoutineKind::Function("integer"),
            language: "plpgsql",
            properties: "",
            body: "begin
  return public.fn_dot_birth_qt001_apply(collection, batch);
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.sp_dot_birth_qt001_apply(text)",
            arguments: "collection text",
            kind: RoutineKind::Procedure,
            language: "plpgsql",
            properties: "",
            body: "begin
  perform public.fn_dot_birth_qt001_apply(collection, 100);
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::None,
    },
];
