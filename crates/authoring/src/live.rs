//! What authoring takes from a capture: identities, digests, the bodies that a repoint replaces, reads.
//!
//! Not for: reading a database or a capture's files (`capture`). The one fact to know: identities are in
//! the form of `regprocedure` and `regclass` under an empty search path, without spaces after commas.

use std::collections::BTreeMap;

use canonical::{PrivilegeDigest, SourceDigest};

/// A live routine.
#[derive(Debug, Clone)]
pub struct LiveRoutine {
    /// Everything that H06 covers, the body included.
    pub source: canonical::Routine,
    /// Owner.
    pub owner: String,
    /// H07.
    pub privileges: PrivilegeDigest,
}

/// A live table or view.
#[derive(Debug, Clone)]
pub struct LiveRelation {
    /// `table` or `view`.
    pub kind: String,
    /// Owner.
    pub owner: String,
    /// H06 of a view; H05 over the columns of a table.
    pub source: SourceDigest,
    /// H07.
    pub privileges: PrivilegeDigest,
}

/// One read that the application role holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LiveRead {
    /// Relation.
    pub relation: String,
    /// Column, or empty for the whole relation.
    pub column: String,
    /// `owner`, `grant`, `PUBLIC` or a membership.
    pub held_through: String,
}

/// What the live database is.
#[derive(Debug, Clone, Default)]
pub struct LiveFacts {
    /// Digest of the capture.
    pub capture_sha256: String,
    /// Routines by identity.
    pub routines: BTreeMap<String, LiveRoutine>,
    /// Tables and views by identity.
    pub relations: BTreeMap<String, LiveRelation>,
    /// The SELECT set, sorted.
    pub reads: Vec<LiveRead>,
}

/// The form in which the server prints an identity: no space after a comma.
pub fn identity(written: &str) -> String {
    written.replace(", ", ",")
}

/// An item key made of an identity: printable ASCII without spaces, everything else as `%XX` of its bytes.
pub fn key(identity: &str) -> String {
    let mut key = String::with_capacity(identity.len());
    for byte in identity.bytes() {
        if (b'!'..=b'~').contains(&byte) && byte != b'%' {
            key.push(char::from(byte));
        } else {
            key.push_str(&format!("%{byte:02X}"));
        }
    }
    key
}
