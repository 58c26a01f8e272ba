//! Packets: written twice alike, and refused for each single thing that is changed.
//!
//! The one fact to know: every packet here is the frozen real one, or is made of its outcome; a change is
//! sealed anew (as a forger would) unless the seal itself is what is tried.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod exhibits;
mod gate;
mod on_disk;
mod python;
mod refused;
mod verdict;
mod ways;
mod written;

use evidence::{Code, Error, Exhibits, Folder, Plan, build, frozen, resealed, verify};
use serde_json::{Value, json};

/// A document of a packet.
pub(crate) fn document(folder: &Folder, name: &str) -> Value {
    serde_json::from_slice(&folder.files[name]).unwrap()
}

/// Puts a document in as this tool prints it.
pub(crate) fn put(folder: &mut Folder, name: &str, value: &Value) {
    let text = format!("{}\n", serde_json::to_string_pretty(value).unwrap());
    folder.files.insert(name.to_owned(), text.into_bytes());
}

/// The frozen packet with one document edited, sealed anew.
#[track_caller]
pub(crate) fn edited(name: &str, edit: impl FnOnce(&mut Value)) -> Folder {
    let mut folder = frozen();
    let mut value = document(&folder, name);
    let before = value.clone();
    edit(&mut value);
    assert_ne!(value, before, "nothing was changed");
    put(&mut folder, name, &value);
    resealed(folder).unwrap()
}

/// The frozen packet with `outcome.json` edited, sealed anew.
#[track_caller]
pub(crate) fn with_outcome(edit: impl FnOnce(&mut Value)) -> Folder {
    edited("outcome.json", edit)
}

#[track_caller]
pub(crate) fn expect(folder: &Folder, codes: &[Code]) {
    let report = verify(folder);
    let found: Vec<Code> = report.refusals.iter().map(|refusal| refusal.code).collect();
    assert_eq!(found, codes, "{:#?}", report.refusals);
    assert_eq!(
        report.verification,
        if codes.is_empty() { "pass" } else { "fail" }
    );
    python::agrees(folder, codes.is_empty());
}

/// The outcome of the frozen packet as a rehearsal prints it, with this much time.
pub(crate) fn outcome(milliseconds: u64) -> Value {
    let folder = frozen();
    let mut found = document(&folder, "outcome.json");
    let environment = document(&folder, "environment.json");
    found["postgres"] = environment["postgres"].clone();
    found["elapsed_ms"] = json!({ "total": milliseconds, "postgres_start": 1 });
    found["committed"]["elapsed_ms"] = json!(milliseconds);
    // The frozen packet is older than these.
    found["mutants"]["schema"]["weakened"] =
        json!({ "total": 5, "killed": 3, "catalog_alone": 2, "by_accident": 0, "survivors": 0 });
    found["negatives"]["accepted_rows"] = json!(2);
    found["negatives"]["accepted"] = json!(2);
    found["bypass"] = json!({
        "vectors": 2, "attempts": 2, "repelled": 1, "noticed": 1, "red_on_fault": 2,
        "facts": [
            { "vector": "rule", "id": "a", "ended": "refused: 42501", "guard": "G", "probe": "p", "seen": true },
            { "vector": "overload", "id": "b", "ended": "accepted, and noticed", "guard": "G", "probe": "q", "seen": true },
        ],
    });
    found["pairs"] = json!({
        "at": "S19 after", "entrypoints": 2, "executed": 3, "verified": 3, "findings": 1, "readiness": "BLOCKED",
        "unmet": [], "gates": 14,
        "of": [
            { "entrypoint": "seal", "verifier": "verify_seal()", "staleness_seconds_max": 60, "executed": 2, "fresh": 2, "verified": 2 },
            { "entrypoint": "sign", "verifier": "verify_sign()", "staleness_seconds_max": 60, "executed": 1, "fresh": 1, "verified": 1 },
        ],
        "schedule": [
            { "verifier": "verify_seal()", "staleness_seconds_max": 60, "verdict": "pass", "fresh": true },
            { "verifier": "verify_nothing()", "staleness_seconds_max": 60, "verdict": null, "fresh": false },
        ],
    });
    found["reads"] = json!({ "states": 1, "tried": 5, "preserved": 5 });
    found["committed"]["dump"]["observer"] = environment["dump_observer"].clone();
    found
}

/// A packet of the frozen plan and this outcome, with lists that fit.
pub(crate) fn built(outcome: Value) -> Result<Folder, Error> {
    let exhibits = exhibits::exhibits(&outcome);
    build(&plan(), outcome, &exhibits)
}

/// Lists that fit an outcome.
pub(crate) fn exhibits(outcome: &Value) -> Exhibits {
    exhibits::exhibits(outcome)
}

pub(crate) fn plan() -> Plan {
    serde_json::from_value(document(&frozen(), "plan.json")).unwrap()
}
