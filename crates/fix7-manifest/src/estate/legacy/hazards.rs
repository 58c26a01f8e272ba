//! Edges between the legacy path and live objects that a privilege check does not show.
//!
//! For: what the go/no-go of a cutover must find in this estate, each with the remedy that a DBA would
//! run. Not for: finding them: that is the guards' work, and this list is what they are held against.
//! The fact to know: with these remedies applied the estate is one in which a cutover may go on.

use manifest_model::estate::Hazard;

/// Every hazard of the estate.
pub const HAZARDS: &[Hazard] = &[
    Hazard {
        code: "FIRES_WITHOUT_EXECUTE",
        member: "public.qt001_trg_document_seen()",
        live: "public.tac_documents",
        why: "a trigger fires whoever may execute its function, so a revoked function goes on writing",
        remedy: "drop trigger trg_qt001_document_seen on public.tac_documents;",
    },
    Hazard {
        code: "FK_ACTION_INTO_LIVE",
        member: "public.qt001_candidate_evidence",
        live: "public.tac_documents",
        why: "deleting a document deletes its evidence, which a frozen table refuses",
        remedy: "alter table public.qt001_candidate_evidence drop constraint qt001_candidate_evidence_document_fk;",
    },
    Hazard {
        code: "FK_ACTION_INTO_LIVE",
        member: "public.qt001_run",
        live: "public.workflows",
        why: "deleting a workflow updates its runs, which a frozen table refuses",
        remedy: "alter table public.qt001_run drop constraint qt001_run_workflow_fk;",
    },
];

/// Legacy views that call a member of the legacy set themselves: a reader needs EXECUTE on it.
pub const VIEWS_CALLING_MEMBERS: [&str; 6] = [
    "public.qt001_v_document_ready",
    "public.qt001_v_gate_board",
    "public.qt001_v_permit_status",
    "public.qt001_v_ready",
    "public.qt001_v_run_minutes",
    "public.v_coverage_by_collection",
];

/// Legacy views that read a live table themselves: their owner needs SELECT on it.
pub const VIEWS_OVER_LIVE_TABLES: [&str; 9] = [
    "public.qt001_v_document_coverage",
    "public.qt001_v_document_ready",
    "public.qt001_v_governed_collections",
    "public.qt001_v_task_load",
    "public.qt001_v_uncertified",
    "public.qt001_v_workflow_runs",
    "public.v_admission_by_person",
    "public.v_backfill_missing_births",
    "public.v_backfill_owner_mail",
];

/// Legacy views that call a helper which stays live.
pub const VIEWS_CALLING_LIVE_HELPERS: [&str; 2] =
    ["public.qt001_v_candidate_species", "public.v_stage_normalized"];

/// How many views stand on one another, the lowest counted as one.
pub const VIEW_DEPTH: i64 = 8;

/// Legacy views over live tables of which a review decided that they run as their invoker from S16 on: each
/// reader holds SELECT on those tables itself, so the view shows what the reader may see anyway.
pub const RUN_AS_INVOKER: &[&str] = &[
    "public.qt001_v_document_coverage",
    "public.qt001_v_document_ready",
    "public.qt001_v_governed_collections",
    "public.qt001_v_task_load",
    "public.qt001_v_uncertified",
    "public.qt001_v_workflow_runs",
    "public.v_admission_by_person",
    "public.v_backfill_missing_births",
    "public.v_backfill_owner_mail",
];
