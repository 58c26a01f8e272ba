//! Helpers, numbers, bookkeeping and trigger functions.
//!
//! For: what the writers lean on. Not for: deciding or applying. The fact to know: one trigger function fires on a live table, and sequences are named only in bodies.

use manifest_model::estate::Disposition::RevokeOnly;
use manifest_model::estate::{DynamicSql, LegacyRoutine, Routine, RoutineKind};

/// In creation order.
pub const ROUTINES: [LegacyRoutine; 14] = [
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
];
