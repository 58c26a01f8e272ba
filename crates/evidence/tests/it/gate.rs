//! The rollback gate: real evidence passes, each fabricated one fails with its code and its id.

use crate::{document, put};
use evidence::{Folder, frozen, resealed, rollback_gate, verify, with_apply_as_before};
use serde_json::{Value, json};

/// The frozen packet with its proofs edited in both documents, sealed anew.
#[track_caller]
fn proofs(edit: impl Fn(&mut Value), rollback_key: &str) -> Folder {
    let mut folder = frozen();
    let mut rollback = document(&folder, "rollback.json");
    edit(&mut rollback["proofs"][0][rollback_key]);
    put(&mut folder, "rollback.json", &rollback);
    let mut outcome = document(&folder, "outcome.json");
    edit(&mut outcome["rollback"][rollback_key]);
    put(&mut folder, "outcome.json", &outcome);
    resealed(folder).unwrap()
}

#[track_caller]
fn expect(folder: &Folder, refusals: &[&str]) {
    let gate = rollback_gate(folder);
    let found: Vec<String> = gate
        .packet
        .iter()
        .map(|refusal| format!("{}:{}", refusal.code, refusal.subject))
        .collect();
    assert_eq!(found, refusals);
    assert_eq!(gate.verdict, if refusals.is_empty() { "pass" } else { "fail" });
    assert!(gate.frozen.is_empty(), "{:#?}", gate.frozen);
    assert!(!gate.frozen_fabricated.is_empty());
}

#[test]
fn a_real_packet_passes_and_its_fabricated_twin_fails_by_name() {
    let gate = rollback_gate(&frozen());
    assert_eq!(gate.verdict, "pass", "{gate:#?}");
    assert_eq!(gate.proofs, ["rehearsal", "committed"]);
    let codes = [
        "ROLLBACK_APPLY_DID_NOT_MUTATE:rehearsal",
        "ROLLBACK_APPLY_DID_NOT_MUTATE:committed",
    ];
    for twin in [&gate.frozen_fabricated, &gate.fabricated] {
        // What was applied is not there, so the way back from it "restored" it all the same.
        let found: Vec<String> = twin
            .iter()
            .map(|one| format!("{}:{}", one.code, one.subject))
            .collect();
        assert_eq!(found, codes);
    }
}

#[test]
fn the_fabricated_twin_differs_in_the_applied_state_alone_and_has_a_good_seal() {
    let twin = with_apply_as_before(&frozen()).unwrap();
    let mut rollback = document(&twin, "rollback.json");
    let real = document(&frozen(), "rollback.json");
    for at in [0, 1] {
        assert_eq!(
            rollback["proofs"][at]["after_apply"],
            real["proofs"][at]["before"]
        );
        rollback["proofs"][at]["after_apply"] = real["proofs"][at]["after_apply"].clone();
    }
    assert_eq!(rollback, real);
    expect(
        &twin,
        &[
            "ROLLBACK_APPLY_DID_NOT_MUTATE:rehearsal",
            "ROLLBACK_APPLY_DID_NOT_MUTATE:committed",
        ],
    );
    // The verifier refuses it for the same reason, and for no digest.
    let codes: Vec<String> = verify(&twin)
        .refusals
        .iter()
        .map(|one| one.code.to_string())
        .collect();
    assert_eq!(
        codes,
        ["ROLLBACK_APPLY_DID_NOT_MUTATE", "ROLLBACK_APPLY_DID_NOT_MUTATE"]
    );
}

#[test]
fn an_apply_equal_to_before_is_refused() {
    let before = document(&frozen(), "rollback.json")["proofs"][0]["before"].clone();
    let folder = proofs(|value| *value = before.clone(), "after_apply");
    expect(&folder, &["ROLLBACK_APPLY_DID_NOT_MUTATE:rehearsal"]);
}

#[test]
fn a_state_that_did_not_come_back_is_refused() {
    let folder = proofs(|value| *value = json!("0".repeat(64)), "after_rollback");
    expect(&folder, &["ROLLBACK_DID_NOT_RESTORE:rehearsal"]);
}

#[test]
fn a_missing_fingerprint_is_no_proof() {
    for key in ["before", "after_apply", "after_rollback"] {
        for text in ["", "not_measured", "0", &"A".repeat(64)] {
            let folder = proofs(|value| *value = json!(text), key);
            expect(&folder, &["ROLLBACK_PROOF_MISSING:rehearsal"]);
        }
    }
}

#[test]
fn a_missing_proof_is_refused_for_every_package_it_covered() {
    let mut folder = frozen();
    let mut rollback = document(&folder, "rollback.json");
    rollback["proofs"] = json!([]);
    put(&mut folder, "rollback.json", &rollback);
    expect(
        &resealed(folder).unwrap(),
        &[
            "ROLLBACK_PROOF_MISSING:rehearsal",
            "ROLLBACK_PROOF_MISSING:PKG-A",
            "ROLLBACK_PROOF_MISSING:PKG-B",
            "ROLLBACK_PROOF_MISSING:PKG-C",
            "ROLLBACK_PROOF_MISSING:committed",
        ],
    );
}

#[test]
fn a_transaction_that_did_not_end_as_it_should_is_refused() {
    let folder = proofs(|value| *value = json!("committed"), "xid_status");
    expect(&folder, &["ROLLBACK_XID_STATUS:rehearsal"]);
}

#[test]
fn a_proof_that_the_outcome_does_not_know_is_refused() {
    let mut folder = frozen();
    let mut rollback = document(&folder, "rollback.json");
    rollback["proofs"][0]["after_apply"] = json!("1".repeat(64));
    put(&mut folder, "rollback.json", &rollback);
    expect(
        &resealed(folder).unwrap(),
        &["ROLLBACK_DIFFERS_FROM_OUTCOME:rollback.json"],
    );
}

#[test]
fn a_packet_with_a_broken_seal_does_not_reach_the_gate() {
    let mut folder = frozen();
    folder.files.get_mut("rollback.json").unwrap()[30] ^= 1;
    expect(&folder, &["FILE_DIGEST:rollback.json"]);
}
