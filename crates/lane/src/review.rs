//! The review: PER-1 to PER-10, each computed from the documents.
//!
//! Not for: anybody's opinion. The one fact to know: each check reads other documents than the next, so that each
//! has a packet that fails it alone (`tests/it/review.rs`).

use crate::code::{REVIEW_FAILED, Refusal};
use crate::documents::{
    Addendum, BlockerMap, Check, DelegationLock, ExecutionPlan, ForbiddenProof, GateParts, NOT_APPLICABLE,
    Preflight, Probes, Review, RollbackGate, ScopeLock, blocker_map, execution_plan, scope_lock,
};
use crate::governance::changed;
use crate::observe::{TOUCHED, prove};
use evidence::Folder;
use manifest_model::LaneDesign;

pub(crate) const CLEAN: &str = "NO_PRODUCTION_EXECUTION_CLEAN";
const NOT_CLEAN: &str = "NOT_CLEAN";

/// All documents of a lane packet that are read as data.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    /// `delegation-and-authority-lock.json`.
    pub lock: DelegationLock,
    /// `preflight.json`.
    pub preflight: Preflight,
    /// `scope-lock.json`.
    pub scope: ScopeLock,
    /// `execution-plan.json`.
    pub plan: ExecutionPlan,
    /// `forbidden-surface-proof.json`.
    pub proof: ForbiddenProof,
    /// `rollback-gate.json`.
    pub gate: RollbackGate,
    /// `probes.json`.
    pub probes: Probes,
    /// `operative-document.md`.
    pub operative: String,
    /// `governance-addendum.json`.
    pub addendum: Addendum,
    /// `post-execution-review.json`.
    pub review: Review,
    /// `production-readiness-blocker-map.json`.
    pub blockers: BlockerMap,
}

/// The checks in order: title, and what speaks against it.
const CHECKS: [(&str, Against); 10] = [
    ("scope intact", scope),
    ("forbidden surfaces untouched", surfaces),
    ("rollback gate passed", gate),
    ("probes fail closed", probes),
    ("a rollback exists for everything that was made", rollbacks),
    ("nothing of production was changed", production),
    ("pins intact", pins),
    ("prior verdicts intact", prior_verdicts),
    ("governance additive, proposed and free of collisions", governance),
    ("nothing claimed beyond what was shown", claims),
];

type Against = fn(&LaneDesign, &Documents, &Folder) -> Vec<String>;

/// The review of these documents, and of the rehearsal's packet that lies with them.
pub fn review(design: &LaneDesign, documents: &Documents, rehearsal: &Folder) -> Review {
    let checks: Vec<Check> = CHECKS
        .iter()
        .zip(1..)
        .map(|((title, against), number)| {
            let found = against(design, documents, rehearsal);
            Check {
                id: format!("PER-{number}"),
                title: (*title).to_owned(),
                verdict: if found.is_empty() { "PASS" } else { "FAIL" }.to_owned(),
                found,
            }
        })
        .collect();
    let is_clean = checks.iter().all(|check| check.found.is_empty());
    Review {
        format_version: 1,
        status: if is_clean { CLEAN } else { NOT_CLEAN }.to_owned(),
        checks,
    }
}

/// The checks that failed, as what stops a lane.
pub fn failed_checks(review: &Review) -> Vec<Refusal> {
    let failed = review.checks.iter().filter(|check| !check.found.is_empty());
    failed
        .map(|check| Refusal::new(REVIEW_FAILED, &check.id, &check.found.join("; ")))
        .collect()
}

fn differs<T: PartialEq>(what: &str, expected: &T, found: &T) -> Option<String> {
    (expected != found).then(|| format!("{what} is not what the design says"))
}

fn scope(design: &LaneDesign, documents: &Documents, _: &Folder) -> Vec<String> {
    let expected = execution_plan(design);
    let found = &documents.plan;
    [
        differs("the scope", &scope_lock(design), &documents.scope),
        differs("the list of stages", &expected.stages, &found.stages),
        differs(
            "what is not attempted",
            &expected.not_attempted,
            &found.not_attempted,
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn surfaces(design: &LaneDesign, documents: &Documents, _: &Folder) -> Vec<String> {
    let found = &documents.proof;
    let expected = prove(design, found.observed.clone());
    let mut against: Vec<String> = expected
        .surfaces
        .iter()
        .filter(|surface| surface.status == TOUCHED)
        .map(|surface| format!("{}: {}", surface.id, surface.shown_by))
        .collect();
    against.extend(differs("the list of surfaces", &expected, found));
    against
}

fn gate(_: &LaneDesign, documents: &Documents, rehearsal: &Folder) -> Vec<String> {
    let expected = GateParts::from(&evidence::rollback_gate(rehearsal));
    let mut against = Vec::new();
    if expected.verdict != "pass" {
        against.push(format!(
            "the gate over the rehearsal's packet says `{}`",
            expected.verdict
        ));
    }
    if expected != documents.gate.gate {
        against.push("what is written of the gate is not what it says".to_owned());
    }
    against
}

fn probes(design: &LaneDesign, documents: &Documents, _: &Folder) -> Vec<String> {
    crate::verify::against_probes(design, &documents.probes)
}

fn rollbacks(_: &LaneDesign, documents: &Documents, _: &Folder) -> Vec<String> {
    let found = &documents.gate;
    let mut against = Vec::new();
    for mutation in &documents.plan.mutations {
        let is_of_rehearsal = found.gate.proofs.contains(&mutation.id);
        match found.mutations.iter().find(|one| one.id == mutation.id) {
            Some(one) => {
                let refusals =
                    evidence::judge_states(&one.id, &one.before, &one.after_apply, &one.after_rollback);
                against.extend(refusals.iter().map(ToString::to_string));
                let noticed = format!("ROLLBACK_APPLY_DID_NOT_MUTATE:{}", one.id);
                if !found.mutations_fabricated.contains(&noticed) {
                    against.push(format!(
                        "{}: its twin with apply := before was not refused",
                        one.id
                    ));
                }
            }
            None if is_of_rehearsal => {}
            None => against.push(format!("{}: nobody shows it taken back", mutation.id)),
        }
    }
    if documents.plan.mutations.is_empty() {
        against.push("expected what was made, found nothing".to_owned());
    }
    against
}

fn production(design: &LaneDesign, documents: &Documents, _: &Folder) -> Vec<String> {
    let expected = execution_plan(design).mutations;
    let mut against: Vec<String> = documents
        .plan
        .mutations
        .iter()
        .filter(|mutation| !["packet", "throwaway"].contains(&mutation.target.as_str()))
        .map(|mutation| format!("{} was made on `{}`", mutation.id, mutation.target))
        .collect();
    against.extend(differs("what was made", &expected, &documents.plan.mutations));
    let status = &documents.gate.production_rollback_status;
    if status != NOT_APPLICABLE {
        against.push(format!(
            "expected `{NOT_APPLICABLE}` of production's rollback, found `{status}`"
        ));
    }
    against
}

fn pins(_: &LaneDesign, documents: &Documents, _: &Folder) -> Vec<String> {
    let found = &documents.preflight.pins;
    if found.is_empty() {
        return vec!["expected pinned files, found none".to_owned()];
    }
    found
        .iter()
        .filter_map(changed)
        .map(|refusal| refusal.to_string())
        .collect()
}

fn prior_verdicts(_: &LaneDesign, documents: &Documents, _: &Folder) -> Vec<String> {
    let found = &documents.preflight.prior_verdicts;
    if found.is_empty() {
        return vec!["expected verdicts of before, found none".to_owned()];
    }
    let moved = found
        .iter()
        .filter(|prior| prior.before != prior.after || prior.before != "pass");
    moved
        .map(|prior| format!("{}: `{}` before, `{}` after", prior.id, prior.before, prior.after))
        .collect()
}

fn governance(design: &LaneDesign, documents: &Documents, _: &Folder) -> Vec<String> {
    let found = &documents.addendum;
    let mut against = Vec::new();
    let expected: Vec<(String, &str)> = design.reserved.ids().collect();
    let ids = found
        .objects
        .iter()
        .map(|object| (object.id.clone(), object.title.as_str()));
    if expected != ids.collect::<Vec<_>>() {
        against.push("the reserved ids are not those of the design".to_owned());
    }
    let all = found
        .objects
        .iter()
        .map(|object| (object.id.as_str(), &object.status, &object.apply_now));
    for (id, status, apply_now) in all.chain([("the addendum", &found.status, &found.apply_now)]) {
        if status != "PROPOSED" || apply_now != "NO" {
            against.push(format!(
                "{id}: expected PROPOSED and APPLY_NOW=NO, found {status} and {apply_now}"
            ));
        }
    }
    if found.ceiling != design.reserved.ceiling || found.compared_with == 0 || !found.collisions.is_empty() {
        against.push(format!(
            "expected ceiling {} and no collision with any id, found {}, {} and {:?}",
            design.reserved.ceiling, found.ceiling, found.compared_with, found.collisions
        ));
    }
    if found.canonical.is_empty() {
        against.push("expected canonical files, found none".to_owned());
    }
    let changed = found
        .canonical
        .iter()
        .filter(|file| file.before != file.after || file.before.is_empty());
    against.extend(changed.map(|file| format!("`{}` changed", file.path)));
    against
}

fn claims(design: &LaneDesign, documents: &Documents, _: &Folder) -> Vec<String> {
    let operative = crate::operative::text(design, &documents.lock, &documents.preflight);
    let mut against: Vec<String> = [
        differs("the blocker map", &blocker_map(design), &documents.blockers),
        differs("the operative document", &operative, &documents.operative),
        differs(
            "leave for production",
            &false,
            &documents.lock.authorizes_production,
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    let unverified = documents
        .preflight
        .inputs
        .iter()
        .filter(|input| input.verdict != "pass");
    against.extend(unverified.map(|input| format!("`{}` is bound without having been verified", input.id)));
    if documents.preflight.inputs.is_empty() {
        against.push("nothing sealed is bound".to_owned());
    }
    if documents.lock.delegation != design.gate.satisfied_by
        || documents.lock.authority != design.gate.authority
    {
        against.push("the authority is not the one that was delegated".to_owned());
    }
    against
}
