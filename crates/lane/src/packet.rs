//! A lane packet on the disk: its files, its list, its digest, and how it is written and read.
//!
//! Not for: what the documents say. The one fact to know: the digest is over the list of names, digests and sizes,
//! so packing and unpacking a packet, which keeps neither owner nor time, keeps it.

use crate::code::Refusal;
use crate::documents::Environment;
use crate::review::Documents;
use crate::{Error, note};
use canonical::{FileDigest, Node, TreeDigest, artifact};
use evidence::{Folder, PlannedFile, parsed, printed};
use manifest_model::LaneDesign;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) const LIST: &str = "lane.json";
/// The folder with the packet of the lane's rehearsal.
pub const REHEARSAL: &str = "rehearsal";
pub(crate) const LOCK: &str = "delegation-and-authority-lock.json";
pub(crate) const PLAN: &str = "execution-plan.json";
pub(crate) const PROOF: &str = "forbidden-surface-proof.json";
pub(crate) const ADDENDUM: &str = "governance-addendum.json";
pub(crate) const OPERATIVE: &str = "operative-document.md";
pub(crate) const NOTE: &str = "owner-operator-note.md";
pub(crate) const REVIEW: &str = "post-execution-review.json";
pub(crate) const PREFLIGHT: &str = "preflight.json";
pub(crate) const PROBES: &str = "probes.json";
pub(crate) const BLOCKERS: &str = "production-readiness-blocker-map.json";
pub(crate) const GATE: &str = "rollback-gate.json";
pub(crate) const SCOPE: &str = "scope-lock.json";
pub(crate) const RERUN: &str = "RERUN.sh";
pub(crate) const ENVIRONMENT: &str = "environment.json";
pub(crate) const ENVIRONMENT_SHA256: &str = "environment.sha256";
/// Beside the tree, in the packet and in the rehearsal's.
const BESIDE: [&str; 2] = [ENVIRONMENT, ENVIRONMENT_SHA256];

/// `lane.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct List {
    pub(crate) format_version: u32,
    pub(crate) lane: String,
    pub(crate) status: String,
    pub(crate) files: Vec<PlannedFile>,
    pub(crate) tree_sha256: String,
}

/// A packet in memory.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Its own files.
    pub own: Folder,
    /// The packet of the lane's rehearsal.
    pub rehearsal: Folder,
}

/// Reads a packet; nothing is followed.
pub fn read(path: &Path) -> Result<Packet, Error> {
    let own = Folder::read_but(path, &[REHEARSAL])?;
    let below = path.join(REHEARSAL);
    let is_folder = std::fs::symlink_metadata(&below).is_ok_and(|found| found.is_dir());
    let rehearsal = if is_folder {
        Folder::read(&below)?
    } else {
        Folder::default()
    };
    Ok(Packet { own, rehearsal })
}

/// The files that the digest is over.
pub(crate) fn files(packet: &Packet) -> Vec<PlannedFile> {
    let own = packet.own.files.iter().filter(|(name, _)| *name != LIST);
    let own = own.filter(|(name, _)| !BESIDE.contains(&name.as_str()));
    let rehearsal = packet.rehearsal.files.iter();
    let rehearsal = rehearsal.filter(|(name, _)| !BESIDE.contains(&name.as_str()));
    let mut files: Vec<PlannedFile> = own
        .map(|(name, bytes)| PlannedFile::of(name, bytes))
        .chain(rehearsal.map(|(name, bytes)| PlannedFile::of(&format!("{REHEARSAL}/{name}"), bytes)))
        .collect();
    files.sort();
    files
}

/// The digest of a tree: lane, status, and every file with digest and size.
pub(crate) fn digest(lane: &str, status: &str, files: &[PlannedFile]) -> String {
    let files = files.iter().map(|file| {
        Node::List(vec![
            file.path.as_str().into(),
            file.sha256.as_str().into(),
            Node::Text(file.size.to_string()),
        ])
    });
    let body = Node::List(vec![
        Node::pair("lane", lane.into()),
        Node::pair("status", status.into()),
        Node::pair("files", Node::List(files.collect())),
    ]);
    artifact("lane_tree", &body).map_or_else(
        |error| error.to_string(),
        |text| TreeDigest::of(&format!("{text}\n")).to_string(),
    )
}

/// The tree's digest of a packet, as it says itself.
pub fn tree_of(packet: &Packet) -> Option<String> {
    list_of(packet).ok().map(|list| list.tree_sha256)
}

pub(crate) fn list_of(packet: &Packet) -> Result<List, Refusal> {
    document(&packet.own, LIST)
}

/// A document of one form.
pub(crate) fn document<T: Serialize + serde::de::DeserializeOwned>(
    folder: &Folder,
    name: &str,
) -> Result<T, Refusal> {
    let Some(bytes) = folder.files.get(name) else {
        return Err(Refusal::new(
            "FILE_MISSING",
            name,
            "expected it in the packet, found no such file",
        ));
    };
    parsed(name, bytes).map_err(Refusal::from)
}

/// The tree's digest that the rehearsal's packet states.
pub(crate) fn rehearsal_tree(rehearsal: &Folder) -> Option<String> {
    let bytes = rehearsal.files.get("packet.json")?;
    let packet: evidence::Packet = parsed("packet.json", bytes).ok()?;
    Some(packet.tree_sha256)
}

/// The script that runs the lane again and compares.
pub(crate) fn rerun() -> String {
    "#!/bin/sh\n\
     # Runs the lane again on the same bytes and compares the two trees.\n\
     # Usage: sh RERUN.sh CHECKOUT [ARGUMENT…]; arguments go to `cargo xtask lane`, `--postgres` for one.\n\
     set -eu\n\
     test $# -ge 1 || { echo 'usage: sh RERUN.sh CHECKOUT [ARGUMENT…]' >&2; exit 2; }\n\
     packet=$(cd \"$(dirname \"$0\")\" && pwd)\n\
     again=$(mktemp -d)\n\
     trap 'rm -rf \"$again\"' EXIT\n\
     cd \"$1\"\n\
     shift\n\
     cargo xtask lane verify \"$packet\" --this-checkout\n\
     cargo xtask lane \"$@\" --packet \"$again/packet\"\n\
     major() { sed -n 's/.*\"major\": \\([0-9]*\\).*/\\1/p' \"$1/rehearsal/environment.json\"; }\n\
     cmp \"$packet/lane.json\" \"$again/packet/lane.json\" || {\n\
     \x20   echo \"the rerun gave another tree, on PostgreSQL $(major \"$again/packet\"); the packet is of $(major \"$packet\"), which --postgres-version asks for\" >&2\n\
     \x20   exit 1\n\
     }\n\
     echo 'the rerun gave the same tree'\n"
        .to_owned()
}

/// The documents as files, note and script among them.
pub fn printed_documents(
    design: &LaneDesign,
    documents: &Documents,
    rehearsal: &Folder,
) -> BTreeMap<String, Vec<u8>> {
    [
        (LOCK, printed(&documents.lock)),
        (PREFLIGHT, printed(&documents.preflight)),
        (SCOPE, printed(&documents.scope)),
        (PLAN, printed(&documents.plan)),
        (PROOF, printed(&documents.proof)),
        (GATE, printed(&documents.gate)),
        (PROBES, printed(&documents.probes)),
        (OPERATIVE, documents.operative.clone().into_bytes()),
        (ADDENDUM, printed(&documents.addendum)),
        (REVIEW, printed(&documents.review)),
        (BLOCKERS, printed(&documents.blockers)),
        (NOTE, note::text(design, documents, rehearsal).into_bytes()),
        (RERUN, rerun().into_bytes()),
    ]
    .into_iter()
    .map(|(name, bytes)| (name.to_owned(), bytes))
    .collect()
}

/// A packet of these documents, with list and digest.
pub(crate) fn build(
    design: &LaneDesign,
    documents: &Documents,
    rehearsal: &Folder,
    environment: &Environment,
) -> Packet {
    let mut packet = Packet {
        own: Folder {
            files: printed_documents(design, documents, rehearsal),
            refusals: Vec::new(),
        },
        rehearsal: rehearsal.clone(),
    };
    let environment = printed(environment);
    let line = format!("{}  {ENVIRONMENT}\n", FileDigest::of_bytes(&environment));
    packet
        .own
        .files
        .insert(ENVIRONMENT_SHA256.to_owned(), line.into_bytes());
    packet.own.files.insert(ENVIRONMENT.to_owned(), environment);
    let status = if documents.review.status == crate::review::CLEAN {
        design.applied
    } else {
        "STOPPED"
    };
    seal(&mut packet, design.id, status);
    packet
}

pub(crate) fn seal(packet: &mut Packet, lane: &str, status: &str) {
    let files = files(packet);
    let list = List {
        format_version: 1,
        lane: lane.to_owned(),
        status: status.to_owned(),
        tree_sha256: digest(lane, status, &files),
        files,
    };
    packet.own.files.insert(LIST.to_owned(), printed(&list));
}

/// Writes a packet's files below `folder`, as they are.
///
/// # Errors
/// The disk's.
pub fn write(packet: &Packet, folder: &Path) -> Result<(), Error> {
    let own = packet
        .own
        .files
        .iter()
        .map(|(name, bytes)| (folder.join(name), bytes));
    let rehearsal = packet.rehearsal.files.iter();
    let rehearsal = rehearsal.map(|(name, bytes)| (folder.join(REHEARSAL).join(name), bytes));
    for (path, bytes) in own.chain(rehearsal) {
        footprint::files::write(&path, bytes).map_err(|source| failed(&path, source))?;
    }
    Ok(())
}

/// The same packet with list and digest as its files are now: what a forger would do, too.
pub fn reseal(packet: &mut Packet) {
    if let Ok(list) = list_of(packet) {
        seal(packet, &list.lane, &list.status);
    }
}

/// A packet that is being written: a hidden folder beside its place, until it is put there.
#[derive(Debug)]
pub struct Draft {
    beside: tempfile::TempDir,
    target: PathBuf,
}

impl Draft {
    /// Begins a packet: its place must be new or empty.
    pub fn begin(target: &Path) -> Result<Self, Error> {
        demand_free(target)?;
        let parent = footprint::files::parent(target);
        footprint::files::create_dir_all(&parent).map_err(|source| failed(&parent, source))?;
        let beside = footprint::files::beside(&parent, ".lane-").map_err(|source| failed(&parent, source))?;
        Ok(Self {
            beside,
            target: target.to_owned(),
        })
    }

    /// Where the rehearsal's packet is to be written.
    pub fn rehearsal(&self) -> PathBuf {
        self.beside.path().join(REHEARSAL)
    }

    /// Writes the documents and puts the packet in its place; gives the tree's digest.
    pub fn finish(
        self,
        design: &LaneDesign,
        documents: &Documents,
        environment: &Environment,
    ) -> Result<String, Error> {
        let rehearsal = Folder::read(&self.rehearsal())?;
        let packet = build(design, documents, &rehearsal, environment);
        // What this very tool would refuse is not written as evidence.
        if let Some(refusal) = crate::verify(design, &packet, None).refusals.into_iter().next() {
            return Err(Error::Refused(refusal));
        }
        for (name, bytes) in &packet.own.files {
            let path = self.beside.path().join(name);
            footprint::files::write(&path, bytes).map_err(|source| failed(&path, source))?;
        }
        demand_free(&self.target)?;
        footprint::files::into_place(self.beside.path(), &self.target)
            .map_err(|source| failed(&self.target, source))?;
        Ok(tree_of(&packet).unwrap_or_default())
    }
}

fn demand_free(target: &Path) -> Result<(), Error> {
    let is_free = match std::fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if is_free && !target.is_symlink() {
        return Ok(());
    }
    Err(Error::Evidence(evidence::Error::Occupied {
        path: evidence::escaped(&target.to_string_lossy()),
    }))
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::Io {
        path: evidence::escaped(&path.to_string_lossy()),
        source,
    }
}
