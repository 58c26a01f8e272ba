//! What a database is, as a set of facts: kind, identity, value.
//!
//! Every object outside the system schemas with its owner, ACL and comment, the cluster's roles,
//! memberships and settings, and a digest of the rows of each relation that matters. Not in it:
//! oids, statistics, sequence values (they advance for good, whatever is rolled back).
//! How a state is read stands in `take.rs`. The one fact to know: two states are equal if all
//! their facts are, whichever of them were printed anew and whichever were remembered.

mod acl;
mod definitions;
mod take;
#[cfg(test)]
mod tests;

use crate::plan::sha256_hex;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use take::Fingerprinter;

/// Between kind, identity and value.
const FIELD: char = '\u{1f}';
/// Between facts.
const RECORD: char = '\u{1e}';

/// A fact: its object, which is kind and identity, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fact {
    text: Arc<str>,
    /// Where in the text the object ends.
    object_end: usize,
}

/// A state, comparable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Facts of the catalog, in the order of their objects.
    catalog: Arc<[Fact]>,
    /// Digests of rows, a relation each.
    rows: Vec<String>,
}

/// One difference between two states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Residue {
    /// `missing`, `extra` or `changed`, seen from the state that was expected.
    pub difference: &'static str,
    /// Like `constraint` or `membership`.
    pub kind: String,
    /// The object.
    pub identity: String,
}

impl Fingerprint {
    /// Of facts as they are printed.
    #[cfg(test)]
    pub(crate) fn of(facts: &[&str]) -> Self {
        Self {
            catalog: facts.iter().map(|fact| Fact::new(*fact)).collect(),
            rows: Vec::new(),
        }
    }

    /// SHA-256 over all facts, 64 hex digits.
    pub fn digest(&self) -> String {
        sha256_hex(self.lines().collect::<Vec<_>>().join("\n").as_bytes())
    }

    /// How many facts it holds.
    pub fn facts(&self) -> usize {
        self.catalog.len() + self.rows.len()
    }

    /// What `found` has otherwise than `self`, which was expected; empty if they are equal.
    pub fn residue(&self, found: &Self) -> Vec<Residue> {
        if self == found {
            return Vec::new();
        }
        let (before, after) = (self.by_object(), found.by_object());
        let mut residue = Vec::new();
        let mut add = |difference, (kind, identity): &(&str, &str)| {
            residue.push(Residue {
                difference,
                kind: (*kind).to_owned(),
                identity: (*identity).to_owned(),
            });
        };
        for (object, value) in &before {
            match after.get(object) {
                None => add("missing", object),
                Some(found) if found != value => add("changed", object),
                Some(_) => {}
            }
        }
        for object in after.keys().filter(|object| !before.contains_key(*object)) {
            add("extra", object);
        }
        residue
    }

    fn lines(&self) -> impl Iterator<Item = &str> {
        self.catalog
            .iter()
            .map(|fact| &*fact.text)
            .chain(self.rows.iter().map(String::as_str))
    }

    fn by_object(&self) -> BTreeMap<(&str, &str), &str> {
        let split = |line| {
            let mut parts = str::splitn(line, 3, FIELD);
            let mut next = || parts.next().unwrap_or_default();
            ((next(), next()), next())
        };
        self.lines().map(split).collect()
    }
}

impl Fact {
    fn new(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let kind_end = text.find(FIELD).unwrap_or(text.len());
        let identity = text.get(kind_end + 1..).unwrap_or_default();
        let identity_end = identity.find(FIELD).unwrap_or(identity.len());
        let object_end = (kind_end + 1 + identity_end).min(text.len());
        Self { text, object_end }
    }

    /// Kind and identity.
    fn object(&self) -> &str {
        &self.text[..self.object_end]
    }

    /// The name of the relation, if it is one that holds rows.
    fn relation_with_rows(&self) -> Option<&str> {
        let name = self.object().strip_prefix("relation")?.strip_prefix(FIELD)?;
        let value = self.text[self.object_end..].strip_prefix(FIELD)?;
        value.starts_with(['r', 'm']).then_some(name)
    }
}
