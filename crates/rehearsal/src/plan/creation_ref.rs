//! The packet that makes the control plane, in the plan: its files, and who runs which part when, right and wrong.
//!
//! Not for: running it (`creation`). The one fact to know: the acts stand in the order in which they are tried, each on
//! what the ones before it left; one that must be refused leaves nothing.

use super::FileRef;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The packet.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreationRef {
    /// Its package.
    pub package: String,
    /// Its folder.
    pub folder: String,
    /// Every file of it.
    pub file: Vec<FileRef>,
    /// The operator's login.
    pub operator: String,
    /// The part that is handed wrong authorizations.
    pub first: String,
    /// SQLSTATE of a refusal because of the authorization.
    pub leave: String,
    /// SQLSTATE of a refusal to let go of what remembers a leave that would still hold.
    pub not_expired: String,
    /// What time does to such a leave.
    pub expire: String,
    /// The control epoch before there is any.
    pub epoch: String,
    /// Identities that a scope may hold.
    pub known_objects: String,
    /// Those among them that none may.
    pub forbidden_objects: String,
    /// What a DBA sees to beforehand, and how it is undone before states are compared.
    pub arrange: String,
    /// The other way.
    pub restore: String,
    /// Relations whose rows are of the run itself, so that two ways to one state differ in them.
    #[serde(default)]
    pub grows: Vec<String>,
    /// Relations whose rows hold an instant, and their digest without it.
    #[serde(default)]
    pub clocked: Vec<Clocked>,
    /// The acts.
    pub act: Vec<CreationAct>,
}

/// A relation whose rows hold an instant.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clocked {
    /// The relation.
    pub relation: String,
    /// One text over its rows, without the instant.
    pub sql: String,
}

/// Somebody runs a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreationAct {
    /// What is tried.
    pub what: String,
    /// The file.
    pub file: String,
    /// Who runs it.
    pub login: String,
    /// Settings that are handed in besides leave, or in its place.
    #[serde(default)]
    pub hand_in: BTreeMap<String, String>,
    /// What somebody does before, for an act that must be refused.
    #[serde(default)]
    pub arrange: Option<String>,
    /// It must be refused so.
    #[serde(default)]
    pub refused: Option<CreationRefusal>,
    /// What `verify.sql` must answer afterwards.
    #[serde(default)]
    pub answers: Vec<String>,
    /// The state that it must have come to.
    #[serde(default)]
    pub reaches: Option<Landmark>,
    /// Undone after it was looked at.
    #[serde(default)]
    pub undo: bool,
}

impl CreationAct {
    /// Somebody runs a file, and nothing of it stays.
    pub(crate) fn of(what: &str, file: &str, login: &str) -> Self {
        Self {
            what: what.to_owned(),
            file: file.to_owned(),
            login: login.to_owned(),
            hand_in: BTreeMap::new(),
            arrange: None,
            refused: None,
            answers: Vec::new(),
            reaches: None,
            undo: true,
        }
    }
}

/// A refusal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreationRefusal {
    /// Its SQLSTATE.
    pub sqlstate: String,
    /// What its message or detail holds.
    pub says: String,
}

/// A state that a rehearsal comes to by another way, file by file and act by act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Landmark {
    /// Before any package.
    Floor,
    /// After the seal.
    Sealed,
    /// After the first activation.
    Activated,
}

impl Landmark {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Floor => "before any package",
            Self::Sealed => "after the seal",
            Self::Activated => "after the first activation",
        }
    }
}
