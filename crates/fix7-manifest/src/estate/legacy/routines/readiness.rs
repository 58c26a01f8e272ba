//! Permit and readiness: what a cutover revokes, bodies kept.
//!
//! For: what decides whether the legacy path may write. Not for: counting or writing. The fact to know: thresholds are written into bodies here, whatever the tables say.

use manifest_model::estate::Disposition::RevokeOnly;
use manifest_model::estate::{DynamicSql, LegacyRoutine, Routine, RoutineKind};

/// In creation order.
pub const ROUTINES: [LegacyRoutine; 14] = [
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
];
