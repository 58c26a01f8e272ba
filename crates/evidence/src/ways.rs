//! Pairs and ways around, as the outcome lists them: their numbers again, one by one.
//!
//! Not for: the other lists (`recount`), which are files. The one fact to know: both stand in `outcome.json`
//! itself, so it is their own numbers that must follow from their own lines; a plan that has files for them
//! demands them of a verdict that is pass.

use crate::code::{Code, Refusal};
use crate::document::Plan;
use crate::tree::OUTCOME;
use serde_json::Value;
use std::collections::BTreeSet;

/// How an attempt ends that the server lets pass, and a guard sees.
const NOTICED: &str = "accepted, and noticed";
/// Folders of the plan's files, and the key that comes of each.
const OF: [(&str, &str); 2] = [("rehearsal/bypass/", "bypass"), ("rehearsal/scan/", "pairs")];

/// Numbers that are not those of the lines.
pub(crate) fn recount_ways(outcome: &Value) -> Vec<Refusal> {
    let facts = lines(outcome, "/bypass/facts");
    let count = |good: &dyn Fn(&Value) -> bool| facts.iter().filter(|fact| good(fact)).count() as u64;
    let is_seen = |fact: &Value| fact["seen"] == true;
    let kinds: BTreeSet<&str> = facts.iter().filter_map(|fact| fact["vector"].as_str()).collect();
    let pairs = lines(outcome, "/pairs/of");
    let sum = |key: &str| pairs.iter().filter_map(|pair| pair[key].as_u64()).sum::<u64>();
    let told = [
        ("/bypass/vectors", kinds.len() as u64),
        ("/bypass/attempts", facts.len() as u64),
        ("/bypass/red_on_fault", count(&is_seen)),
        (
            "/bypass/noticed",
            count(&|fact| fact["ended"] == NOTICED && is_seen(fact)),
        ),
        (
            "/bypass/repelled",
            count(&|fact| {
                let ended = fact["ended"].as_str().unwrap_or_default();
                ended != NOTICED && !is_code(ended)
            }),
        ),
        ("/pairs/entrypoints", pairs.len() as u64),
        ("/pairs/executed", sum("executed")),
        ("/pairs/verified", sum("verified")),
    ];
    let mut refusals: Vec<Refusal> = told
        .iter()
        .filter_map(|(pointer, found)| {
            // What was not reached has no number, and no line.
            let expected = outcome.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
            (expected != *found).then(|| {
                let message = format!("`{pointer}` is {expected}, its lines come to {found}");
                Refusal::new(Code::ExhibitDiffers, OUTCOME, &message)
            })
        })
        .collect();
    refusals.extend(
        pairs
            .iter()
            .filter(|pair| {
                let n = |key: &str| pair[key].as_u64().unwrap_or(u64::MAX);
                !(n("verified") <= n("fresh") && n("fresh") <= n("executed"))
            })
            .map(|pair| {
                let message = format!(
                    "{}: more is verified than is fresh, or was executed",
                    pair["entrypoint"]
                );
                Refusal::new(Code::ExhibitDiffers, OUTCOME, &message)
            }),
    );
    refusals
}

/// What speaks against `pass`.
pub(crate) fn against_pass(plan: &Plan, outcome: &Value) -> Vec<String> {
    let n = |pointer: &str| outcome.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
    let mut against = Vec::new();
    for (folder, key) in OF {
        let is_planned = plan.files.iter().any(|file| file.path.starts_with(folder));
        let is_whole = plan.asked.is_empty() && !plan.estate;
        if outcome.get(key).is_none() && is_planned && is_whole {
            against.push(format!(
                "/{key}: expected it, since `{folder}` is planned; found none"
            ));
        }
    }
    if outcome.get("bypass").is_some() {
        let attempts = n("/bypass/attempts");
        for (what, found) in [
            (
                "repelled and noticed",
                n("/bypass/repelled") + n("/bypass/noticed"),
            ),
            ("red_on_fault", n("/bypass/red_on_fault")),
        ] {
            if attempts == 0 || found != attempts {
                against.push(format!(
                    "/bypass: expected {attempts} {what}, and more than 0; found {found}"
                ));
            }
        }
    }
    if let Some(pairs) = outcome.get("pairs") {
        let (executed, verified) = (n("/pairs/executed"), n("/pairs/verified"));
        if executed == 0 || verified != executed {
            against.push(format!(
                "/pairs: expected {executed} verified, and more than 0; found {verified}"
            ));
        }
        let stale = lines(outcome, "/pairs/schedule").iter().filter(|one| {
            let has_run = !one["verdict"].is_null();
            has_run && (one["verdict"] != "pass" || one["fresh"] != true)
        });
        against.extend(stale.map(|one| format!("/pairs/schedule: {} is red or stale", one["verifier"])));
        if pairs["readiness"] != "BLOCKED" {
            against.push(format!(
                "/pairs/readiness: expected BLOCKED, found {}",
                pairs["readiness"]
            ));
        }
    }
    if n("/reads/tried") != n("/reads/preserved") {
        against.push(format!(
            "/reads: expected {} preserved, found {}",
            n("/reads/tried"),
            n("/reads/preserved")
        ));
    }
    against
}

fn lines<'a>(outcome: &'a Value, pointer: &str) -> &'a [Value] {
    let found = outcome.pointer(pointer).and_then(Value::as_array);
    found.map(Vec::as_slice).unwrap_or_default()
}

/// A red attempt has a code where others say how they ended.
pub fn is_code(ended: &str) -> bool {
    !ended.is_empty() && ended.chars().all(|one| one.is_ascii_uppercase() || one == '_')
}
