//! The inputs document: everything a guard needs that no catalog holds.
//!
//! It is a JSON object, handed to the guard as `$1 jsonb`. A key that a guard declares and the
//! document lacks makes the guard *not measured*, so absence can't be read as an empty set.

use serde_json::{Map, Value};

/// The document behind `$1`.
#[derive(Clone, Debug, Default)]
pub struct Inputs(Map<String, Value>);

impl Inputs {
    /// An empty document.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `key`, replacing what stood there.
    pub fn insert(&mut self, key: &str, value: Value) {
        self.0.insert(key.to_owned(), value);
    }

    /// A copy with one key more.
    #[must_use]
    pub fn with(&self, key: &str, value: Value) -> Self {
        let mut copy = self.clone();
        copy.insert(key, value);
        copy
    }

    /// The keys among `needed` that the document lacks, or holds as JSON null.
    #[must_use]
    pub fn missing<'a>(&self, needed: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        needed
            .into_iter()
            .filter(|key| self.0.get(*key).is_none_or(Value::is_null))
            .collect()
    }

    /// The document as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }
}
