//! The verifier: stage by stage, each on what the one before has shown.
//!
//! Not for: the disk (`folder`). The one fact to know: it stops at the first stage that finds something and
//! reports all that this stage found, so the code names what is wrong and not what follows from it.

use crate::code::{Code, Refusal};
use crate::document::{Environment, Packet, Plan, PlannedFile, Rollback, parsed};
use crate::exhibit::Exhibits;
use crate::folder::Folder;
use crate::gate::{self, file, packet_of};
use crate::outcome;
use crate::recount::recount;
use crate::report::{Columns, Report};
use crate::statement::statements;
use crate::tree::{self, ENVIRONMENT, ENVIRONMENT_SHA256, OUTCOME, PACKET, PLAIN, PLAN, RERUN, ROLLBACK};
use crate::verdict;
use serde_json::Value;

/// All documents of a packet whose bytes are what the packet says.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The list of files, the verdict, the tree's digest.
    pub packet: Packet,
    /// What was to run.
    pub plan: Plan,
    /// What was found.
    pub outcome: Value,
    /// The proofs of the way back.
    pub rollback: Rollback,
    /// What is believed.
    pub environment: Environment,
    /// What was shown; none in a packet of the version without lists.
    pub exhibits: Option<Exhibits>,
    /// What is recomputed, shown by a rerun, and believed.
    pub columns: Columns,
}

/// The contents of a packet that verifies; the report that refuses it, if it does not.
pub fn open(folder: &Folder) -> Result<Contents, Box<Report>> {
    let report = verify(folder);
    if !report.refusals.is_empty() {
        return Err(Box::new(report));
    }
    integrity(folder)
        .map(|read| Contents {
            columns: report.columns,
            ..read
        })
        .map_err(|refusals| Box::new(Report::refused(refusals)))
}

/// Verifies a packet from itself alone.
pub fn verify(folder: &Folder) -> Report {
    check(folder, None)
}

/// Verifies a packet, and that its plan is of these committed files.
pub fn verify_in_checkout(folder: &Folder, checkout: &[PlannedFile]) -> Report {
    check(folder, Some(checkout))
}

fn check(folder: &Folder, checkout: Option<&[PlannedFile]>) -> Report {
    let read = match integrity(folder) {
        Ok(read) => read,
        Err(refusals) => return Report::refused(refusals),
    };
    let refusals = stages(&read, checkout);
    Report::of(&read, checkout.is_some(), refusals)
}

fn stages(read: &Contents, checkout: Option<&[PlannedFile]>) -> Vec<Refusal> {
    if let Some(checkout) = checkout {
        let refusals = in_checkout(&read.plan, checkout);
        if !refusals.is_empty() {
            return refusals;
        }
    }
    if let Some(exhibits) = &read.exhibits {
        let refusals = recount(&read.plan, &read.outcome, &read.rollback, exhibits);
        if !refusals.is_empty() {
            return refusals;
        }
    }
    let basis = verdict::judge_basis(&read.packet.verdict, read.packet.format_version);
    if !basis.is_empty() {
        return basis;
    }
    let gate = gate::judge(&read.plan, &read.outcome, &read.rollback);
    // A packet that says `fail` for its rollback tells the truth.
    if read.packet.verdict.value == "pass" && !gate.is_empty() {
        return gate;
    }
    verdict::judge(&read.packet, &read.plan, &read.outcome, &gate)
}

/// The stages below any meaning: files, list, digests, forms, and that the documents agree.
pub(crate) fn integrity(folder: &Folder) -> Result<Contents, Vec<Refusal>> {
    stage(folder.refusals.clone())?;
    let packet = packet_of(folder).map_err(|refusal| vec![refusal])?;
    stage(listed(&packet))?;
    stage(present(folder, &packet))?;
    stage(digests(folder, &packet))?;
    let found = tree::digest(&packet)
        .map(|digest| digest.to_string())
        .unwrap_or_default();
    if found != packet.tree_sha256 {
        let message = format!("expected {found}, found {}", packet.tree_sha256);
        return Err(vec![Refusal::new(Code::TreeDigest, PACKET, &message)]);
    }
    documents(folder, packet).map_err(|refusal| vec![refusal])
}

fn stage(refusals: Vec<Refusal>) -> Result<(), Vec<Refusal>> {
    if refusals.is_empty() {
        Ok(())
    } else {
        Err(refusals)
    }
}

/// What is wrong with the list itself.
fn listed(packet: &Packet) -> Vec<Refusal> {
    let mut refusals = in_order(PACKET, &packet.files);
    if !refusals.is_empty() {
        return refusals;
    }
    let tree = tree::tree_of(packet.format_version);
    for entry in &packet.files {
        if !tree.contains(&entry.path.as_str()) {
            let message = format!("expected one of {}", tree.join(", "));
            refusals.push(Refusal::new(Code::FileUnknown, &entry.path, &message));
        }
    }
    for name in tree {
        if !packet.files.iter().any(|entry| entry.path == name) {
            refusals.push(Refusal::new(Code::FileNotListed, name, "the format demands it"));
        }
    }
    refusals
}

/// Names that stay below the root, sorted as bytes, each once.
fn in_order(document: &str, files: &[PlannedFile]) -> Vec<Refusal> {
    for entry in files {
        if !tree::is_safe(&entry.path) {
            let message = "expected names of letters, digits, `.`, `_` and `-`, below the packet or checkout";
            return vec![Refusal::new(Code::NameUnsafe, &entry.path, message)];
        }
    }
    let unsorted = files.windows(2).find(|pair| pair[0].path >= pair[1].path);
    unsorted
        .map(|pair| {
            let message = format!("`{}` stands before `{}`", pair[0].path, pair[1].path);
            Refusal::new(Code::ListOrder, document, &message)
        })
        .into_iter()
        .collect()
}

/// What is listed and not there, and the reverse.
fn present(folder: &Folder, packet: &Packet) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for entry in packet
        .files
        .iter()
        .filter(|entry| !folder.files.contains_key(&entry.path))
    {
        refusals.push(Refusal::new(
            Code::FileMissing,
            &entry.path,
            "it is listed, and not there",
        ));
    }
    for name in [ENVIRONMENT, ENVIRONMENT_SHA256] {
        if !folder.files.contains_key(name) {
            let message = "without it nobody knows which server it was";
            refusals.push(Refusal::new(Code::EnvironmentMissing, name, message));
        }
    }
    let beside = tree::beside(packet.format_version);
    for name in beside.iter().filter(|name| name.ends_with(".intoto.json")) {
        if !folder.files.contains_key(*name) {
            let message = "a packet of this version has it beside the tree";
            refusals.push(Refusal::new(Code::FileMissing, name, message));
        }
    }
    for name in folder.files.keys() {
        let is_listed = packet.files.iter().any(|entry| &entry.path == name);
        if !is_listed && !beside.contains(&name.as_str()) {
            refusals.push(Refusal::new(Code::FileAdded, name, "it is there, and not listed"));
        }
    }
    refusals
}

fn digests(folder: &Folder, packet: &Packet) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for entry in &packet.files {
        let bytes = folder
            .files
            .get(&entry.path)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let found = PlannedFile::of(&entry.path, bytes);
        if found.size != entry.size {
            let message = format!("expected {} bytes, found {}", entry.size, found.size);
            refusals.push(Refusal::new(Code::FileSize, &entry.path, &message));
        } else if found.sha256 != entry.sha256 {
            let message = format!("expected sha256 {}, found {}", entry.sha256, found.sha256);
            refusals.push(Refusal::new(Code::FileDigest, &entry.path, &message));
        }
    }
    let environment = folder
        .files
        .get(ENVIRONMENT)
        .map(Vec::as_slice)
        .unwrap_or_default();
    if folder.files.get(ENVIRONMENT_SHA256) != Some(&tree::environment_line(environment)) {
        let message = "`environment.sha256` is the digest of another file";
        refusals.push(Refusal::new(Code::EnvironmentDigest, ENVIRONMENT, message));
    }
    refusals
}

fn documents(folder: &Folder, packet: Packet) -> Result<Contents, Refusal> {
    let plan: Plan = parsed(PLAN, file(folder, PLAN)?)?;
    demand_plan(&plan)?;
    let outcome = Value::Object(outcome::read(file(folder, OUTCOME)?)?);
    let rollback: Rollback = parsed(ROLLBACK, file(folder, ROLLBACK)?)?;
    let environment: Environment = parsed(ENVIRONMENT, file(folder, ENVIRONMENT)?)?;
    if folder.files.get(RERUN).map(Vec::as_slice)
        != Some(tree::rerun(&plan, packet.format_version).as_bytes())
    {
        let message = "it is not the script that follows from `plan.json`; do not run it";
        return Err(Refusal::new(Code::RerunDiffers, RERUN, message));
    }
    let expected = outcome::rollback_of(&outcome);
    if rollback != expected {
        let differing = rollback
            .proofs
            .iter()
            .find(|proof| !expected.proofs.contains(proof))
            .map_or("proofs", |proof| proof.id.as_str());
        // A proof that is simply gone is the gate's to name.
        if rollback
            .proofs
            .iter()
            .any(|proof| !expected.proofs.contains(proof))
        {
            let message = format!("`{differing}` is not what `outcome.json` says");
            return Err(Refusal::new(Code::RollbackDiffersFromOutcome, ROLLBACK, &message));
        }
    }
    let exhibits = if packet.format_version == PLAIN {
        None
    } else {
        for (name, expected) in statements(&packet, &plan, &outcome) {
            if folder.files.get(name) != Some(&expected) {
                let message = "it is not the statement that follows from the tree";
                return Err(Refusal::new(Code::StatementDiffers, name, message));
            }
        }
        Some(Exhibits::read(|name| file(folder, name))?)
    };
    Ok(Contents {
        packet,
        plan,
        outcome,
        rollback,
        environment,
        exhibits,
        columns: Columns::default(),
    })
}

/// A plan from which a script may be written: plain words, and files below a checkout.
pub(crate) fn demand_plan(plan: &Plan) -> Result<(), Refusal> {
    let refuse = |message: String| Err(Refusal::new(Code::DocumentMalformed, PLAN, &message));
    let is_word = |word: &String| tree::is_safe(word) && !word.starts_with('-') && !word.contains('/');
    if let Some(word) = plan.packages.iter().find(|word| !is_word(word)) {
        return refuse(format!("`{word}` is no package"));
    }
    if let Some(id) = plan.asked.iter().find(|id| !plan.packages.contains(id)) {
        return refuse(format!("`{id}` was asked for, and is no package of the plan"));
    }
    if !["auto", "one-transaction", "committed"].contains(&plan.shape.as_str()) {
        return refuse(format!("`{}` is no shape", plan.shape));
    }
    if let Some(refusal) = in_order(PLAN, &plan.files).into_iter().next() {
        return Err(refusal);
    }
    if !plan.files.iter().any(|entry| entry.path == plan.plan) {
        return refuse(format!("the plan `{}` is none of its files", plan.plan));
    }
    Ok(())
}

/// Files by which plan and checkout differ; the first ten are named.
fn in_checkout(plan: &Plan, checkout: &[PlannedFile]) -> Vec<Refusal> {
    let only = |these: &[PlannedFile], those: &[PlannedFile], why: &str| -> Vec<Refusal> {
        these
            .iter()
            .filter(|entry| !those.contains(entry))
            .map(|entry| Refusal::new(Code::PlanDiffersFromCheckout, &entry.path, why))
            .collect()
    };
    let mut refusals = only(
        &plan.files,
        checkout,
        "the packet is of other bytes than this checkout's",
    );
    let paths: Vec<&str> = plan.files.iter().map(|entry| entry.path.as_str()).collect();
    let added = only(
        checkout,
        &plan.files,
        "this checkout rehearses it, the packet did not",
    );
    refusals.extend(
        added
            .into_iter()
            .filter(|refusal| !paths.contains(&refusal.subject.as_str())),
    );
    refusals.truncate(10);
    refusals
}
