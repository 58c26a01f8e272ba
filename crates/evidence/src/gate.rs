//! The hardened rollback gate: what was applied was there, and is gone.
//!
//! Not for: taking a fingerprint. The one fact to know: a proof passes only if something was applied that could
//! have stayed, so a rehearsal that did nothing, or copied one fingerprint thrice, fails closed.

use crate::code::{Code, Refusal};
use crate::document::{Packet, Plan, Proof, Rollback, parsed, printed};
use crate::folder::Folder;
use crate::outcome;
use crate::tree::{OUTCOME, PACKET, PLAN, ROLLBACK};
use crate::verify::integrity;
use crate::write::resealed;
use serde::Serialize;
use serde_json::Value;

/// The gate's three parts; it holds only if all three are as they must be.
#[derive(Clone, Debug, Serialize)]
pub struct Gate {
    /// `pass` or `fail`.
    pub verdict: &'static str,
    /// Ids of the proofs.
    pub proofs: Vec<String>,
    /// What is wrong with a real packet that is kept with this tool; empty.
    pub frozen: Vec<Refusal>,
    /// What the gate says of the frozen packet with apply := before; never empty.
    pub frozen_fabricated: Vec<Refusal>,
    /// What is wrong with this packet; empty if it passes.
    pub packet: Vec<Refusal>,
    /// What the gate says of this packet with apply := before; never empty.
    pub fabricated: Vec<Refusal>,
}

/// Runs all three parts.
pub fn rollback_gate(folder: &Folder) -> Gate {
    let frozen = crate::frozen();
    let of_frozen = judge_folder(&frozen);
    let frozen_fabricated = with_apply_as_before(&frozen).map(|twin| judge_folder(&twin));
    let packet = judge_folder(folder);
    // A packet that can't be read has no twin; it has failed already.
    let fabricated = with_apply_as_before(folder).map(|twin| judge_folder(&twin));
    let proofs = proofs_of(folder);
    let noticed = |refusals: &Result<Vec<Refusal>, Refusal>, expected: &[String]| {
        let refused = refusals.as_deref().unwrap_or_default();
        let of = |id: &String| Refusal::new(Code::RollbackApplyDidNotMutate, id, "").subject;
        !expected.is_empty()
            && expected.iter().all(|id| {
                let is_its = |refusal: &&Refusal| refusal.subject == of(id);
                refused
                    .iter()
                    .filter(is_its)
                    .any(|refusal| refusal.code == Code::RollbackApplyDidNotMutate)
            })
    };
    let holds = of_frozen.is_empty()
        && noticed(&frozen_fabricated, &proofs_of(&frozen))
        && packet.is_empty()
        && noticed(&fabricated, &proofs);
    Gate {
        verdict: if holds { "pass" } else { "fail" },
        proofs: proofs.iter().map(|id| crate::escaped(id)).collect(),
        frozen: of_frozen,
        frozen_fabricated: frozen_fabricated.unwrap_or_else(|refusal| vec![refusal]),
        packet,
        fabricated: fabricated.unwrap_or_else(|refusal| vec![refusal]),
    }
}

/// The same packet, sealed anew, whose every proof says that applying changed nothing.
pub fn with_apply_as_before(folder: &Folder) -> Result<Folder, Refusal> {
    let mut rollback: Rollback = parsed(ROLLBACK, file(folder, ROLLBACK)?)?;
    let mut found = Value::Object(outcome::read(file(folder, OUTCOME)?)?);
    for proof in &mut rollback.proofs {
        proof.after_apply = proof.before.clone();
    }
    for (from, to) in [
        ("/rollback/before", "/rollback/after_apply"),
        ("/committed/before", "/committed/applied"),
    ] {
        if let Some(before) = found.pointer(from).cloned()
            && let Some(apply) = found.pointer_mut(to)
        {
            *apply = before;
        }
    }
    let mut twin = folder.clone();
    twin.files.insert(ROLLBACK.to_owned(), printed(&rollback));
    twin.files.insert(OUTCOME.to_owned(), printed(&found));
    resealed(twin)
}

/// What speaks against the packet's reversal, its integrity first.
fn judge_folder(folder: &Folder) -> Vec<Refusal> {
    match integrity(folder) {
        Err(refusals) => refusals,
        Ok(read) => judge(&read.plan, &read.outcome, &read.rollback),
    }
}

/// What speaks against the proofs.
pub(crate) fn judge(plan: &Plan, outcome: &Value, rollback: &Rollback) -> Vec<Refusal> {
    let missing = |id: &str, why: &str| Refusal::new(Code::RollbackProofMissing, id, why);
    let mut refusals = Vec::new();
    if !rollback.proofs.iter().any(|proof| proof.id == "rehearsal") {
        refusals.push(missing("rehearsal", "expected a proof of it, found none"));
    }
    let packages = outcome["packages"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    for package in packages
        .iter()
        .filter(|package| package["verdict"] != "not_applicable")
    {
        let id = package["id"].as_str().unwrap_or_default();
        let is_planned = plan.packages.iter().any(|one| one == id);
        let is_due = (plan.asked.is_empty() && is_planned) || package["verdict"] != "not_measured";
        let is_covered = rollback
            .proofs
            .iter()
            .any(|proof| proof.covers.iter().any(|one| one == id));
        if is_due && !is_covered {
            refusals.push(missing(id, "expected a proof that covers it, found none"));
        }
    }
    if plan.committed && !rollback.proofs.iter().any(|proof| proof.id == "committed") {
        refusals.push(missing(
            "committed",
            "it was asked for, and there is no proof of it",
        ));
    }
    for proof in &rollback.proofs {
        refusals.extend(judge_proof(proof));
    }
    refusals
}

fn judge_proof(proof: &Proof) -> Vec<Refusal> {
    let id = proof.id.as_str();
    let mut refusals = judge_states(id, &proof.before, &proof.after_apply, &proof.after_rollback);
    let is_missing = |refusal: &Refusal| refusal.code == Code::RollbackProofMissing;
    if proof.xid_status != proof.xid_expected && !refusals.iter().any(is_missing) {
        let message = format!("expected `{}`, found `{}`", proof.xid_expected, proof.xid_status);
        refusals.push(Refusal::new(Code::RollbackXidStatus, id, &message));
    }
    refusals
}

/// What speaks against three states being those of something that was applied and taken back.
pub fn judge_states(id: &str, before: &str, after_apply: &str, after_rollback: &str) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (name, found) in [
        ("before", before),
        ("after_apply", after_apply),
        ("after_rollback", after_rollback),
    ] {
        if found.parse::<canonical::FileDigest>().is_err() {
            let message = format!("expected a fingerprint as `{name}`, found `{found}`");
            refusals.push(Refusal::new(Code::RollbackProofMissing, id, &message));
        }
    }
    if !refusals.is_empty() {
        return refusals;
    }
    if after_apply == before {
        let message = format!("expected another state than before, found {before} again");
        refusals.push(Refusal::new(Code::RollbackApplyDidNotMutate, id, &message));
    }
    if after_rollback != before {
        let message = format!("expected {before}, found {after_rollback}");
        refusals.push(Refusal::new(Code::RollbackDidNotRestore, id, &message));
    }
    refusals
}

fn proofs_of(folder: &Folder) -> Vec<String> {
    let rollback = file(folder, ROLLBACK).and_then(|bytes| parsed::<Rollback>(ROLLBACK, bytes));
    let proofs = rollback.map(|rollback| rollback.proofs).unwrap_or_default();
    proofs.into_iter().map(|proof| proof.id).collect()
}

pub(crate) fn file<'a>(folder: &'a Folder, name: &str) -> Result<&'a [u8], Refusal> {
    let missing = match name {
        PACKET => Code::PacketMissing,
        PLAN | ROLLBACK | OUTCOME => Code::FileMissing,
        _ => Code::EnvironmentMissing,
    };
    let found = folder.files.get(name).map(Vec::as_slice);
    found.ok_or_else(|| Refusal::new(missing, name, "expected it in the packet, found no such file"))
}

/// The packet's own list.
pub(crate) fn packet_of(folder: &Folder) -> Result<Packet, Refusal> {
    parsed(PACKET, file(folder, PACKET)?)
}
