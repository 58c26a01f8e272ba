//! The verifier: stage by stage, each on what the one before has shown.
//!
//! Not for: the disk (`packet`). The one fact to know: whatever follows from other documents is written again and
//! compared, so a packet can say nothing that it does not show but what it observed, and that a rerun shows.

use crate::bound::against_rehearsal;
use crate::code::{
    LANE_DIFFERS_FROM_CHECKOUT, LANE_DOCUMENT_DIFFERS, LANE_STATUS_DIFFERS, PASS_WHILE_FORBIDDEN_SURFACE,
    PROBE_CLASS_MISSING, REVIEW_DIFFERS, Refusal,
};
use crate::documents::{Environment, Input, Probes};
use crate::observe::{TOUCHED, prove};
use crate::packet::{
    self, ADDENDUM, BLOCKERS, ENVIRONMENT, ENVIRONMENT_SHA256, GATE, LIST, LOCK, NOTE, OPERATIVE, PLAN,
    PREFLIGHT, PROBES, PROOF, Packet, REVIEW, SCOPE, files, list_of, printed_documents,
};
use crate::review::{CLEAN, Documents, review};
use evidence::{Contents, parsed};
use manifest_model::LaneDesign;
use serde::Serialize;
use std::collections::BTreeSet;

/// The result of a verification.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// 1.
    pub format_version: u32,
    /// `pass` if nothing is refused.
    pub verification: &'static str,
    /// The lane's own status, where it can be read.
    pub status: Option<String>,
    /// The tree's digest.
    pub tree_sha256: Option<String>,
    /// Computed here.
    pub recomputed: Vec<String>,
    /// Shown by `RERUN.sh`.
    pub rerun: Vec<String>,
    /// Shown by nothing.
    pub believed: Vec<String>,
    /// What is refused.
    pub refusals: Vec<Refusal>,
}

/// Verifies a packet; with `checkout`, that its inputs are of these digests.
pub fn verify(design: &LaneDesign, packet: &Packet, checkout: Option<&[Input]>) -> Report {
    let (rehearsal, refusals) = match stages(design, packet, checkout) {
        Ok(rehearsal) => (Some(rehearsal), Vec::new()),
        Err(refusals) => (None, refusals),
    };
    let list = list_of(packet).ok();
    let mut report = Report {
        format_version: 1,
        verification: if rehearsal.is_some() { "pass" } else { "fail" },
        status: list.as_ref().map(|list| evidence::escaped(&list.status)),
        tree_sha256: list.map(|list| evidence::escaped(&list.tree_sha256)),
        recomputed: Vec::new(),
        rerun: Vec::new(),
        believed: Vec::new(),
        refusals,
    };
    if let Some(rehearsal) = &rehearsal {
        say(&mut report, rehearsal, checkout.is_some());
    }
    report
}

/// What of it is recomputed, shown by a rerun, and believed.
fn say(report: &mut Report, rehearsal: &Contents, with_checkout: bool) {
    let verdicts = rehearsal.outcome["packages"].as_array().into_iter().flatten();
    let verdicts: Vec<String> = verdicts
        .filter_map(|package| Some((package["id"].as_str()?, package["verdict"].as_str()?)))
        .map(|(id, verdict)| evidence::escaped(&format!("{id} {verdict}")))
        .collect();
    report.recomputed = vec![
        "sizes and digests of every file, and the tree's digest".to_owned(),
        format!(
            "the rehearsal's packet, by its own verifier: tree {}, {}",
            evidence::escaped(&rehearsal.packet.tree_sha256),
            verdicts.join(", ")
        ),
        "that it is of the bytes that the preflight saw, and whole; the three parts of the rollback gate over it".to_owned(),
        "scope, plan and blocker map, from the design".to_owned(),
        "the status of every forbidden surface, from what was observed".to_owned(),
        "PER-1 to PER-10, and the note, from the other documents".to_owned(),
    ];
    let bytes = format!(
        "the inputs of the preflight, which name {} rehearsed files by digest",
        rehearsal.plan.files.len()
    );
    report.rerun = vec![
        "what was observed at the doors, and the answers to the probes".to_owned(),
        "the rehearsal's outcome".to_owned(),
    ];
    if with_checkout {
        report.recomputed.push(format!("{bytes}: those of this checkout"));
    } else {
        report
            .rerun
            .insert(0, format!("{bytes}; `--this-checkout` compares them"));
    }
    report.believed = vec!["environment.json: counts, programs and times".to_owned()];
    let believed = rehearsal.columns.believed.iter();
    report
        .believed
        .extend(believed.map(|line| format!("rehearsal/{line}")));
}

fn stages(
    design: &LaneDesign,
    packet: &Packet,
    checkout: Option<&[Input]>,
) -> Result<Contents, Vec<Refusal>> {
    demand(integrity(packet))?;
    let rehearsal = evidence::open(&packet.rehearsal)
        .map_err(|report| -> Vec<Refusal> { report.refusals.into_iter().map(Refusal::from).collect() })?;
    let documents = documents(packet).map_err(|refusal| vec![refusal])?;
    demand(against_rehearsal(&documents.preflight.inputs, &rehearsal))?;
    demand(against_surfaces(design, packet, &documents))?;
    let computed = review(design, &documents, &packet.rehearsal);
    demand(against_review(&documents, &computed))?;
    demand(against_status(design, packet, &documents))?;
    let expected = printed_documents(design, &documents, &packet.rehearsal);
    let differing = expected
        .iter()
        .filter(|(name, bytes)| packet.own.files.get(*name) != Some(*bytes));
    let what = "it does not follow from the other documents; do not run or rely on it";
    demand(
        differing
            .map(|(name, _)| Refusal::new(LANE_DOCUMENT_DIFFERS, name, what))
            .collect(),
    )?;
    demand(checkout.map_or_else(Vec::new, |checkout| {
        in_checkout(&documents.preflight.inputs, checkout)
    }))?;
    Ok(rehearsal)
}

fn demand(refusals: Vec<Refusal>) -> Result<(), Vec<Refusal>> {
    if refusals.is_empty() {
        Ok(())
    } else {
        Err(refusals)
    }
}

/// Files, list and digests.
fn integrity(packet: &Packet) -> Vec<Refusal> {
    let unfit = packet.own.refusals.iter().chain(&packet.rehearsal.refusals);
    let unfit: Vec<Refusal> = unfit.cloned().map(Refusal::from).collect();
    if !unfit.is_empty() {
        return unfit;
    }
    let list = match list_of(packet) {
        Ok(list) => list,
        Err(refusal) => return vec![refusal],
    };
    for entry in &list.files {
        if !evidence::is_safe(&entry.path) {
            return vec![Refusal::new(
                "NAME_UNSAFE",
                &entry.path,
                "expected a plain name below the packet",
            )];
        }
    }
    if let Some(pair) = list.files.windows(2).find(|pair| pair[0].path >= pair[1].path) {
        let message = format!("`{}` stands before `{}`", pair[0].path, pair[1].path);
        return vec![Refusal::new("LIST_ORDER", LIST, &message)];
    }
    let found = files(packet);
    let paths = |files: &[evidence::PlannedFile]| -> BTreeSet<String> {
        files.iter().map(|file| file.path.clone()).collect()
    };
    let (listed, there) = (paths(&list.files), paths(&found));
    let mut refusals: Vec<Refusal> = listed
        .difference(&there)
        .map(|path| Refusal::new("FILE_MISSING", path, "it is listed, and not there"))
        .collect();
    refusals.extend(
        there
            .difference(&listed)
            .map(|path| Refusal::new("FILE_ADDED", path, "it is there, and not listed")),
    );
    for entry in &list.files {
        let Some(found) = found.iter().find(|file| file.path == entry.path) else {
            continue;
        };
        if found.size != entry.size {
            let message = format!("expected {} bytes, found {}", entry.size, found.size);
            refusals.push(Refusal::new("FILE_SIZE", &entry.path, &message));
        } else if found.sha256 != entry.sha256 {
            let message = format!("expected sha256 {}, found {}", entry.sha256, found.sha256);
            refusals.push(Refusal::new("FILE_DIGEST", &entry.path, &message));
        }
    }
    if !refusals.is_empty() {
        return refusals;
    }
    let expected = packet::digest(&list.lane, &list.status, &list.files);
    if expected != list.tree_sha256 {
        let message = format!("expected {expected}, found {}", list.tree_sha256);
        refusals.push(Refusal::new("TREE_DIGEST", LIST, &message));
    }
    refusals.extend(environment(packet));
    refusals
}

fn environment(packet: &Packet) -> Vec<Refusal> {
    let Some(bytes) = packet.own.files.get(ENVIRONMENT) else {
        return vec![Refusal::new(
            "ENVIRONMENT_MISSING",
            ENVIRONMENT,
            "without it nobody knows what was counted",
        )];
    };
    let line = format!("{}  {ENVIRONMENT}\n", canonical::FileDigest::of_bytes(bytes));
    if packet.own.files.get(ENVIRONMENT_SHA256).map(Vec::as_slice) != Some(line.as_bytes()) {
        let message = "`environment.sha256` is the digest of another file";
        return vec![Refusal::new("ENVIRONMENT_DIGEST", ENVIRONMENT, message)];
    }
    let read = parsed::<Environment>(ENVIRONMENT, bytes);
    read.err().map(Refusal::from).into_iter().collect()
}

/// Reads every document in its one form.
pub(crate) fn documents(packet: &Packet) -> Result<Documents, Refusal> {
    let own = &packet.own;
    let operative = own
        .files
        .get(OPERATIVE)
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let missing = |name: &str| {
        Refusal::new(
            "FILE_MISSING",
            name,
            "expected it in the packet, found no such file",
        )
    };
    if !own.files.contains_key(NOTE) {
        return Err(missing(NOTE));
    }
    Ok(Documents {
        lock: packet::document(own, LOCK)?,
        preflight: packet::document(own, PREFLIGHT)?,
        scope: packet::document(own, SCOPE)?,
        plan: packet::document(own, PLAN)?,
        proof: packet::document(own, PROOF)?,
        gate: packet::document(own, GATE)?,
        probes: packet::document(own, PROBES)?,
        operative: operative.ok_or_else(|| missing(OPERATIVE))?,
        addendum: packet::document(own, ADDENDUM)?,
        review: packet::document(own, REVIEW)?,
        blockers: packet::document(own, BLOCKERS)?,
    })
}

/// A lane that says it was applied while a surface says otherwise, by its own word or by what was observed.
fn against_surfaces(design: &LaneDesign, packet: &Packet, documents: &Documents) -> Vec<Refusal> {
    let is_applied = list_of(packet).is_ok_and(|list| list.status == design.applied);
    if !is_applied && documents.review.status != CLEAN {
        return Vec::new();
    }
    let stated = &documents.proof.surfaces;
    let shown = prove(design, documents.proof.observed.clone()).surfaces;
    let mut refusals = Vec::new();
    for surface in &shown {
        let found = stated.iter().find(|stated| stated.id == surface.id);
        let message = match found {
            _ if surface.status == TOUCHED => {
                format!("what was observed shows it touched: {}", surface.shown_by)
            }
            None => "nothing is said of it".to_owned(),
            Some(found) if found.status != surface.status => {
                format!("expected {}, found {}", surface.status, found.status)
            }
            Some(_) => continue,
        };
        refusals.push(Refusal::new(PASS_WHILE_FORBIDDEN_SURFACE, &surface.id, &message));
    }
    if refusals.is_empty() && documents.proof.any_forbidden_surface_attempted {
        let message = "it says that one was attempted, and that all passed";
        refusals.push(Refusal::new(PASS_WHILE_FORBIDDEN_SURFACE, PROOF, message));
    }
    refusals
}

fn against_review(documents: &Documents, computed: &crate::Review) -> Vec<Refusal> {
    let mut refusals = crate::review::failed_checks(computed);
    if refusals.is_empty() && *computed != documents.review {
        let message = "it is not what the other documents come to";
        refusals.push(Refusal::new(REVIEW_DIFFERS, REVIEW, message));
    }
    refusals
}

fn against_status(design: &LaneDesign, packet: &Packet, documents: &Documents) -> Vec<Refusal> {
    let expected = if documents.review.status == CLEAN {
        design.applied
    } else {
        "STOPPED"
    };
    match list_of(packet) {
        Ok(list) if list.status == expected && list.lane == design.id => Vec::new(),
        Ok(list) => vec![Refusal::new(
            LANE_STATUS_DIFFERS,
            LIST,
            &format!(
                "expected `{expected}` of `{}`, found `{}` of `{}`",
                design.id, list.status, list.lane
            ),
        )],
        Err(refusal) => vec![refusal],
    }
}

/// What speaks against the answers to the probes.
pub(crate) fn against_probes(design: &LaneDesign, probes: &Probes) -> Vec<String> {
    let mut against = probes.findings.clone();
    let expected: Vec<&str> = design.probe_classes.iter().map(|class| class.id).collect();
    let found: Vec<&str> = probes.classes.iter().map(|class| class.id.as_str()).collect();
    if expected != found {
        against.push(format!(
            "{PROBE_CLASS_MISSING}: expected the classes {expected:?}, found {found:?}"
        ));
    }
    let mut doors = BTreeSet::new();
    for class in &probes.classes {
        if class.probes.len() < 2 {
            against.push(format!("{}: expected two spellings at least", class.id));
        }
        for probe in &class.probes {
            doors.insert(probe.door.as_str());
            if !probe.refused || probe.expects.is_empty() {
                against.push(format!(
                    "{}: `{}` was not refused by `{}`",
                    class.id, probe.request, probe.expects
                ));
            }
        }
    }
    for door in doors {
        match probes.controls.iter().find(|control| control.door == door) {
            None => against.push(format!("`{door}` has no permitted request")),
            Some(control) if !control.accepted => {
                against.push(format!("`{door}` refuses `{}`", control.request));
            }
            Some(control) if control.noticed.is_empty() => {
                against.push(format!("an answer that accepts goes unnoticed at `{door}`"));
            }
            Some(_) => {}
        }
    }
    against
}

/// Inputs by which packet and checkout differ.
fn in_checkout(inputs: &[Input], checkout: &[Input]) -> Vec<Refusal> {
    let of = |inputs: &[Input]| -> BTreeSet<(String, String)> {
        inputs
            .iter()
            .map(|input| (input.path.clone(), input.sha256.clone()))
            .collect()
    };
    of(inputs)
        .symmetric_difference(&of(checkout))
        .map(|(path, _)| {
            Refusal::new(
                LANE_DIFFERS_FROM_CHECKOUT,
                path,
                "the packet is of other bytes than this checkout's",
            )
        })
        .collect()
}
