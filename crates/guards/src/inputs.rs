//! The inputs document: everything a guard needs that no catalog holds.
//!
//! It is a JSON object, handed to the guard as `$1 jsonb`, with the keys that the guard declares and
//! no other. A key that it declares and nobody gave makes the guard *not measured*, so absence
//! can't be read as an empty set. The one fact to know: a value is rendered once, when it is
//! given, because every guard of a rehearsal is handed some of the same ones.

use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The values behind `$1`, each as JSON text.
#[derive(Clone, Debug, Default)]
pub struct Inputs(BTreeMap<String, Arc<str>>);

impl Inputs {
    /// No values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `key`, replacing what stood there.
    pub fn insert(&mut self, key: &str, value: &Value) {
        // Null is what an absent key is, so it is kept as one.
        if value.is_null() {
            self.0.remove(key);
        } else {
            self.0.insert(key.to_owned(), value.to_string().into());
        }
    }

    /// The value of a key, if somebody gave one.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<Value> {
        serde_json::from_str(self.0.get(key)?).ok()
    }

    /// A copy with one key more.
    #[must_use]
    pub fn with(&self, key: &str, value: &Value) -> Self {
        let mut copy = self.clone();
        copy.insert(key, value);
        copy
    }

    /// The keys among `needed` that nobody gave, or gave as JSON null.
    #[must_use]
    pub fn missing<'a>(&self, needed: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        needed
            .into_iter()
            .filter(|key| !self.0.contains_key(*key))
            .collect()
    }

    /// The document of a guard that declares `keys`, as JSON text.
    #[must_use]
    pub fn document<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> String {
        let members: Vec<String> = keys
            .into_iter()
            .filter_map(|key| Some(format!("{}:{}", Value::from(key), self.0.get(key)?)))
            .collect();
        format!("{{{}}}", members.join(","))
    }
}
