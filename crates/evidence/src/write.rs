//! The writer: the plan before the first statement, the rest after, and a rename at the end.
//!
//! Not for: the verdict, which is the rehearsal's. The one fact to know: until the rename there is no packet,
//! only a hidden folder beside its place that goes away with its handle; a killed run leaves no evidence.

use crate::Error;
use crate::code::Refusal;
use crate::document::{Packet, Plan, PlannedFile, StatedVerdict, printed};
use crate::exhibit::Exhibits;
use crate::folder::{Folder, failed};
use crate::gate::packet_of;
use crate::outcome::{OUTCOME_KEYS, rollback_of, split};
use crate::statement::statements;
use crate::tree::{
    self, ENVIRONMENT, ENVIRONMENT_SHA256, OUTCOME, PACKET, PLAN, RERUN, ROLLBACK, WITH_EXHIBITS,
};
use crate::{Code, verdict, verify};
use footprint::files;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A packet whose plan is on the disk.
#[derive(Debug)]
pub struct Draft {
    plan: Plan,
    beside: tempfile::TempDir,
    target: PathBuf,
}

impl Draft {
    /// Begins a packet: refuses a place that is taken, and writes the plan.
    pub fn begin(target: &Path, plan: Plan) -> Result<Self, Error> {
        verify::demand_plan(&plan).map_err(|refusal| Error::Outcome(refusal.to_string()))?;
        demand_free(target)?;
        let parent = files::parent(target);
        files::create_dir_all(&parent).map_err(|source| failed(&parent, source))?;
        let beside = files::beside(&parent, ".evidence-").map_err(|source| failed(&parent, source))?;
        write(beside.path(), PLAN, &printed(&plan))?;
        Ok(Self {
            plan,
            beside,
            target: target.to_owned(),
        })
    }

    /// Writes the rest and puts the packet in its place; gives the tree's digest.
    pub fn finish(self, outcome: Value, exhibits: &Exhibits) -> Result<String, Error> {
        let folder = build(&self.plan, outcome, exhibits)?;
        for (name, bytes) in folder.files.iter().filter(|(name, _)| *name != PLAN) {
            write(self.beside.path(), name, bytes)?;
        }
        demand_free(&self.target)?;
        // The system refuses to rename onto a folder that is not empty, should one have come meanwhile.
        files::into_place(self.beside.path(), &self.target).map_err(|source| failed(&self.target, source))?;
        let packet = packet_of(&folder).map_err(|refusal| Error::Outcome(refusal.to_string()))?;
        Ok(packet.tree_sha256)
    }
}

/// A whole packet in memory.
pub fn build(plan: &Plan, outcome: Value, exhibits: &Exhibits) -> Result<Folder, Error> {
    let (outcome, environment) = split(outcome)?;
    let stated = outcome["verdict"].as_str().unwrap_or_default().to_owned();
    let environment = printed(&environment);
    let files: BTreeMap<String, Vec<u8>> = [
        (PLAN, printed(plan)),
        (ROLLBACK, printed(&rollback_of(&outcome))),
        (OUTCOME, printed(&ordered(outcome))),
        (RERUN, tree::rerun(plan, WITH_EXHIBITS).into_bytes()),
        (ENVIRONMENT_SHA256, tree::environment_line(&environment)),
        (ENVIRONMENT, environment),
    ]
    .into_iter()
    .chain(exhibits.files())
    .map(|(name, bytes)| (name.to_owned(), bytes))
    .collect();
    let folder = Folder {
        files,
        refusals: Vec::new(),
    };
    let stated = StatedVerdict {
        value: stated,
        rests_on: verdict::basis(WITH_EXHIBITS),
    };
    let folder =
        sealed(folder, WITH_EXHIBITS, stated).map_err(|refusal| Error::Outcome(refusal.to_string()))?;
    // What this very tool would refuse is not written as evidence.
    let report = crate::verify(&folder);
    match report.refusals.first() {
        None => Ok(folder),
        Some(refusal) => Err(Error::Outcome(refusal.to_string())),
    }
}

/// The packet with list and digests as its files are now: what a forger would do, too.
pub fn resealed(folder: Folder) -> Result<Folder, Refusal> {
    let packet = packet_of(&folder)?;
    sealed(folder, packet.format_version, packet.verdict)
}

fn sealed(mut folder: Folder, version: u32, stated: StatedVerdict) -> Result<Folder, Refusal> {
    let names = tree::tree_of(version);
    let listed = names.iter().filter_map(|name| {
        let bytes = folder.files.get(*name)?;
        Some(PlannedFile::of(name, bytes))
    });
    let mut packet = Packet {
        format_version: version,
        verdict: stated,
        files: listed.collect(),
        tree_sha256: String::new(),
    };
    packet.tree_sha256 = tree::digest(&packet)
        .map_err(|error| Refusal::new(Code::DocumentMalformed, PACKET, &error.to_string()))?
        .to_string();
    folder.files.insert(PACKET.to_owned(), printed(&packet));
    // They follow from the tree; where it can't be read, nothing follows.
    let document = |name: &str| folder.files.get(name).map(Vec::as_slice).unwrap_or_default();
    let told = (
        serde_json::from_slice(document(PLAN)),
        serde_json::from_slice(document(OUTCOME)),
    );
    if let (true, (Ok(plan), Ok(outcome))) = (version == WITH_EXHIBITS, told) {
        for (name, bytes) in statements(&packet, &plan, &outcome) {
            folder.files.insert(name.to_owned(), bytes);
        }
    }
    Ok(folder)
}

/// Top-level keys in the format's order, wherever the rehearsal has them.
fn ordered(outcome: Value) -> Value {
    let Value::Object(mut found) = outcome else {
        return outcome;
    };
    OUTCOME_KEYS
        .iter()
        .filter_map(|key| found.remove(*key).map(|value| ((*key).to_owned(), value)))
        .collect()
}

fn demand_free(target: &Path) -> Result<(), Error> {
    let occupied = match fs::symlink_metadata(target) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(source) => return Err(failed(target, source)),
        Ok(found) if found.is_dir() => fs::read_dir(target)
            .map_err(|source| failed(target, source))?
            .next()
            .is_some(),
        Ok(_) => true,
    };
    if occupied {
        return Err(Error::Occupied {
            path: crate::escaped(&target.to_string_lossy()),
        });
    }
    Ok(())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = folder.join(name);
    let written = files::create_new(&path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|source| failed(&path, source))
}
