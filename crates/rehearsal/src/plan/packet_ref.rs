//! Packets of operators in the plan: their files, the paths that they close and open, and who gives leave.
//!
//! Not for: running one (`packet`). The one fact to know: what a rehearsal runs are the files of the folder, byte for
//! byte, and its digest is that of the folder's own list.

use super::FileRef;
use serde::Deserialize;

/// A packet.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PacketRef {
    /// Its package.
    pub package: String,
    /// Its folder.
    pub folder: String,
    /// Every file of it.
    pub file: Vec<FileRef>,
    /// The login that runs it.
    pub operator: String,
    /// Name of the checkpoint between the closing of one path and the opening of the other.
    pub checkpoint: String,
    /// Answers `legacy N …` and `new N …`: how many may execute each path.
    pub paths: String,
    /// Calls that show the same.
    #[serde(default)]
    pub call: Vec<PathCall>,
    /// Statements that must not change places.
    #[serde(default)]
    pub swap: Vec<Swap>,
    /// SQLSTATE of a refusal because a role of the application could undo it.
    pub isolation: String,
    /// SQLSTATE of a refusal because of the authorization.
    pub leave: String,
}

/// A call by a role.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathCall {
    /// `legacy` or `new`.
    pub path: String,
    /// Who calls.
    pub role: String,
    /// What the server predicts: one boolean.
    pub predicted: String,
    /// The statement.
    pub sql: String,
}

/// Two statements of one file, word for word.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Swap {
    /// Name of the file.
    pub file: String,
    /// The one that comes first.
    pub first: String,
    /// The one that must not come before it.
    pub then: String,
}

/// A part of a packet that makes a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PacketPart {
    /// `apply.sql` as far as its checkpoint.
    ApplyToCheckpoint,
    /// The rest of it.
    ApplyRest,
    /// All of `apply.sql`.
    Apply,
    /// `rollback.sql`.
    Rollback,
}

/// Who gives leave, and over what it is judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaveRef {
    /// Version of the tools.
    pub tool_version: String,
    /// Namespace of signatures for a real target.
    pub authorization_namespace: String,
    /// Namespace of signatures under re-audits.
    pub reaudit_namespace: String,
    /// Namespace of signatures in rehearsals.
    pub rehearsal_namespace: String,
    /// The control epoch: one number.
    pub epoch: String,
    /// Identities that a scope may hold.
    pub known_objects: String,
    /// Those among them that none may.
    pub forbidden_objects: String,
    /// The packages.
    pub package: Vec<LeavePackage>,
    /// Who there is.
    pub person: Vec<LeavePerson>,
}

/// A package, as leave knows it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeavePackage {
    /// Its id.
    pub id: String,
    /// The one before it.
    #[serde(default)]
    pub predecessor: Option<String>,
    /// Whether operators run it.
    pub by_operator: bool,
    /// Whether a fresh re-audit must stand before it.
    pub needs_reaudit: bool,
    /// Whether it needs a signed authorization.
    pub needs_authorization: bool,
}

/// Somebody.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeavePerson {
    /// The principal.
    pub principal: String,
    /// The human.
    pub human: String,
    /// The slots that it holds.
    pub slots: Vec<String>,
}
