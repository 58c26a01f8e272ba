//! PKG-E: the packet that makes the control plane, seals it, and activates it under quorum, in parts.
//!
//! Not for: cutovers, each of which is one transaction by one person. The one fact to know: each part is run by one
//! person under their own login and begins by demanding the state that the part before left [ruling A7]; the files of
//! PKG-A and PKG-B stand in the first part byte for byte.

mod back;
mod cast;
mod declared;
mod leave;
mod parts;
pub(crate) mod spent;
mod stage;
mod state;
mod text;
mod verify;
mod window;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use manifest_model::{ControlPlane, CreationPacket, PacketWindow};
use operator_authorization::packet as form;
use sql_render::Script;

use super::assertions::{Guards, MEASURES};
use super::{FOLDER, TOOL_VERSION};
use crate::Sources;
use crate::error::AuthorError;
use crate::files::Files;
use crate::guard_files::{GuardFiles, Selects};
use crate::item::Version;
use crate::live::LiveFacts;
pub(crate) use cast::{Cast, cast};
use declared::Declared;
pub(crate) use leave::EPOCH_BEFORE_ANY;

/// Somebody of #02, with slot and scope of each binding of #03.
#[derive(Debug, Clone)]
pub(crate) struct Somebody {
    pub(crate) principal: String,
    pub(crate) human: String,
    pub(crate) login: String,
    pub(crate) slots: Vec<(String, String)>,
}

/// What all files of the packet share.
pub(crate) struct Frame<'a> {
    pub(crate) plane: &'a ControlPlane,
    pub(crate) packet: &'a CreationPacket,
    /// What PKG-A and PKG-B run.
    pub(crate) scripts: &'a [Script],
    pub(crate) window: PacketWindow,
    pub(crate) versions: &'a [Version],
    pub(crate) declared: Declared,
    pub(crate) people: Vec<Somebody>,
    /// Slots of the quorum, in the order of #16.
    pub(crate) slots: Vec<&'static str>,
    pub(crate) server_major: u32,
    pub(crate) tool_version: &'a str,
}

/// The packet's folder, if there is a packet; `files` has the migrations, seeds and inputs of guards.
pub fn folder(
    files: &Files,
    sources: &Sources<'_>,
    live: &LiveFacts,
    root: &Path,
    scripts: &[Script],
    versions: &[Version],
    guards: (&GuardFiles, &Selects),
) -> Result<Files, AuthorError> {
    let mut added = Files::default();
    let Some(packet) = &sources.creation else {
        return Ok(added);
    };
    let plane = sources.plane;
    let slots = quorum_slots(plane);
    let frame = Frame {
        plane,
        packet,
        scripts,
        window: sources.window,
        versions,
        declared: Declared::new(plane, versions, &slots, live.server_major)?,
        people: people(plane),
        slots,
        server_major: live.server_major,
        tool_version: TOOL_VERSION,
    };
    let mut guards = Guards::new(
        plane,
        root,
        files,
        guards,
        frame.operator(),
        None,
        MEASURES.to_vec(),
    );
    let mut folder = frame.sql(files, &mut guards)?;
    folder.extend(frame.texts(&live.capture_sha256));
    folder.insert("inputs.sql".to_owned(), guards.inputs()?);
    let bytes = folder
        .iter()
        .map(|(name, text)| (name.clone(), text.clone().into_bytes()))
        .collect();
    folder.insert(form::LIST.to_owned(), form::list(&bytes));
    for (name, text) in folder {
        added.add(format!("{FOLDER}/{}/{name}", packet.package), text);
    }
    Ok(added)
}

impl Frame<'_> {
    /// The login that holds this slot in any scope, the first of them.
    fn login_of(&self, slot: &str) -> &str {
        let holds = |one: &&Somebody| one.slots.iter().any(|(held, _)| held == slot);
        self.people
            .iter()
            .find(holds)
            .map_or("", |one| one.login.as_str())
    }

    /// The operator's login.
    pub(crate) fn operator(&self) -> &str {
        self.login_of(self.packet.operator.slot)
    }

    /// The verifier's login.
    pub(crate) fn verifier(&self) -> &str {
        self.login_of(self.packet.verifier.slot)
    }

    /// Logins that may sign in some slot of the quorum.
    pub(crate) fn signers(&self) -> Vec<&str> {
        let signs = |one: &&Somebody| {
            one.slots
                .iter()
                .any(|(slot, scope)| scope == SCOPE && self.slots.contains(&slot.as_str()))
        };
        let signers = self.people.iter().filter(signs);
        signers.map(|one| one.login.as_str()).collect()
    }

    /// The files of SQL, by name.
    fn sql(&self, files: &Files, guards: &mut Guards<'_>) -> Result<BTreeMap<String, String>, AuthorError> {
        Ok(BTreeMap::from([
            (file(stage::CREATE.name), self.create(files, guards)?),
            (file(stage::EVIDENCE.name), self.evidence()),
            (file(stage::SIGNOFF.name), self.signoff()),
            (file(stage::ACTIVATE.name), self.activate(guards)?),
            (file(stage::CANDIDATE.name), self.candidate(guards)?),
            (file(stage::RETURN.name), self.give_back(guards)?),
            (file(parts::ROLLBACK), self.rollback(files, guards)?),
            ("preflight.sql".to_owned(), self.preflight()),
            ("verify.sql".to_owned(), self.verify()),
            ("dba_roles.sql".to_owned(), self.dba_roles()),
            ("dba_roles_gone.sql".to_owned(), self.dba_roles_gone()),
            ("dba_before.sql".to_owned(), self.dba_before()),
            ("dba_after.sql".to_owned(), self.dba_after()),
        ]))
    }
}

/// The scope of #03 and #16 in which an activation is signed.
pub(crate) const SCOPE: &str = "activation";

fn file(name: &str) -> String {
    format!("{name}.sql")
}

/// The listed rows of #02, in order, each with its bindings.
fn people(plane: &ControlPlane) -> Vec<Somebody> {
    let bindings = super::rows(
        plane,
        "slot_binding_manifest",
        ["principal_id", "slot", "slot_scope"],
    );
    super::rows(
        plane,
        "principal_manifest",
        ["principal_id", "human", "login_role"],
    )
    .into_iter()
    .map(|[principal, human, login]| Somebody {
        slots: bindings
            .iter()
            .filter(|[bound, ..]| *bound == principal)
            .map(|[_, slot, scope]| ((*slot).to_owned(), (*scope).to_owned()))
            .collect(),
        principal: principal.to_owned(),
        human: human.to_owned(),
        login: login.to_owned(),
    })
    .collect()
}

/// Slots of the quorum of #16, each once.
fn quorum_slots(plane: &ControlPlane) -> Vec<&'static str> {
    let rows = super::rows(plane, "quorum_manifest", ["activation_scope", "slot", "slot"]);
    let mut seen = BTreeSet::new();
    rows.into_iter()
        .filter(|[scope, slot, _]| *scope == SCOPE && seen.insert(*slot))
        .map(|[_, slot, _]| slot)
        .collect()
}
