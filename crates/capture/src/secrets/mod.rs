//! Credentials in what a database says of itself: bodies, comments, defaults, settings.
//!
//! Not for: proving that there are none; it knows common forms. The one fact to know: every text of a
//! capture is scanned, whatever its field, and a finding names the place and never the secret. When in
//! doubt it reports: a false alarm costs a redaction, a miss a leaked password.

mod detect;

use std::fmt;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use detect::secret_in;

/// What a secret looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SecretKind {
    /// A URL with a password in it.
    Url,
    /// A value assigned to a word like `password`.
    Password,
    /// A block of a private key.
    PrivateKey,
    /// An access key of a known form, as AWS gives it.
    AccessKey,
    /// A bearer or basic token, or a JWT.
    Token,
    /// A long random text near such a word.
    HighEntropy,
}

impl fmt::Display for SecretKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Url => "a URL with a password",
            Self::Password => "a password",
            Self::PrivateKey => "a private key",
            Self::AccessKey => "an access key",
            Self::Token => "a token",
            Self::HighEntropy => "a random text near a word for a secret",
        })
    }
}

/// A place that holds a credential.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// File of the capture.
    pub file: String,
    /// Object, as the capture names it.
    pub object: String,
    /// Field, as `body` or `columns.default`.
    pub field: String,
    /// What it looks like.
    pub kind: SecretKind,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {}: {}: {}",
            self.file, self.object, self.field, self.kind
        )
    }
}

/// What stands in the place of a redacted text: its SHA-256 and nothing else.
pub fn redacted(text: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    format!("redacted:sha256:{}", canonical::SourceDigest::from_bytes(digest))
}

/// What a text gives away, if anything.
pub fn credential_in(text: &str) -> Option<SecretKind> {
    secret_in(text)
}

/// Finds credentials in a capture's JSON and, if asked, replaces each text that holds one.
pub(crate) fn scan(facts: &mut Value, redact: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, sections) in facts.as_object_mut().into_iter().flatten() {
        for (section, value) in sections.as_object_mut().into_iter().flatten() {
            let records: Vec<&mut Value> = match value {
                Value::Array(records) => records.iter_mut().collect(),
                single => vec![single],
            };
            for record in records {
                let place = Finding {
                    file: format!("{file}.toml"),
                    object: object(section, record),
                    field: String::new(),
                    kind: SecretKind::Url,
                };
                walk(record, &place, redact, &mut findings);
            }
        }
    }
    findings
}

/// The words that identify a record, none of which is free text.
fn object(section: &str, record: &Value) -> String {
    let words: Vec<&str> = [
        "class", "identity", "on", "name", "relation", "key", "database", "role", "from", "to",
    ]
    .iter()
    .filter_map(|key| record.get(*key)?.as_str())
    .filter(|word| secret_in(word).is_none())
    .collect();
    format!("{section} {}", words.join(" "))
}

fn walk(value: &mut Value, place: &Finding, redact: bool, findings: &mut Vec<Finding>) {
    match value {
        Value::String(text) => {
            if let Some(kind) = secret_in(text) {
                findings.push(Finding {
                    kind,
                    ..place.clone()
                });
                if redact {
                    *text = redacted(text);
                }
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| walk(item, place, redact, findings)),
        Value::Object(fields) => {
            for (key, value) in fields {
                let field = if place.field.is_empty() {
                    key.clone()
                } else {
                    format!("{}.{key}", place.field)
                };
                walk(
                    value,
                    &Finding {
                        field,
                        ..place.clone()
                    },
                    redact,
                    findings,
                );
            }
        }
        _ => {}
    }
}
