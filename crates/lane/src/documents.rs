//! The documents of a lane packet, and those of them that follow from the design alone.
//!
//! Not for: judging. The one fact to know: none holds a clock, a path of a machine or a number that differs
//! between two runs; those stand in `environment.json`, outside the tree [ruling B21].

use crate::delegation::{Delegation, TARGET};
use evidence::Refusal as GateRefusal;
use manifest_model::LaneDesign;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Stages, in order.
pub const STAGES: [(&str, &str); 8] = [
    ("S0", "preflight: delegation, pins, register, prior verdicts"),
    ("S1", "seal against bytes, read-only"),
    ("S2", "staging: everything applied and taken back"),
    ("S3", "hardened rollback gate"),
    ("S4", "probes of bad input"),
    ("S5", "operative document"),
    ("S6", "governance addendum"),
    ("S7", "review and blocker map"),
];

/// What is said of a rollback of production, where there was none.
pub const NOT_APPLICABLE: &str = "NOT_APPLICABLE";

macro_rules! documents {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {
        $($(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* })*
    };
}

documents! {
    /// `delegation-and-authority-lock.json`.
    DelegationLock {
        /// 1.
        format_version: u32,
        /// The lane.
        lane: String,
        /// The gate.
        gate: String,
        /// What was delegated.
        delegation: String,
        /// The authority.
        authority: String,
        /// Who delegated.
        delegated_by: String,
        /// Digest of the delegation's file.
        delegation_sha256: String,
        /// False: nothing here is leave for production.
        authorizes_production: bool,
        /// What it asked for.
        asks: Vec<String>,
    }

    /// `preflight.json`.
    Preflight {
        /// 1.
        format_version: u32,
        /// What the lane rests on.
        inputs: Vec<Input>,
        /// Files that must not change.
        pins: Vec<Pin>,
        /// Verdicts of before, which must stand.
        prior_verdicts: Vec<PriorVerdict>,
    }
    /// One input.
    Input {
        /// What it is.
        id: String,
        /// Where it is.
        path: String,
        /// Its digest.
        sha256: String,
        /// How it was verified.
        verified_by: String,
        /// `pass`.
        verdict: String,
    }
    /// A file that must not change.
    Pin {
        /// Where it is.
        path: String,
        /// Its pinned digest.
        pinned: String,
        /// Its digest before the lane.
        before: String,
        /// Its digest after.
        after: String,
    }
    /// A verdict that was there before the lane.
    PriorVerdict {
        /// Whose it is.
        id: String,
        /// Digest of what it was given over.
        sha256: String,
        /// Before the lane.
        before: String,
        /// After it.
        after: String,
    }

    /// `scope-lock.json`.
    ScopeLock {
        /// 1.
        format_version: u32,
        /// The lane.
        lane: String,
        /// `throwaway`.
        target: String,
        /// Where it may write.
        writes: String,
        /// What it may not touch.
        forbidden: Vec<Named>,
    }
    /// A name, and what it is.
    Named {
        /// The name.
        id: String,
        /// What it is.
        title: String,
    }

    /// `execution-plan.json`.
    ExecutionPlan {
        /// 1.
        format_version: u32,
        /// What runs.
        stages: Vec<Stage>,
        /// What is made, and where.
        mutations: Vec<Mutation>,
        /// What is attempted by no stage.
        not_attempted: Vec<String>,
    }
    /// A stage.
    Stage {
        /// `S0` to `S7`.
        id: String,
        /// What it does.
        title: String,
        /// What it makes.
        makes: Vec<String>,
    }
    /// Something that is made.
    Mutation {
        /// Its id.
        id: String,
        /// What it is.
        what: String,
        /// `packet` or `throwaway`.
        target: String,
    }

    /// `forbidden-surface-proof.json`.
    ForbiddenProof {
        /// 1.
        format_version: u32,
        /// What the doors recorded.
        observed: Observed,
        /// What follows.
        surfaces: Vec<Surface>,
        /// Whether anything forbidden was attempted.
        any_forbidden_surface_attempted: bool,
    }
    /// What was recorded at the doors, as far as two runs agree in it.
    Observed {
        /// Whether statements were counted at all.
        statements_counted: bool,
        /// Whether the throwaway server was connected to and sent statements: a record of nothing shows nothing.
        own_server_recorded: bool,
        /// Connections to servers that the tool did not make.
        foreign_connections: u64,
        /// Statements sent to them.
        foreign_statements: u64,
        /// Of these, by word.
        foreign_statements_naming: BTreeMap<String, u64>,
        /// Ways out of the machine other than a container engine and the download of a server.
        foreign_network: Vec<String>,
        /// Files written outside the packet and the tool's own folders.
        written: Vec<String>,
        /// Files taken away there.
        removed: Vec<String>,
        /// Documents with what looks like a credential.
        credentials: Vec<String>,
        /// Pinned files that changed.
        pins_changed: Vec<String>,
        /// Surfaces that the delegation asked for.
        asked: Vec<String>,
    }
    /// A surface, and what shows it untouched.
    Surface {
        /// Its name.
        id: String,
        /// `UNTOUCHED`, `NOT_REQUESTED` or `TOUCHED`.
        status: String,
        /// The observation.
        shown_by: String,
    }

    /// `rollback-gate.json`.
    RollbackGate {
        /// 1.
        format_version: u32,
        /// The three parts over the rehearsal's packet.
        gate: GateParts,
        /// The lane's own documents, staged and taken back.
        mutations: Vec<Reversal>,
        /// What the gate says of each with apply := before.
        mutations_fabricated: Vec<String>,
        /// `NOT_APPLICABLE`.
        production_rollback_status: String,
    }
    /// The gate's three parts.
    GateParts {
        /// `pass` or `fail`.
        verdict: String,
        /// Ids of the proofs.
        proofs: Vec<String>,
        /// What speaks against the frozen packet.
        frozen: Vec<String>,
        /// What speaks against its twin.
        frozen_fabricated: Vec<String>,
        /// What speaks against this run's packet.
        packet: Vec<String>,
        /// What speaks against its twin.
        fabricated: Vec<String>,
    }
    /// Three states of a staging folder.
    Reversal {
        /// The mutation.
        id: String,
        /// Before.
        before: String,
        /// With it.
        after_apply: String,
        /// Without it again.
        after_rollback: String,
    }

    /// `probes.json`.
    Probes {
        /// 1.
        format_version: u32,
        /// By class.
        classes: Vec<ProbesOf>,
        /// Requests that are permitted, by door.
        controls: Vec<crate::Control>,
        /// What was not as it must be.
        findings: Vec<String>,
    }
    /// Probes of a class.
    ProbesOf {
        /// The class.
        id: String,
        /// What is asked for.
        title: String,
        /// The requests.
        probes: Vec<crate::Asked>,
    }

    /// `governance-addendum.json`.
    Addendum {
        /// 1.
        format_version: u32,
        /// `PROPOSED`.
        status: String,
        /// `NO`.
        apply_now: String,
        /// Highest number of the canonical register.
        ceiling: u32,
        /// What is proposed.
        objects: Vec<Reserved>,
        /// How many ids of the governance folder they were compared with.
        compared_with: u64,
        /// Ids that are taken.
        collisions: Vec<String>,
        /// The canonical files.
        canonical: Vec<CanonicalFile>,
    }
    /// An id that is proposed.
    Reserved {
        /// The id.
        id: String,
        /// What it is for.
        title: String,
        /// `PROPOSED`.
        status: String,
        /// `NO`.
        apply_now: String,
    }
    /// A file that only owners change.
    CanonicalFile {
        /// Where it is.
        path: String,
        /// Before the lane.
        before: String,
        /// After it.
        after: String,
    }

    /// `post-execution-review.json`.
    Review {
        /// 1.
        format_version: u32,
        /// `NO_PRODUCTION_EXECUTION_CLEAN` or `NOT_CLEAN`.
        status: String,
        /// PER-1 to PER-10.
        checks: Vec<Check>,
    }
    /// One check.
    Check {
        /// `PER-1` to `PER-10`.
        id: String,
        /// What must hold.
        title: String,
        /// `PASS` or `FAIL`.
        verdict: String,
        /// What speaks against it.
        found: Vec<String>,
    }

    /// `production-readiness-blocker-map.json`.
    BlockerMap {
        /// 1.
        format_version: u32,
        /// `BLOCKED`.
        production: String,
        /// `HOLD`.
        default: String,
        /// The lane's own gate, which is no leave for production.
        lane_gate: LaneGate,
        /// What stands before production.
        blockers: Vec<Blocking>,
    }
    /// The lane's own gate.
    LaneGate {
        /// Its id.
        id: String,
        /// What satisfies it.
        satisfied_by: String,
        /// For what.
        satisfied_for: String,
    }
    /// A blocker.
    Blocking {
        /// Its id.
        id: String,
        /// What is missing.
        title: String,
        /// Who may resolve it.
        resolver: String,
        /// What would show that it is resolved.
        evidence: String,
        /// `OPEN`.
        status: String,
    }

    /// `environment.json`: what differs between two runs.
    Environment {
        /// 1.
        format_version: u32,
        /// Connections by whose server it is.
        connections: BTreeMap<String, u64>,
        /// Statements by whose server it is.
        statements: BTreeMap<String, u64>,
        /// Programs that were started.
        programs: BTreeMap<String, u64>,
        /// Other ways out.
        network: BTreeMap<String, u64>,
        /// Milliseconds by stage.
        elapsed_ms: BTreeMap<String, u64>,
    }
}

/// The lock that follows from a good delegation.
impl DelegationLock {
    /// Of this delegation, whose file has this digest.
    pub fn of(found: &Delegation, sha256: String) -> Self {
        Self {
            format_version: 1,
            lane: found.lane.clone(),
            gate: found.gate.clone(),
            delegation: found.delegation.clone(),
            authority: found.authority.clone(),
            delegated_by: found.delegated_by.clone(),
            delegation_sha256: sha256,
            authorizes_production: false,
            asks: found.asks.clone(),
        }
    }
}

impl From<&evidence::Gate> for GateParts {
    fn from(gate: &evidence::Gate) -> Self {
        let texts = |refusals: &[GateRefusal]| refusals.iter().map(ToString::to_string).collect();
        Self {
            verdict: gate.verdict.to_owned(),
            proofs: gate.proofs.clone(),
            frozen: texts(&gate.frozen),
            frozen_fabricated: texts(&gate.frozen_fabricated),
            packet: texts(&gate.packet),
            fabricated: texts(&gate.fabricated),
        }
    }
}

/// The scope, from the design.
pub fn scope_lock(design: &LaneDesign) -> ScopeLock {
    ScopeLock {
        format_version: 1,
        lane: design.id.to_owned(),
        target: TARGET.to_owned(),
        writes: "the packet".to_owned(),
        forbidden: design
            .forbidden
            .iter()
            .map(|surface| Named {
                id: surface.id.to_owned(),
                title: surface.title.to_owned(),
            })
            .collect(),
    }
}

/// What runs and what it makes, from the design.
pub fn execution_plan(design: &LaneDesign) -> ExecutionPlan {
    let mutation = |id: &str, what: &str, target: &str| Mutation {
        id: id.to_owned(),
        what: what.to_owned(),
        target: target.to_owned(),
    };
    let stages = STAGES.iter().map(|(id, title)| Stage {
        id: (*id).to_owned(),
        title: (*title).to_owned(),
        makes: match *id {
            "S2" => vec!["rehearsal".to_owned()],
            "S5" => vec!["M-1".to_owned()],
            "S6" => vec!["M-2".to_owned()],
            _ => Vec::new(),
        },
    });
    ExecutionPlan {
        format_version: 1,
        stages: stages.collect(),
        mutations: vec![
            mutation("rehearsal", "the packages, applied and taken back", TARGET),
            mutation("M-1", "operative-document.md, absent before", "packet"),
            mutation("M-2", "governance-addendum.json, absent before", "packet"),
        ],
        not_attempted: design
            .forbidden
            .iter()
            .map(|surface| surface.id.to_owned())
            .collect(),
    }
}

/// What stands before production, from the design.
pub fn blocker_map(design: &LaneDesign) -> BlockerMap {
    BlockerMap {
        format_version: 1,
        production: "BLOCKED".to_owned(),
        default: "HOLD".to_owned(),
        lane_gate: LaneGate {
            id: design.gate.id.to_owned(),
            satisfied_by: design.gate.satisfied_by.to_owned(),
            satisfied_for: "this lane, and nothing of production".to_owned(),
        },
        blockers: design
            .blockers
            .iter()
            .map(|blocker| Blocking {
                id: blocker.id.to_owned(),
                title: blocker.title.to_owned(),
                resolver: blocker.resolver.to_owned(),
                evidence: blocker.evidence.to_owned(),
                status: "OPEN".to_owned(),
            })
            .collect(),
    }
}
