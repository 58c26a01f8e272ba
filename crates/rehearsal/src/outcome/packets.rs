//! What became of operators' packets, and of the leave to run them.

use serde::Serialize;
use std::collections::BTreeMap;

/// Leave to run packets.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AuthorizationCounts {
    /// Authorizations that held.
    pub verified: usize,
    /// Wrong ones that were refused, each for its reason.
    pub refused: usize,
}

impl std::ops::AddAssign for AuthorizationCounts {
    fn add_assign(&mut self, other: Self) {
        self.verified += other.verified;
        self.refused += other.refused;
    }
}

/// What a packet came to.
#[derive(Clone, Debug, Serialize)]
pub struct PacketOutcome {
    /// Its package.
    pub package: String,
    /// Digest of its list.
    pub sha256: String,
    /// Parts that ran, where a packet has several and no path to close or open.
    pub parts: usize,
    /// Statements that ran, both ways.
    pub statements: usize,
    /// After how many of them only the old path was executable.
    pub legacy_alone: usize,
    /// After how many only the new one.
    pub new_alone: usize,
    /// After how many neither.
    pub neither: usize,
    /// Changed places of statements that showed both paths open.
    pub swaps: usize,
    /// Codes for which it refused in each world that is no good.
    pub worlds: BTreeMap<String, Vec<String>>,
    /// Wrong authorizations that it was handed, and what it said.
    pub refused: Vec<PacketRefusal>,
    /// Whether it was applied to its end.
    pub applied: bool,
    /// Whether its way back restored everything.
    pub restored: bool,
}

impl PacketOutcome {
    pub(crate) fn new(package: &str, sha256: &str) -> Self {
        Self {
            package: package.to_owned(),
            sha256: sha256.to_owned(),
            parts: 0,
            statements: 0,
            legacy_alone: 0,
            new_alone: 0,
            neither: 0,
            swaps: 0,
            worlds: BTreeMap::new(),
            refused: Vec::new(),
            applied: false,
            restored: false,
        }
    }

    /// Applied and restored; one that changes paths was seen on both sides of its cutover, and under any other the old
    /// path was never open.
    pub(crate) fn is_whole(&self) -> bool {
        let changes_paths = self.swaps > 0;
        let seen = self.new_alone > 0 && (self.legacy_alone > 0) == changes_paths;
        self.applied && self.restored && (self.parts > 0 || seen)
    }
}

/// A wrong authorization.
#[derive(Clone, Debug, Serialize)]
pub struct PacketRefusal {
    /// What is wrong with it.
    pub what: String,
    /// What the packet must say.
    pub code: String,
    /// Whether it did.
    pub as_expected: bool,
}
