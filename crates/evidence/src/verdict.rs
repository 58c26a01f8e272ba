//! The verdict once more, from the tree alone.
//!
//! Not for: measuring. The one fact to know: only a *better* verdict than the tree shows is a lie worth a
//! refusal here; what a verdict rests on is a closed list, and nothing of the environment is in it.

use crate::code::{Code, Refusal};
use crate::document::{Packet, Plan, StatedVerdict};
use crate::tree::{ENVIRONMENT, PACKET, PLAIN};
use crate::ways;
use serde_json::Value;

/// What a verdict follows from, `FILE#POINTER` each.
pub const BASIS: &[&str] = &[
    "plan.json#/packages",
    "outcome.json#/packages",
    "outcome.json#/findings",
    "outcome.json#/guards",
    "outcome.json#/negatives",
    "outcome.json#/mutants",
    "outcome.json#/attacks",
    "outcome.json#/access",
    "outcome.json#/committed",
    "outcome.json#/ways_back",
    "outcome.json#/worlds",
    "rollback.json#/proofs",
];

/// Numbers that are equal, and not 0, where the verdict is pass.
const EQUAL: &[(&str, &str)] = &[
    ("/negatives/tests", "/negatives/accepted_twins"),
    ("/negatives/tests", "/negatives/rejected"),
    ("/negatives/tests", "/negatives/sole_cause"),
    ("/mutants/schema/total", "/mutants/schema/killed"),
    ("/mutants/guards/total", "/mutants/guards/killed"),
    ("/attacks/attempts", "/attacks/repelled"),
    ("/access/cells", "/access/agree"),
];

/// The same, for a packet with lists.
const EQUAL_LISTED: &[(&str, &str)] = &[("/negatives/accepted_rows", "/negatives/accepted")];

/// Numbers that are 0 where the verdict is pass.
const ZERO: &[&str] = &[
    "/negatives/uncovered",
    "/negatives/arrange_failed",
    "/mutants/schema/survivors",
    "/mutants/guards/survivors",
    "/mutants/manifest/survivors",
    "/guards/red",
    "/committed/logins/differences",
];

/// The same, for a packet with lists.
const ZERO_LISTED: &[&str] = &[
    "/mutants/schema/weakened/by_accident",
    "/mutants/schema/weakened/survivors",
];

/// What a packet with lists rests on as well.
const LISTED: &[&str] = &[
    "outcome.json#/packets",
    "outcome.json#/pairs",
    "outcome.json#/bypass",
    "outcome.json#/reads",
    "accepted.jsonl#",
    "guards.jsonl#",
    "hashes.jsonl#",
    "mutants.jsonl#",
    "rejections.jsonl#",
    "reversal.jsonl#",
];

pub(crate) fn basis(version: u32) -> Vec<String> {
    let lists = if version == PLAIN { &[][..] } else { LISTED };
    BASIS
        .iter()
        .chain(lists)
        .map(|place| (*place).to_owned())
        .collect()
}

/// Whether the basis is the one that this verifier recomputes from.
pub(crate) fn judge_basis(stated: &StatedVerdict, version: u32) -> Vec<Refusal> {
    let believed = stated
        .rests_on
        .iter()
        .find(|place| place.split('#').next() == Some(ENVIRONMENT));
    if let Some(place) = believed {
        let message = format!("`{place}` is believed; a verdict follows from the tree alone");
        return vec![Refusal::new(Code::VerdictRestsOnBelieved, PACKET, &message)];
    }
    if stated.rests_on != basis(version) {
        let message = format!(
            "expected `{}`, found `{}`",
            basis(version).join("`, `"),
            stated.rests_on.join("`, `")
        );
        return vec![Refusal::new(Code::VerdictBasis, PACKET, &message)];
    }
    Vec::new()
}

/// Whether the stated verdict follows; `shown` are the gate's refusals.
pub(crate) fn judge(packet: &Packet, plan: &Plan, outcome: &Value, shown: &[Refusal]) -> Vec<Refusal> {
    let stated = &packet.verdict;
    let differs = |subject: &str, message: &str| Refusal::new(Code::VerdictDiffers, subject, message);
    let of_outcome = outcome["verdict"].as_str().unwrap_or_default();
    if stated.value != of_outcome {
        let message = format!("expected the outcome's `{of_outcome}`, found `{}`", stated.value);
        return vec![differs(PACKET, &message)];
    }
    match of_outcome {
        "fail" | "not_measured" => return Vec::new(),
        "pass" => {}
        other => return vec![differs(PACKET, &format!("`{other}` is no verdict"))],
    }
    let mut against = against_pass(packet.format_version, plan, outcome);
    against.extend(ways::against_pass(plan, outcome));
    against.extend(shown.iter().map(ToString::to_string));
    against.iter().map(|why| differs("pass", why)).collect()
}

/// A cell without a verdict, or with another word, is no cell that anybody looked at.
fn is_known_and_not_red(run: &Value) -> bool {
    matches!(
        run["verdict"].as_str(),
        Some("pass" | "not_measured" | "not_applicable")
    )
}

/// What speaks against the pass of a package that no rehearsal applies by itself.
fn against_later(package: &Value) -> Option<String> {
    let list = |key: &str| package[key].as_array().map(Vec::as_slice).unwrap_or_default();
    let not_pass = |entry: &&Value| entry["verdict"] != "pass";
    if list("validation").is_empty() {
        return Some("expected pass by at least one guard, found none".to_owned());
    }
    if let Some(cell) = list("validation").iter().find(not_pass) {
        return Some(format!(
            "expected all guards green, found {} of {}",
            cell["verdict"], cell["guard"]
        ));
    }
    let rest = list("rests_on").iter().find(not_pass)?;
    Some(format!(
        "it rests on {}, expected pass, found {}",
        rest["what"], rest["verdict"]
    ))
}

/// What speaks against `pass`.
fn against_pass(version: u32, plan: &Plan, outcome: &Value) -> Vec<String> {
    let mut against = Vec::new();
    let list = |key: &str| outcome[key].as_array().map(Vec::as_slice).unwrap_or_default();
    match outcome["findings"].as_array().map(Vec::len) {
        Some(0) => {}
        found => against.push(format!("/findings: expected none, found {found:?}")),
    }
    let ids: Vec<&str> = list("packages")
        .iter()
        .filter_map(|package| package["id"].as_str())
        .collect();
    // Packages that only operators apply come after those of the plan.
    if ids
        .get(..plan.packages.len())
        .is_none_or(|own| own != plan.packages)
        || ids.is_empty()
    {
        against.push(format!("/packages: expected {:?}, found {ids:?}", plan.packages));
    }
    for package in list("packages").iter().skip(plan.packages.len()) {
        if package["verdict"] == "fail" {
            against.push(format!("{}: expected no finding, found fail", package["id"]));
        }
        if package["verdict"] == "pass"
            && let Some(why) = against_later(package)
        {
            against.push(format!("{}: {why}", package["id"]));
        }
    }
    for packet in list("packets") {
        if packet["applied"] != true || packet["restored"] != true {
            against.push(format!(
                "{}: expected its packet applied and taken back",
                packet["package"]
            ));
        }
    }
    for package in list("packages").iter().take(plan.packages.len()) {
        let cells = package["validation"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let green = !cells.is_empty() && cells.iter().all(|cell| cell["verdict"] == "pass");
        if package["verdict"] != "pass" || !green {
            against.push(format!(
                "{}: expected pass by at least one guard, all green; found {} of {}",
                package["id"],
                cells.iter().filter(|cell| cell["verdict"] == "pass").count(),
                cells.len()
            ));
        }
    }
    let runs = outcome.pointer("/guards/runs").and_then(Value::as_array);
    match runs {
        Some(runs) if runs.iter().all(is_known_and_not_red) && !runs.is_empty() => {}
        _ => against.push("/guards/runs: expected runs, none of them red".to_owned()),
    }
    for key in ["ways_back", "worlds"] {
        if list(key).is_empty() {
            against.push(format!("/{key}: expected at least one, found none"));
        }
    }
    for way in list("ways_back").iter().filter(|way| way["verdict"] != "pass") {
        against.push(format!(
            "/ways_back: expected pass of {}, found {}",
            way["kind"], way["verdict"]
        ));
    }
    for world in list("worlds")
        .iter()
        .filter(|world| world["expected"] != world["realized"])
    {
        against.push(format!(
            "/worlds: {} expected {}, found {}",
            world["id"], world["expected"], world["realized"]
        ));
    }
    let number = |pointer: &str| outcome.pointer(pointer).and_then(Value::as_u64);
    let (equal, zero) = match version {
        PLAIN => (&[][..], &[][..]),
        _ => (EQUAL_LISTED, ZERO_LISTED),
    };
    for (one, other) in EQUAL.iter().chain(equal) {
        let (expected, found) = (number(one), number(other));
        if expected.is_none_or(|expected| expected == 0) || expected != found {
            against.push(format!("{other}: expected {one}, {expected:?}, found {found:?}"));
        }
    }
    for pointer in ZERO.iter().chain(zero) {
        if number(pointer) != Some(0) {
            against.push(format!("{pointer}: expected 0, found {:?}", number(pointer)));
        }
    }
    let committed = outcome.pointer("/committed/verdict").and_then(Value::as_str);
    let expected = if plan.committed { "pass" } else { "not_measured" };
    if committed != Some(expected) {
        against.push(format!(
            "/committed/verdict: expected {expected}, found {committed:?}"
        ));
    }
    against
}
