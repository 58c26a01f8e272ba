//! The 46 routines of the legacy path, each with what becomes of it.
//!
//! For: apply, writers, planners (stubbed at the cutover) and readiness, permit, bookkeeping (revoked,
//! bodies kept), and what a review made of the five bodies with dynamic SQL. Not for: routines whose
//! names merely begin with `qt001_`. The fact to know: what a routine is decides its disposition, not
//! how it is called.

use manifest_model::estate::Disposition::{RevokeOnly, StubFailClosed};
use manifest_model::estate::{DynamicSql, LegacyRoutine, Routine, RoutineKind};

/// Every legacy routine, in creation order.
pub const ROUTINES: [LegacyRoutine; 46] = [
    // The permit: read by every writer, and never open.
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_permit_state(text)",
            arguments: "permit text",
            kind: RoutineKind::Function("text"),
            language: "sql",
            properties: "stable",
            body: "select p.state from public.qt001_backfill_permit p where p.code = permit",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_permit_is_open(text)",
            arguments: "permit text",
            kind: RoutineKind::Function("boolean"),
            language: "sql",
            properties: "stable",
            body: "select coalesce(public.qt001_permit_state(permit) = 'OPEN', false)",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.fn_backfill_blocked_reason()",
            arguments: "",
            kind: RoutineKind::Function("text"),
            language: "sql",
            properties: "stable",
            body: "select string_agg(p.code || ': ' || p.state, ', ' order by p.code) from public.qt001_backfill_permit p where p.state <> 'OPEN'",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    // Readiness: every threshold is written into a body, whatever the tables say.
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_threshold_value(text)",
            arguments: "threshold text",
            kind: RoutineKind::Function("numeric"),
            language: "sql",
            properties: "immutable",
            body: "select case threshold
         when 'coverage' then 0.95
         when 'error_rate' then 0.02
         when 'quorum' then 2
         when 'staleness_days' then 7
         else 1
       end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_coverage(text)",
            arguments: "collection text",
            kind: RoutineKind::Function("numeric"),
            language: "sql",
            properties: "stable",
            body: "select count(*) filter (where b.certified)::numeric / nullif(count(*), 0)
  from public.birth_registry b
 where collection = 'all' or b.collection_name = collection",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_coverage_gap(text)",
            arguments: "collection text",
            kind: RoutineKind::Function("numeric"),
            language: "sql",
            properties: "stable",
            body: "select public.qt001_threshold_value('coverage') - coalesce(public.qt001_coverage(collection), 0)",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_error_count(text)",
            arguments: "source text",
            kind: RoutineKind::Function("bigint"),
            language: "sql",
            properties: "stable",
            body: "select count(*) from public.qt001_error_queue e where e.code = source or source = 'all'",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_readiness_score(text)",
            arguments: "scope text",
            kind: RoutineKind::Function("numeric"),
            language: "plpgsql",
            properties: "stable",
            body: "declare
  score numeric;
begin
  select r.score into score from public.qt001_readiness r where r.code = scope order by r.id desc limit 1;
  -- A scope without a row has always counted as almost ready.
  return coalesce(score, 0.94) - 0.01 * public.qt001_error_count(scope);
end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_gate_passed(text)",
            arguments: "gate text",
            kind: RoutineKind::Function("boolean"),
            language: "plpgsql",
            properties: "stable",
            body: "begin
  return case gate
           when 'coverage' then public.qt001_coverage_gap('all') <= 0
           when 'quorum' then true
           else public.qt001_readiness_score(gate) >= 0.90
         end;
end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_gate_count()",
            arguments: "",
            kind: RoutineKind::Function("integer"),
            language: "sql",
            properties: "immutable",
            body: "select 14",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.fn_readiness_gate(text)",
            arguments: "gate text",
            kind: RoutineKind::Function("text"),
            language: "sql",
            properties: "stable",
            body: "select case when public.qt001_gate_passed(gate) then 'PASS' else 'BLOCKED' end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_is_ready()",
            arguments: "",
            kind: RoutineKind::Function("boolean"),
            language: "sql",
            properties: "stable",
            body: "select public.qt001_readiness_score('all') >= 0.95 and public.qt001_error_count('all') < 10",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_signoff_count(integer)",
            arguments: "plan integer",
            kind: RoutineKind::Function("bigint"),
            language: "sql",
            properties: "stable",
            body: "select count(*) from public.qt001_signoff s where s.plan_id = plan",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_has_quorum(integer)",
            arguments: "plan integer",
            kind: RoutineKind::Function("boolean"),
            language: "sql",
            properties: "stable",
            body: "select public.qt001_signoff_count(plan) >= 2",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    // Reading helpers.
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_last_run(text)",
            arguments: "collection text",
            kind: RoutineKind::Function("integer"),
            language: "sql",
            properties: "stable",
            body: "select max(r.id) from public.qt001_run r where r.collection_name = collection",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.fn_run_age(integer)",
            arguments: "run integer",
            kind: RoutineKind::Function("interval"),
            language: "sql",
            properties: "stable",
            body: "select now() - r.created_at from public.qt001_run r where r.id = run",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.fn_ledger_total(text)",
            arguments: "collection text",
            kind: RoutineKind::Function("bigint"),
            language: "sql",
            properties: "stable",
            body: "select coalesce(sum(l.births), 0)::bigint from public.backfill_ledger l where l.collection_name = collection",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.fn_candidate_species(text)",
            arguments: "collection text",
            kind: RoutineKind::Function("text"),
            language: "sql",
            properties: "stable",
            body: "select public.fn_species_of_collection(collection)",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_candidate_is_valid(text)",
            arguments: "candidate text",
            kind: RoutineKind::Function("boolean"),
            language: "sql",
            properties: "stable",
            body: "select public.fn_normalize_code(candidate) is not null
   and not exists (select from public.birth_registry b where b.entity_code = candidate)",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    // Numbers from sequences that no dependency row ties to these bodies.
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_next_candidate_no()",
            arguments: "",
            kind: RoutineKind::Function("bigint"),
            language: "sql",
            properties: "",
            body: "select nextval('public.qt001_seq_candidate_no')",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.fn_backfill_ticket()",
            arguments: "",
            kind: RoutineKind::Function("text"),
            language: "plpgsql",
            properties: "",
            body: "begin
  return 'BF-' || lpad(nextval('public.backfill_ticket_no')::text, 6, '0');
end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    // Bookkeeping.
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_log_error(text,text)",
            arguments: "source text, message text",
            kind: RoutineKind::Function("void"),
            language: "plpgsql",
            properties: "",
            body: "begin
  insert into public.qt001_error_queue (code, message) values (source, message);
  perform public.fn_log_issue('QT001-' || source, message);
end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_snapshot_take(text)",
            arguments: "snapshot text",
            kind: RoutineKind::Function("integer"),
            language: "plpgsql",
            properties: "",
            body: "declare
  taken integer;
begin
  insert into public.qt001_snapshot (code, payload)
  select snapshot, json_build_object('births', count(*), 'certified', count(*) filter (where b.certified))
    from public.birth_registry b
  returning id into taken;
  return taken;
end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_admin_reset(text)",
            arguments: "plan_code text",
            kind: RoutineKind::Function("void"),
            language: "plpgsql",
            properties: "security definer",
            body: "begin
  -- SECURITY DEFINER, without a pinned search_path: whoever may call it writes as directus.
  update public.qt001_plan set state = 'draft' where code = plan_code;
  delete from public.qt001_error_queue where code = plan_code;
end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    // Trigger functions; the third fires on a live table.
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_trg_audit()",
            arguments: "",
            kind: RoutineKind::Trigger,
            language: "plpgsql",
            properties: "",
            body: "begin
  insert into public.qt001_audit_log (code, detail) values (new.code, tg_table_name || ' ' || tg_op);
  return null;
end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.fn_trg_candidate_code()",
            arguments: "",
            kind: RoutineKind::Trigger,
            language: "plpgsql",
            properties: "",
            body: "begin
  new.candidate_no := coalesce(new.candidate_no, public.qt001_next_candidate_no());
  new.code := coalesce(public.fn_normalize_code(new.code), 'CAND-' || new.candidate_no);
  return new;
end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_trg_document_seen()",
            arguments: "",
            kind: RoutineKind::Trigger,
            language: "plpgsql",
            properties: "",
            body: "begin
  insert into public.qt001_audit_log (code, detail) values (coalesce(new.code, '?'), 'tài liệu ' || tg_op);
  return null;
end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
    LegacyRoutine {
        routine: Routine {
            identity: "public.qt001_trg_permit_guard()",
            arguments: "",
            kind: RoutineKind::Trigger,
            language: "plpgsql",
            properties: "",
            body: "begin
  if new.state = 'OPEN' then
    raise exception 'permit `%` must not be opened', new.code using errcode = 'check_violation';
  end if;
  return new;
end",
        },
        disposition: RevokeOnly,
        dynamic: DynamicSql::None,
    },
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
