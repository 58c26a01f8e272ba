//! The no-production lane of FIX7: its gate, 16 forbidden surfaces, 15 probe classes, 7 standing blockers.
//!
//! Not for: what a run of it observed. The one fact to know: the ids of gate and blockers are those under which
//! people know them outside this repository, and never change.

use manifest_model::{Blocker, ForbiddenSurface, LaneDesign, LaneGate, ProbeClass, ReservedObjects, SeenBy};

/// The lane.
pub const LANE: LaneDesign = LaneDesign {
    id: "FIX7_P0_NO_PRODUCTION_IMPLEMENTATION_EXECUTION_AND_REVIEW",
    applied: "FIX7_P0_NO_PRODUCTION_IMPLEMENTATION_EXECUTION_AND_REVIEW_APPLIED",
    gate: LaneGate {
        id: "FIX7-P0-PLAN-EXEC-AUTH-1",
        satisfied_by: "AUTHORIZE_IMPLEMENTATION_EXECUTION_NO_PRODUCTION",
        authority: "IMPLEMENTATION_EXECUTION_NO_PRODUCTION",
    },
    forbidden: FORBIDDEN,
    probe_classes: PROBE_CLASSES,
    blockers: BLOCKERS,
    reserved: RESERVED,
};

const FORBIDDEN: &[ForbiddenSurface] = &[
    ForbiddenSurface {
        id: "PRODUCTION_POSTGRESQL",
        title: "every PostgreSQL server that the tool did not make itself",
        seen_by: SeenBy::NoForeignConnection,
        asked_by: &["production", "prod", "production-postgresql", "prod-pg", "psql"],
    },
    ForbiddenSurface {
        id: "PRODUCTION_DIRECTUS",
        title: "the live CMS, by its interface or otherwise",
        seen_by: SeenBy::NoForeignNetwork,
        asked_by: &["production-directus", "prod-directus", "directus"],
    },
    ForbiddenSurface {
        id: "PRODUCTION_SYSTEM_ISSUES",
        title: "the live collection of system issues",
        seen_by: SeenBy::NoForeignStatementNaming(&["system_issues"]),
        asked_by: &["production-system-issues", "prod-system-issues", "system-issues"],
    },
    ForbiddenSurface {
        id: "PRODUCTION_REGISTRY_ROWS",
        title: "rows of the live registries",
        seen_by: SeenBy::NoForeignStatementNaming(&["_registry", "dot_tools"]),
        asked_by: &["production-registry-rows", "registry-rows", "registry"],
    },
    ForbiddenSurface {
        id: "PRODUCTION_CI_AND_DEPLOY",
        title: "pipelines, and what they would deploy",
        seen_by: SeenBy::NoWriteBelow(&[".ci", ".github"]),
        asked_by: &[
            "production-ci-and-deploy",
            "ci-deploy",
            "deploy",
            "release",
            "publish",
        ],
    },
    ForbiddenSurface {
        id: "OBJECT_BIRTH_SURFACE",
        title: "the gateway and triggers by which live objects are born",
        seen_by: SeenBy::NoForeignStatementNaming(&["birth"]),
        asked_by: &["object-birth-surface", "birth-surface", "birth"],
    },
    ForbiddenSurface {
        id: "REAL_RUN",
        title: "the leave to run the legacy path for real",
        seen_by: SeenBy::NotRequested(&["real_run"]),
        asked_by: &["real-run", "real-run-authority", "realrun"],
    },
    ForbiddenSurface {
        id: "QT001_APPLY",
        title: "applying through the legacy path",
        seen_by: SeenBy::NotRequested(&["qt001_apply"]),
        asked_by: &["qt001-apply", "qt001", "apply"],
    },
    ForbiddenSurface {
        id: "PERMIT",
        title: "a permit that lets a backfill run",
        seen_by: SeenBy::NotRequested(&["qt001_backfill_permit"]),
        asked_by: &["permit", "backfill-permit", "open-permit"],
    },
    ForbiddenSurface {
        id: "ACTIVATION",
        title: "making a sealed set the authority in force",
        seen_by: SeenBy::NotRequested(&["cp_activate"]),
        asked_by: &["activation", "activate", "supersede"],
    },
    ForbiddenSurface {
        id: "REPOINT",
        title: "pointing the live writer elsewhere",
        seen_by: SeenBy::NotRequested(&["manifest_activation"]),
        asked_by: &["repoint", "repoint-writer"],
    },
    ForbiddenSurface {
        id: "CUTOVER",
        title: "the packages that change a live database for good",
        seen_by: SeenBy::NotRequested(&["revoke ", "alter function", "alter schema"]),
        asked_by: &["cutover", "cut-over", "run-packet", "execute"],
    },
    ForbiddenSurface {
        id: "SECRETS_AND_CREDENTIALS",
        title: "passwords, keys and tokens, read or changed",
        seen_by: SeenBy::NoCredential,
        asked_by: &[
            "secrets-and-credentials",
            "secrets",
            "credentials",
            "secret",
            "rotate-keys",
        ],
    },
    ForbiddenSurface {
        id: "EVIDENCE_DELETION",
        title: "evidence that would be gone afterwards",
        seen_by: SeenBy::NoRemoval,
        asked_by: &["evidence-deletion", "delete-evidence", "delete", "purge", "prune"],
    },
    ForbiddenSurface {
        id: "PINNED_FILES",
        title: "files that must stay byte for byte what they are",
        seen_by: SeenBy::PinsIntact,
        asked_by: &["pinned-files", "unpin", "repin", "edit-pinned"],
    },
    ForbiddenSurface {
        id: "CANONICAL_REGISTRY_OR_INDEX_FOLD",
        title: "the canonical register of governance, and its index",
        seen_by: SeenBy::NoWriteBelow(&["governance"]),
        asked_by: &[
            "canonical-registry-or-index-fold",
            "canonical-fold",
            "fold",
            "apply-now",
        ],
    },
];
const _: () = assert!(FORBIDDEN.len() == 16, "16 surfaces are forbidden");

const PROBE_CLASSES: &[ProbeClass] = &[
    ProbeClass {
        id: "PRODUCTION_TARGET",
        title: "a target that is no throwaway",
    },
    ProbeClass {
        id: "REAL_RUN",
        title: "the leave to run the legacy path for real",
    },
    ProbeClass {
        id: "QT001_APPLY",
        title: "applying through the legacy path",
    },
    ProbeClass {
        id: "PERMIT_ACTIVATION_REPOINT_CUTOVER",
        title: "a permit, an activation, a repoint or the cutover",
    },
    ProbeClass {
        id: "PRODUCTION_POSTGRESQL",
        title: "writing to somebody's PostgreSQL",
    },
    ProbeClass {
        id: "PRODUCTION_DIRECTUS",
        title: "the live CMS",
    },
    ProbeClass {
        id: "PRODUCTION_SYSTEM_ISSUES",
        title: "the live collection of system issues",
    },
    ProbeClass {
        id: "PRODUCTION_CI_DEPLOY",
        title: "pipelines and deployments",
    },
    ProbeClass {
        id: "SECRETS",
        title: "a credential, given or asked for",
    },
    ProbeClass {
        id: "EVIDENCE_DELETION",
        title: "evidence gone or written over",
    },
    ProbeClass {
        id: "MISSING_DELEGATION",
        title: "a lane without the delegation that opens it",
    },
    ProbeClass {
        id: "ROLLBACK_NO_MUTATION",
        title: "a rollback of nothing",
    },
    ProbeClass {
        id: "APPLY_EQUALS_BEFORE",
        title: "an apply whose state is the one before it",
    },
    ProbeClass {
        id: "MISSING_ROLLBACK_PROOF",
        title: "an apply that nobody shows taken back",
    },
    ProbeClass {
        id: "PASS_WHILE_FORBIDDEN_SURFACE",
        title: "a pass in spite of something that forbids it",
    },
];
const _: () = assert!(PROBE_CLASSES.len() == 15, "15 classes of bad input are probed");

const BLOCKERS: &[Blocker] = &[
    Blocker {
        id: "FIX7-P0-PROD-BIRTH-SURFACE-1",
        title: "the surface by which live objects are born is not scoped",
        resolver: "operator",
        evidence: "a capture of the live database with its birth gateway and triggers, that PKG-D's proof passes on",
    },
    Blocker {
        id: "FIX7-P0-PROD-CI-SCOPE-1",
        title: "which pipelines and deployments a production phase may use is not decided",
        resolver: "owner or operator",
        evidence: "a signed scope that names every pipeline and target, and what of them stays out",
    },
    Blocker {
        id: "FIX7-P0-DRYRUN-PROD-ROLLBACK-1",
        title: "nobody has shown that production can be restored",
        resolver: "operator",
        evidence: "a snapshot of production restored elsewhere, with the fingerprint of both, equal",
    },
    Blocker {
        id: "FIX7-P0-PLAN-REALRUN-1",
        title: "REAL_RUN is not granted",
        resolver: "owner",
        evidence: "a grant of its own, which no artifact of this repository can hold",
    },
    Blocker {
        id: "FIX7-P0-PLAN-SEPARATE-AUTH-1",
        title: "QT001 and its apply, permit, activation, repoint and cutover are not granted",
        resolver: "owner",
        evidence: "a separate grant for each, and an operator_authorization a package that verifies",
    },
    Blocker {
        id: "FIX7-P0-PROD-OPT4-1",
        title: "production is not chosen (OPT-4)",
        resolver: "owner",
        evidence: "the owner's explicit choice, which no delegation of this lane stands for",
    },
    Blocker {
        id: "FIX7-P0-OPERATOR-INPUT-1",
        title: "what only the operator knows is not given",
        resolver: "operator",
        evidence: "target, window, operator and keys in the state folder, so that `cargo xtask status` names a target",
    },
];
const _: () = assert!(BLOCKERS.len() == 7, "7 blockers stand before production");

const RESERVED: ReservedObjects = ReservedObjects {
    prefix: "TKT-OBJ-",
    ceiling: 441,
    first: 442,
    titles: &[
        "delegation of the lane",
        "delegation and authority lock",
        "preflight of the lane",
        "scope lock",
        "list of forbidden surfaces",
        "execution plan",
        "forbidden-surface proof",
        "rehearsal packet of the lane",
        "hardened rollback gate over the packet",
        "staged reversal of the lane's documents",
        "classes of bad-input probes",
        "answers to the probes",
        "operative document",
        "governance addendum",
        "pins",
        "post-execution review",
        "production readiness blocker map",
        "owner and operator note",
        "rerun script",
        "lane packet and its tree digest",
    ],
};
const _: () = assert!(
    RESERVED.titles.len() == 20,
    "TKT-OBJ-442 to TKT-OBJ-461 are reserved"
);
const _: () = assert!(
    RESERVED.first == RESERVED.ceiling + 1,
    "they begin above the ceiling"
);
