//! The five bodies that build their statements at run time.
//!
//! For: what a review made of each. Not for: guessing: a body that no review can close says so. The fact to know: `pg_depend` has no row for what they reach.

use manifest_model::estate::Disposition::{RevokeOnly, StubFailClosed};
use manifest_model::estate::{DynamicSql, LegacyRoutine, Routine, RoutineKind};

/// In creation order.
pub const ROUTINES: [LegacyRoutine; 5] = [
    // Bodies that build their statements at run time: three are closed, as a review found.
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_count_rows(text)",
            arguments: "kind text",
            kind: RoutineKind::Function("bigint"),
            language: "plpgsql",
            properties: "stable",
            body: "declare
  target text := case kind when 'plan' then 'qt001_plan' when 'run' then 'qt001_run' when 'candidate' then 'qt001_candidate' end;
  counted bigint;
begin
  if target is null then
    return 0;
  end if;
  execute format('select count(*) from public.%I', target) into counted;
  return counted;
end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::Resolved {
            reaches: &["public.qt001_candidate", "public.qt001_plan", "public.qt001_run"],
            because: "the only name that is formatted in comes from a CASE over three literals, and NULL returns before the statement",
        },
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.fn_refresh_readiness_cache(text)",
            arguments: "scope text",
            kind: RoutineKind::Function("boolean"),
            language: "plpgsql",
            properties: "",
            body: "declare
  answer boolean;
begin
  execute 'select public.qt001_readiness_score($1) >= public.qt001_threshold_value(''coverage'')' into answer using scope;
  execute 'update public.v_readiness_cache set ready = $1 where code = $2' using answer, scope;
  return answer;
end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::Resolved {
            reaches: &["public.qt001_readiness_score(text)", "public.qt001_threshold_value(text)", "public.v_readiness_cache"],
            because: "both statements are constant strings; the argument is bound as a value, never as text",
        },
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_dispatch_step(text,integer)",
            arguments: "step text, run integer",
            kind: RoutineKind::Function("integer"),
            language: "plpgsql",
            properties: "",
            body: "declare
  routine text;
  answer integer;
begin
  foreach routine in array array['qt001_plan_expand', 'fn_plan_next_batch', 'qt001_plan_close'] loop
    if routine = step then
      execute format('select public.%I($1)', routine) into answer using run;
    end if;
  end loop;
  return answer;
end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::Resolved {
            reaches: &["public.fn_plan_next_batch(integer)", "public.qt001_plan_close(integer)", "public.qt001_plan_expand(integer)"],
            because: "the name that is formatted in ranges over a constant array of three routines, each with one integer argument",
        },
    },
    // Two bodies that no review can close: their text comes from rows and from the caller.
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_run_statement(integer)",
            arguments: "statement_id integer",
            kind: RoutineKind::Function("void"),
            language: "plpgsql",
            properties: "",
            body: "declare
  command text;
begin
  select s.statement into command from public.qt001_statement s where s.id = statement_id;
  execute command;
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::Unbounded { because: "the statement is the text of a row of public.qt001_statement" },
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_adhoc_probe(text)",
            arguments: "predicate text",
            kind: RoutineKind::Function("bigint"),
            language: "plpgsql",
            properties: "",
            body: "declare
  counted bigint;
begin
  execute 'select count(*) from public.birth_registry b where ' || predicate into counted;
  return counted;
end",
        },
        disposition: StubFailClosed,
        dynamic: DynamicSql::Unbounded { because: "the predicate is an argument" },
    },
];
