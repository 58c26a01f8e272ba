//! What `rehearsal/plan.toml` is made of, in the order of its tables.
//!
//! Not for: reading it, which the engine does by types of its own.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{creation, packets};
use crate::{exhibits, mutants, scan};

#[derive(Serialize)]
pub(super) struct Plan {
    pub(super) format_version: u32,
    pub(super) schema: String,
    pub(super) owner: String,
    pub(super) database: String,
    pub(super) creates_roles: Vec<String>,
    pub(super) protected_rows: Vec<String>,
    pub(super) negative_base: Vec<String>,
    pub(super) realized_refusals: String,
    pub(super) tree_input: &'static str,
    pub(super) body_input: &'static str,
    pub(super) catalog_check: Vec<CatalogCheck>,
    pub(super) mutant_base: Vec<String>,
    pub(super) mutant_check: Vec<mutants::Check>,
    pub(super) counts: BTreeMap<String, i64>,
    pub(super) count_queries: BTreeMap<String, String>,
    pub(super) worlds: FileRef,
    pub(super) access: FileRef,
    pub(super) operator: Operator,
    pub(super) sealed: Sealed,
    pub(super) estate_script: Vec<EstateScript>,
    pub(super) persona: Vec<Persona>,
    pub(super) package: Vec<Package>,
    pub(super) act_file: Vec<ActFile>,
    pub(super) negative: Vec<FileRef>,
    pub(super) attack: Vec<FileRef>,
    pub(super) mutant: Vec<FileRef>,
    pub(super) guard: Vec<GuardRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) state: Vec<StateRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) packet: Vec<packets::PacketRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) creation: Option<creation::CreationRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) leave: Option<packets::LeaveRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client: Option<packets::Client>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) later: Vec<packets::Later>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scan: Option<scan::ScanRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bypass: Option<FileRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) guard_case: Vec<FileRef>,
    pub(super) input: Vec<InputRef>,
    pub(super) fixture_file: Vec<FileRef>,
    pub(super) exhibit: Vec<exhibits::Exhibit>,
    pub(super) reason: Vec<Reason>,
}

#[derive(Serialize)]
pub(super) struct CatalogCheck {
    pub(super) kinds: Vec<&'static str>,
    pub(super) sql: String,
}

#[derive(Serialize)]
pub(crate) struct FileRef {
    pub(crate) path: String,
    pub(crate) sha256: String,
}

#[derive(Serialize)]
pub(super) struct InputRef {
    pub(super) key: String,
    pub(super) path: String,
    pub(super) sha256: String,
}

#[derive(Serialize)]
pub(super) struct EstateScript {
    pub(super) path: String,
    pub(super) sha256: String,
    pub(super) database: String,
}

#[derive(Serialize)]
pub(super) struct Persona {
    pub(super) name: String,
    pub(super) login: String,
    pub(super) member_of: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Package {
    pub(super) id: String,
    pub(super) steps: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Operator {
    pub(super) login: String,
    pub(super) made_before: Vec<String>,
    pub(super) before: FileRef,
    pub(super) after: FileRef,
}

#[derive(Serialize)]
pub(super) struct ActFile {
    pub(super) step: String,
    pub(super) path: String,
    pub(super) sha256: String,
}

#[derive(Serialize)]
pub(super) struct GuardRef {
    pub(super) id: String,
    pub(super) package: String,
    pub(super) step: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rows_of: Option<String>,
}

/// A state and the guards that run in it.
#[derive(Serialize)]
pub(super) struct StateRef {
    pub(super) step: String,
    pub(super) moment: &'static str,
    pub(super) stands_on: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mends: Option<FileRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<FileRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) packet: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) part: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) remember: Vec<InputRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reads: Option<ReadsRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) guard: Vec<CellRef>,
}

/// Reads that are tried, and who tries them.
#[derive(Serialize)]
pub(super) struct ReadsRef {
    pub(super) role: &'static str,
    pub(super) path: String,
    pub(super) sha256: String,
}

#[derive(Serialize)]
pub(super) struct CellRef {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) waits: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sha256: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Reason {
    pub(super) code: String,
    pub(super) sqlstate: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phase: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Sealed {
    pub(super) sqlstate: String,
    pub(super) reason: String,
}
