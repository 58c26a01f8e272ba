//! The documents of a packet, and the one way in which each is written.
//!
//! Not for: judging them. The one fact to know: a document is read by parsing it and printing it again; what
//! the printing lacks is an unknown key, and any other difference is a second spelling. Both are refused, so
//! a document has exactly one form and a key can't stand twice, once for each reader.

use crate::code::{Code, Refusal};
use crate::tree::{PACKET, PLAIN, WITH_EXHIBITS};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The version of every document but the list of files, which has its own.
pub(crate) const FORMAT_VERSION: u32 = 1;

fn versions(name: &str) -> &'static [u32] {
    match name {
        PACKET => &[PLAIN, WITH_EXHIBITS],
        _ => &[FORMAT_VERSION],
    }
}

/// `packet.json`: the tree, its digest and the verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// 4; 1 without lists and statements.
    pub format_version: u32,
    /// The verdict.
    pub verdict: StatedVerdict,
    /// The tree's files, sorted by path.
    pub files: Vec<PlannedFile>,
    /// Digest of the canonical text of all above.
    pub tree_sha256: String,
}

/// A verdict, and what of the tree it follows from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedVerdict {
    /// `pass`, `fail`, `not_measured`.
    pub value: String,
    /// `FILE#POINTER` each.
    pub rests_on: Vec<String>,
}

/// A file by its digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlannedFile {
    /// From the root, with `/`.
    pub path: String,
    /// SHA-256 of its bytes, lower hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

impl PlannedFile {
    /// A file of these bytes.
    pub fn of(path: &str, bytes: &[u8]) -> Self {
        Self {
            path: path.to_owned(),
            sha256: canonical::FileDigest::of_bytes(bytes).to_string(),
            size: bytes.len() as u64,
        }
    }
}

/// `plan.json`: what was to run, written before the first statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// 1.
    pub format_version: u32,
    /// Every package of the plan, in order.
    pub packages: Vec<String>,
    /// Packages that were asked for; empty for all.
    pub asked: Vec<String>,
    /// `auto`, `one-transaction`, `committed`.
    pub shape: String,
    /// Whether the packages were to be committed on a second server too.
    pub committed: bool,
    /// Whether a restored dump was to take the reference estate's place.
    pub estate: bool,
    /// Path of the plan, which is one of the files.
    pub plan: String,
    /// Every committed file that was to be rehearsed, the plan among them, sorted by path.
    pub files: Vec<PlannedFile>,
}

/// `rollback.json`: the proofs that what was applied was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollback {
    /// 1.
    pub format_version: u32,
    /// One for each place in which packages were applied.
    pub proofs: Vec<Proof>,
}

/// One reversal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// `rehearsal`, or `committed` for the second server.
    pub id: String,
    /// Packages that were applied and taken back together.
    pub covers: Vec<String>,
    /// Fingerprint before anything.
    pub before: String,
    /// Fingerprint with all applied.
    pub after_apply: String,
    /// Fingerprint after the rollback.
    pub after_rollback: String,
    /// What the server says of the transaction.
    pub xid_status: String,
    /// What it must say: `aborted`, or `committed` where a way back was committed as well.
    pub xid_expected: String,
}

/// `environment.json`: what is believed, and outside the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// 1.
    pub format_version: u32,
    /// The server.
    pub postgres: Server,
    /// The second observer's program.
    pub dump_observer: String,
    /// Times in milliseconds.
    pub elapsed_ms: BTreeMap<String, u64>,
    /// Time of the committed run, in milliseconds.
    pub committed_elapsed_ms: u64,
}

/// The server, as it called itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// How it was come by.
    pub provider: String,
    /// Its version.
    pub version: String,
    /// Its major.
    pub major: u32,
    /// Why it was come by so.
    pub reason: String,
    /// The server's own line about its build.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub build: String,
}

/// The one form of a document.
pub fn printed<T: Serialize>(document: &T) -> Vec<u8> {
    // Strings, numbers, lists and maps with text keys: nothing that could fail to print.
    let mut text = serde_json::to_vec_pretty(document).unwrap_or_default();
    text.push(b'\n');
    text
}

/// Reads a document of a closed schema.
pub fn parsed<T: Serialize + DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T, Refusal> {
    let value = json(name, bytes)?;
    let document: T = serde_json::from_value(value.clone())
        .map_err(|error| Refusal::new(Code::DocumentMalformed, name, &error.to_string()))?;
    let known = serde_json::to_value(&document)
        .map_err(|error| Refusal::new(Code::DocumentMalformed, name, &error.to_string()))?;
    if let Some(place) = unknown_key("", &value, &known) {
        let message = format!("`{place}` is no key of this format");
        return Err(Refusal::new(Code::KeyUnknown, name, &message));
    }
    demand_form(name, bytes, &printed(&document))?;
    Ok(document)
}

/// Reads any document of this format version.
pub(crate) fn json(name: &str, bytes: &[u8]) -> Result<Value, Refusal> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| Refusal::new(Code::DocumentMalformed, name, &error.to_string()))?;
    match value.get("format_version") {
        Some(version) if versions(name).iter().any(|known| version == known) => Ok(value),
        Some(version) => {
            let known: Vec<String> = versions(name).iter().map(ToString::to_string).collect();
            let message = format!("expected format_version {}, found {version}", known.join(" or "));
            Err(Refusal::new(Code::FormatUnknown, name, &message))
        }
        None => Err(Refusal::new(
            Code::DocumentMalformed,
            name,
            "it has no format_version",
        )),
    }
}

/// Refuses a document that says the same in other bytes.
pub(crate) fn demand_form(name: &str, found: &[u8], expected: &[u8]) -> Result<(), Refusal> {
    if found == expected {
        return Ok(());
    }
    let at = found
        .iter()
        .zip(expected)
        .take_while(|(one, other)| one == other)
        .count();
    let message = format!("it is not as this tool prints it, from byte {at} on");
    Err(Refusal::new(Code::NotCanonical, name, &message))
}

/// The first key that `found` has and `known` lacks.
fn unknown_key(at: &str, found: &Value, known: &Value) -> Option<String> {
    match (found, known) {
        (Value::Object(found), Value::Object(known)) => found.iter().find_map(|(key, value)| {
            let place = format!("{at}/{key}");
            match known.get(key) {
                None => Some(place),
                Some(known) => unknown_key(&place, value, known),
            }
        }),
        (Value::Array(found), Value::Array(known)) => found
            .iter()
            .zip(known)
            .enumerate()
            .find_map(|(position, (found, known))| unknown_key(&format!("{at}/{position}"), found, known)),
        _ => None,
    }
}
