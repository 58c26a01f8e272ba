//! A packet: the files that an operator runs, their list, and what they declare.
//!
//! Not for: writing one, or reading a disk; files are given as bytes. The one fact to know: the digest is that
//! of the list, so `sha256sum -c SHA256SUMS` and `sha256sum SHA256SUMS` tell an operator the same.

use crate::code::{Code, Refusal, Refused};
use crate::document::{is_identity, is_name};
use canonical::PackageDigest;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Name of the list.
pub const LIST: &str = "SHA256SUMS";
/// Name of the file in which a packet declares what it is.
pub const DECLARATION: &str = "packet.toml";

/// What a packet is, as read back from its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Digest of its list.
    pub digest: PackageDigest,
    /// The package that it runs.
    pub package: String,
    /// Principal who wrote it.
    pub author: String,
    /// Version of the tools that wrote it.
    pub tool_version: String,
    /// Identities of the objects that it touches, each once, in the order of their bytes.
    pub objects: Vec<String>,
}

/// The keys of a declaration that matter here; a packet may declare more, all of it under its digest.
#[derive(Debug, Deserialize)]
struct Declaration {
    package: String,
    author: String,
    tool_version: String,
    objects: Vec<String>,
}

/// The list of these files, in the form of `sha256sum`: by path, in the order of bytes.
pub fn list<B: AsRef<[u8]>>(files: &BTreeMap<String, B>) -> String {
    let mut text = String::new();
    for (path, bytes) in files.iter().filter(|(path, _)| *path != LIST) {
        for byte in Sha256::digest(bytes.as_ref()) {
            text.push_str(&format!("{byte:02x}"));
        }
        text.push_str(&format!("  {path}\n"));
    }
    text
}

/// The digest of a package that has no list of its own.
pub fn digest<B: AsRef<[u8]>>(files: &BTreeMap<String, B>) -> PackageDigest {
    PackageDigest::of(&list(files))
}

impl Packet {
    /// Reads a packet's files, by path from its folder.
    pub fn read<B: AsRef<[u8]>>(files: &BTreeMap<String, B>) -> Result<Self, Refused> {
        let computed = list(files);
        let file = |name: &str| files.get(name).map(AsRef::as_ref);
        let listed: &[u8] = file(LIST).ok_or_else(|| {
            broken(format!(
                "`{LIST}` is missing: expected a list of the packet's files"
            ))
        })?;
        if listed != computed.as_bytes() {
            return Err(Refused(differences(&String::from_utf8_lossy(listed), &computed)));
        }
        let declared: &[u8] = file(DECLARATION).ok_or_else(|| {
            broken(format!(
                "`{DECLARATION}` is missing: expected what the packet declares"
            ))
        })?;
        let declared = std::str::from_utf8(declared)
            .map_err(|error| broken(format!("`{DECLARATION}` is no text: {error}")))?;
        let declared: Declaration =
            toml::from_str(declared).map_err(|error| broken(format!("`{DECLARATION}`: {error}")))?;
        let objects = ordered(declared.objects)?;
        for (name, value) in [
            ("package", &declared.package),
            ("author", &declared.author),
            ("tool_version", &declared.tool_version),
        ] {
            if !is_name(value) {
                return Err(
                    broken(format!("`{DECLARATION}`: `{name}` is `{value}`, expected a name")).into(),
                );
            }
        }
        Ok(Self {
            digest: PackageDigest::of(&computed),
            package: declared.package,
            author: declared.author,
            tool_version: declared.tool_version,
            objects,
        })
    }
}

/// Identities in the order of their bytes; none twice, and not none.
pub fn ordered(objects: Vec<String>) -> Result<Vec<String>, Refusal> {
    let count = objects.len();
    let set: BTreeSet<String> = objects.into_iter().collect();
    if set.is_empty() {
        return Err(broken("the packet declares no object".to_owned()));
    }
    if set.len() != count {
        return Err(broken("the packet declares an object twice".to_owned()));
    }
    match set.iter().find(|object| !is_identity(object)) {
        Some(object) => Err(broken(format!("`{object}` is no identity of an object"))),
        None => Ok(set.into_iter().collect()),
    }
}

fn broken(message: String) -> Refusal {
    Code::PacketNotWhole.because(message)
}

/// What the list says and the files don't, and the reverse.
fn differences(listed: &str, computed: &str) -> Vec<Refusal> {
    let realized: BTreeSet<&str> = computed.lines().collect();
    let expected: BTreeSet<&str> = listed.lines().collect();
    let mut found: Vec<Refusal> = expected
        .difference(&realized)
        .map(|line| broken(format!("`{LIST}` lists `{line}`, and no file is so")))
        .collect();
    found.extend(
        realized
            .difference(&expected)
            .map(|line| broken(format!("a file is `{line}`, and `{LIST}` does not list it so"))),
    );
    if found.is_empty() {
        found.push(broken(format!(
            "`{LIST}` has these lines in other bytes: expected them by path, each once, ended by a line feed"
        )));
    }
    found
}
