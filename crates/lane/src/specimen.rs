//! A packet as a clean lane would leave it, made of the design and a frozen rehearsal.
//!
//! Not for: evidence of anything; no lane ran. The one fact to know: it is the permitted request of every probe
//! and the sound packet of every test, from which one thing is changed at a time.

use crate::documents::{
    Addendum, CanonicalFile, DelegationLock, Environment, GateParts, Input, NOT_APPLICABLE, Observed, Pin,
    Preflight, PriorVerdict, Probes, ProbesOf, Reserved, Reversal, RollbackGate, blocker_map, execution_plan,
    scope_lock,
};
use crate::observe::prove;
use crate::packet::{self, Packet};
use crate::review::{Documents, review};
use crate::{Asked, Control};
use canonical::FileDigest;
use evidence::Folder;
use manifest_model::LaneDesign;

/// Documents without anything to say against them, and the rehearsal that they are of.
pub fn specimen(design: &LaneDesign) -> (Documents, Folder) {
    let rehearsal = evidence::frozen();
    let lock = DelegationLock {
        format_version: 1,
        lane: design.id.to_owned(),
        gate: design.gate.id.to_owned(),
        delegation: design.gate.satisfied_by.to_owned(),
        authority: design.gate.authority.to_owned(),
        delegated_by: "owner".to_owned(),
        delegation_sha256: digest("delegation"),
        authorizes_production: false,
        asks: Vec::new(),
    };
    let preflight = Preflight {
        format_version: 1,
        inputs: vec![
            input("delegation", "delegation.toml", digest("delegation")),
            plan_of(&rehearsal),
        ],
        pins: vec![Pin {
            path: "pinned".to_owned(),
            pinned: digest("pinned"),
            before: digest("pinned"),
            after: digest("pinned"),
        }],
        prior_verdicts: vec![PriorVerdict {
            id: "frozen".to_owned(),
            sha256: digest("frozen"),
            before: "pass".to_owned(),
            after: "pass".to_owned(),
        }],
    };
    let observed = Observed {
        statements_counted: true,
        own_server_recorded: true,
        foreign_statements_naming: design
            .watched()
            .into_iter()
            .map(|word| (word.to_owned(), 0))
            .collect(),
        ..Observed::default()
    };
    let mut documents = Documents {
        operative: crate::operative::text(design, &lock, &preflight),
        lock,
        preflight,
        scope: scope_lock(design),
        plan: execution_plan(design),
        proof: prove(design, observed),
        gate: RollbackGate {
            format_version: 1,
            gate: GateParts::from(&evidence::rollback_gate(&rehearsal)),
            mutations: ["M-1", "M-2"].map(reversal).to_vec(),
            mutations_fabricated: ["M-1", "M-2"].map(fabricated).to_vec(),
            production_rollback_status: NOT_APPLICABLE.to_owned(),
        },
        probes: probes(design),
        addendum: governance(design),
        blockers: blocker_map(design),
        ..Documents::default()
    };
    documents.review = review(design, &documents, &rehearsal);
    (documents, rehearsal)
}

/// A packet of these documents, as they are: with a review that says so, a lane that was applied.
pub fn packet_of(design: &LaneDesign, documents: &Documents, rehearsal: &Folder) -> Packet {
    let environment = Environment {
        format_version: 1,
        ..Environment::default()
    };
    packet::build(design, documents, rehearsal, &environment)
}

/// What a gate says of a reversal whose apply is what was before.
pub(crate) fn fabricated(id: &str) -> String {
    format!("ROLLBACK_APPLY_DID_NOT_MUTATE:{id}")
}

fn digest(text: &str) -> String {
    FileDigest::of_bytes(text.as_bytes()).to_string()
}

fn input(id: &str, path: &str, sha256: String) -> Input {
    Input {
        id: id.to_owned(),
        path: path.to_owned(),
        sha256,
        verified_by: "its bytes".to_owned(),
        verdict: "pass".to_owned(),
    }
}

/// The plan of the rehearsal, which binds it to the lane.
fn plan_of(rehearsal: &Folder) -> Input {
    let bytes = rehearsal
        .files
        .get("plan.json")
        .map(Vec::as_slice)
        .unwrap_or_default();
    let plan: Option<evidence::Plan> = evidence::parsed("plan.json", bytes).ok();
    let path = plan.as_ref().map(|plan| plan.plan.clone()).unwrap_or_default();
    let files = plan.map(|plan| plan.files).unwrap_or_default();
    let digest = files
        .into_iter()
        .find(|file| file.path == path)
        .map(|file| file.sha256);
    input("plan of rehearsals", &path, digest.unwrap_or_default())
}

fn reversal(id: &str) -> Reversal {
    Reversal {
        id: id.to_owned(),
        before: digest("before"),
        after_apply: digest(id),
        after_rollback: digest("before"),
    }
}

fn probes(design: &LaneDesign) -> Probes {
    let asked = |request: &str| Asked {
        door: "door".to_owned(),
        request: request.to_owned(),
        expects: "A_CODE".to_owned(),
        refused: true,
    };
    let of = |class: &manifest_model::ProbeClass| ProbesOf {
        id: class.id.to_owned(),
        title: class.title.to_owned(),
        probes: vec![asked("one"), asked("other")],
    };
    Probes {
        format_version: 1,
        classes: design.probe_classes.iter().map(of).collect(),
        controls: vec![Control {
            door: "door".to_owned(),
            request: "permitted".to_owned(),
            accepted: true,
            noticed: vec!["PROBE_ACCEPTED".to_owned()],
        }],
        findings: Vec::new(),
    }
}

fn governance(design: &LaneDesign) -> Addendum {
    let objects = design.reserved.ids().map(|(id, title)| Reserved {
        id,
        title: title.to_owned(),
        status: "PROPOSED".to_owned(),
        apply_now: "NO".to_owned(),
    });
    Addendum {
        format_version: 1,
        status: "PROPOSED".to_owned(),
        apply_now: "NO".to_owned(),
        ceiling: design.reserved.ceiling,
        objects: objects.collect(),
        compared_with: 1,
        collisions: Vec::new(),
        canonical: vec![CanonicalFile {
            path: "canonical/register".to_owned(),
            before: digest("register"),
            after: digest("register"),
        }],
    }
}
