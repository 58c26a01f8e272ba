//! Exhibits against the outcome: every count again, every digest again, every step back in its order.
//!
//! Not for: reading lists (`exhibit`). The one fact to know: lists and numbers come from one run, so whoever
//! changes one of them must change the other alike, and both against the digests.

use crate::code::{Code, Refusal};
use crate::document::{Plan, Rollback};
use crate::exhibit::{Exhibits, GuardLine, HashLine, MutantLine, ProbeLine};
use crate::hash::{payload_items, recomputed};
use crate::ways::{is_code, recount_ways};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Most refusals that one list gives.
const SHOWN: usize = 10;

/// What speaks against the lists.
pub(crate) fn recount(plan: &Plan, outcome: &Value, rollback: &Rollback, shown: &Exhibits) -> Vec<Refusal> {
    let mut refusals = counts(outcome, shown);
    refusals.extend(causes(shown));
    refusals.extend(told(shown));
    refusals.extend(guards(outcome, shown));
    refusals.extend(hashes(outcome, &shown.hashes));
    refusals.extend(reversal(outcome, rollback, shown));
    refusals.extend(chain(plan, shown));
    refusals.extend(recount_ways(outcome));
    refusals
}

fn differs(list: &str, message: &str) -> Refusal {
    Refusal::new(Code::ExhibitDiffers, list, message)
}

fn counts(outcome: &Value, shown: &Exhibits) -> Vec<Refusal> {
    let tests = &shown.rejections;
    let rows = &shown.accepted;
    let mutants = |of: &str| shown.mutants.iter().filter(|one| one.of == of).count();
    let ended = |of: &str, ends: &[&str]| {
        let mutants = shown.mutants.iter();
        mutants
            .filter(|one| one.of == of && ends.contains(&one.end.as_str()))
            .count()
    };
    let killed = |of: &str| ended(of, &["killed", "refused"]);
    let weakened = |end: &str| ended("weakened", &[end]);
    let counted = [
        ("rejections.jsonl", "/negatives/tests", tests.len()),
        (
            "rejections.jsonl",
            "/negatives/accepted_twins",
            tests.iter().filter(|test| test.twin_accepted).count(),
        ),
        (
            "rejections.jsonl",
            "/negatives/rejected",
            tests
                .iter()
                .filter(|test| test.rejected && test.fingerprint.is_some())
                .count(),
        ),
        (
            "rejections.jsonl",
            "/negatives/sole_cause",
            tests.iter().filter(|test| test.sole_cause).count(),
        ),
        ("accepted.jsonl", "/negatives/accepted_rows", rows.len()),
        (
            "accepted.jsonl",
            "/negatives/accepted",
            rows.iter()
                .filter(|row| row.accepted && row.why.is_none())
                .count(),
        ),
        ("attacks.jsonl", "/attacks/attempts", shown.attacks.len()),
        (
            "attacks.jsonl",
            "/attacks/repelled",
            shown.attacks.iter().filter(|one| !is_code(&one.ended)).count(),
        ),
        ("mutants.jsonl", "/mutants/schema/total", mutants("schema")),
        ("mutants.jsonl", "/mutants/schema/killed", killed("schema")),
        ("mutants.jsonl", "/mutants/guards/killed", killed("guards")),
        ("mutants.jsonl", "/mutants/manifest/total", mutants("manifest")),
        ("mutants.jsonl", "/mutants/manifest/killed", killed("manifest")),
        (
            "mutants.jsonl",
            "/mutants/schema/weakened/total",
            mutants("weakened"),
        ),
        (
            "mutants.jsonl",
            "/mutants/schema/weakened/killed",
            weakened("killed"),
        ),
        (
            "mutants.jsonl",
            "/mutants/schema/weakened/catalog_alone",
            weakened("catalog_alone"),
        ),
        (
            "mutants.jsonl",
            "/mutants/schema/weakened/by_accident",
            weakened("by_accident"),
        ),
        (
            "mutants.jsonl",
            "/mutants/schema/weakened/survivors",
            weakened("survived"),
        ),
    ];
    let number = |pointer: &str| outcome.pointer(pointer).and_then(Value::as_u64);
    counted
        .iter()
        .filter_map(|(list, pointer, found)| {
            // What was not reached has no number, and no line.
            let expected = number(pointer).unwrap_or(0);
            (expected != *found as u64).then(|| {
                let message = format!("`outcome.json{pointer}` is {expected}, the list comes to {found}");
                differs(list, &message)
            })
        })
        .collect()
}

/// What was taken away is what the tests have as their causes, each once.
fn causes(shown: &Exhibits) -> Vec<Refusal> {
    let schema = shown.mutants.iter().filter(|one| one.of == "schema");
    let mut taken: Vec<&str> = schema.map(|one| one.id.as_str()).collect();
    if taken.is_empty() {
        return Vec::new();
    }
    taken.sort_unstable();
    let named: BTreeSet<&str> = shown.rejections.iter().map(|test| test.cause.as_str()).collect();
    if taken.iter().eq(&named) {
        return Vec::new();
    }
    let taken: BTreeSet<&str> = taken.into_iter().collect();
    let one = taken.symmetric_difference(&named).next();
    let message = one.map_or_else(
        || "a cause was taken away twice".to_owned(),
        |one| format!("`{one}` is in one of `rejections.jsonl` and the schema's mutants alone"),
    );
    vec![differs("mutants.jsonl", &message)]
}

/// What is said to have told a weakened object is a test with a sole cause, or a row that is accepted without it;
/// no weakened object stands twice.
fn told(shown: &Exhibits) -> Vec<Refusal> {
    let tests = shown.rejections.iter().filter(|test| test.sole_cause);
    let rows = shown.accepted.iter().filter(|row| row.accepted);
    let known: BTreeSet<&str> = tests
        .map(|test| test.id.as_str())
        .chain(rows.map(|row| row.id.as_str()))
        .collect();
    let weakened: Vec<&MutantLine> = shown.mutants.iter().filter(|one| one.of == "weakened").collect();
    let ids: BTreeSet<&str> = weakened.iter().map(|one| one.id.as_str()).collect();
    let mut refusals: Vec<Refusal> = weakened
        .iter()
        .filter(|one| one.end == "killed" && !known.contains(one.by.as_str()))
        .take(SHOWN)
        .map(|one| {
            let message = format!(
                "`{}` is said to be told by `{}`, which is no test that has its sole cause and no row that is accepted",
                one.id, one.by
            );
            differs("mutants.jsonl", &message)
        })
        .collect();
    if ids.len() != weakened.len() {
        refusals.push(differs("mutants.jsonl", "a weakened object stands twice"));
    }
    refusals
}

/// The same cells with the same verdicts, and no green one that its probes don't show.
fn guards(outcome: &Value, shown: &Exhibits) -> Vec<Refusal> {
    let runs = outcome.pointer("/guards/runs").and_then(Value::as_array);
    let text = |run: &Value, key: &str| run[key].as_str().unwrap_or_default().to_owned();
    let told: Vec<[String; 4]> = runs
        .into_iter()
        .flatten()
        .map(|run| ["guard", "step", "moment", "verdict"].map(|key| text(run, key)))
        .collect();
    let of = |line: &GuardLine| [&line.guard, &line.step, &line.moment, &line.verdict].map(Clone::clone);
    let listed: Vec<[String; 4]> = shown.guards.iter().map(of).collect();
    let mut refusals = Vec::new();
    if told != listed {
        let at = told
            .iter()
            .zip(&listed)
            .take_while(|(one, other)| one == other)
            .count();
        let message = format!("cell {} is not the one of `outcome.json#/guards/runs`", at + 1);
        refusals.push(differs("guards.jsonl", &message));
    }
    let dark = |line: &&GuardLine| line.verdict == "pass" && !is_green(&line.probes);
    for line in shown.guards.iter().filter(dark).take(SHOWN) {
        let message = format!(
            "{} at {} {} is called green, and its probes are not",
            line.guard, line.step, line.moment
        );
        refusals.push(differs("guards.jsonl", &message));
    }
    refusals
}

/// The verdict rule over what came back; which probes are declared stands in the guard's file.
fn is_green(probes: &[ProbeLine]) -> bool {
    let names: BTreeSet<&Option<String>> = probes.iter().map(|probe| &probe.probe).collect();
    let is_sound = |probe: &ProbeLine| {
        probe.probe.is_some()
            && probe.expected.is_some()
            && probe.expected == probe.realized
            && probe.population.is_some_and(|population| population > 0)
            && probe.offenders.as_ref().is_some_and(Vec::is_empty)
    };
    !probes.is_empty() && names.len() == probes.len() && probes.iter().all(is_sound)
}

fn hashes(outcome: &Value, lines: &[HashLine]) -> Vec<Refusal> {
    let wrong = |line: &&HashLine| recomputed(line).as_deref() != Some(&line.sha256);
    let mut refusals: Vec<Refusal> = lines
        .iter()
        .filter(wrong)
        .take(SHOWN)
        .map(|line| {
            let found = recomputed(line).unwrap_or_else(|| "no digest".to_owned());
            let message = format!("{} has {}, its input has {found}", line.contract, line.sha256);
            Refusal::new(Code::HashDiffers, &line.subject, &message)
        })
        .collect();
    refusals.extend(bound(lines).into_iter().take(SHOWN));
    if outcome["verdict"] == "pass" {
        let contracts: BTreeSet<&str> = lines.iter().map(|line| line.contract.as_str()).collect();
        let expected = outcome.pointer("/counts/hash_contracts").and_then(Value::as_u64);
        if expected.is_some_and(|expected| expected != contracts.len() as u64) {
            let message = format!("expected {expected:?} contracts, found {contracts:?}");
            refusals.push(differs("hashes.jsonl", &message));
        }
    }
    refusals
}

/// Payloads are made of the items that are listed, and envelopes of the payloads and exact sets.
fn bound(lines: &[HashLine]) -> Vec<Refusal> {
    let by_subject: BTreeMap<(&str, &str), &str> = lines
        .iter()
        .map(|line| {
            (
                (line.contract.as_str(), line.subject.as_str()),
                line.sha256.as_str(),
            )
        })
        .collect();
    let mut refusals = Vec::new();
    let mut demand = |contract: &str, subject: &str, expected: &str, by: &str| {
        let found = by_subject.get(&(contract, subject)).copied();
        if found != Some(expected) {
            let message = format!("{by} binds {contract} {expected}, the list has {found:?}");
            refusals.push(Refusal::new(Code::HashDiffers, subject, &message));
        }
    };
    for line in lines {
        let surface = line.subject.split(' ').next().unwrap_or_default();
        match line.contract.as_str() {
            "H02" => {
                for (key, digest) in payload_items(line) {
                    demand("H01", &format!("{surface} {key}"), &digest, &line.subject);
                }
            }
            "H03" => {
                let part = |at: usize| line.input.get(at).and_then(Value::as_str).unwrap_or_default();
                demand("H02", &format!("{surface} payload"), part(3), &line.subject);
                demand(
                    "H05",
                    &format!("{surface} expected items"),
                    part(4),
                    &line.subject,
                );
            }
            _ => {}
        }
    }
    refusals
}

/// A way back is the way up, backwards, and each state is the one before its step.
fn reversal(outcome: &Value, rollback: &Rollback, shown: &Exhibits) -> Vec<Refusal> {
    let list = "reversal.jsonl";
    let steps = |way: &str, does: &str| -> Vec<(&str, &str)> {
        let found = shown.reversal.iter();
        found
            .filter(|line| line.way == way && line.does == does)
            .map(|line| (line.package.as_str(), line.step.as_str()))
            .collect()
    };
    let mut refusals = Vec::new();
    let up = steps("apply", "up");
    let mut down = steps("draft", "down");
    down.reverse();
    let is_pass = outcome["verdict"] == "pass";
    if is_pass && (up.is_empty() || up != down) {
        let message = format!("up is {up:?}, and down is the reverse of {down:?}");
        refusals.push(differs(list, &message));
    }
    let mut back = steps("sealed", "refused");
    back.extend(steps("sealed", "down"));
    back.reverse();
    if is_pass && !back.is_empty() && back != up {
        let message = format!("up is {up:?}, and after the seal down is the reverse of {back:?}");
        refusals.push(differs(list, &message));
    }
    let missed = shown
        .reversal
        .iter()
        .filter(|line| line.expected.is_some() && line.expected != line.state);
    for line in missed.filter(|_| is_pass) {
        let message = format!(
            "{} {} {}: expected {:?}, found {:?}",
            line.way, line.step, line.does, line.expected, line.state
        );
        refusals.push(differs(list, &message));
    }
    let proof = rollback.proofs.iter().find(|proof| proof.id == "rehearsal");
    let last_up = shown.reversal.iter().rfind(|line| line.way == "apply");
    if let Some(proof) = proof.filter(|_| is_pass) {
        let state = last_up.and_then(|line| line.state.as_ref());
        if state != Some(&proof.after_apply) {
            let message = format!(
                "the last step up came to {state:?}, `rollback.json` says {}",
                proof.after_apply
            );
            refusals.push(differs(list, &message));
        }
    }
    refusals
}

/// The plan's packages are the beginning of the chain.
fn chain(plan: &Plan, shown: &Exhibits) -> Vec<Refusal> {
    let ids: Vec<&str> = shown.chain.iter().map(|line| line.id.as_str()).collect();
    let is_known = plan.packages.iter().all(|id| ids.contains(&id.as_str()));
    if is_known {
        return Vec::new();
    }
    let message = format!(
        "`plan.json` has packages {:?}, the chain is {ids:?}",
        plan.packages
    );
    vec![differs("chain.jsonl", &message)]
}
