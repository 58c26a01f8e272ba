//! One column value and its kind.
//!
//! Not for: SQL literals (`sql-render`). The one fact to know: a kind says how a value is encoded, and
//! several column types share one: int4 and int8, text and the domains over it.

use uuid::Uuid;

use crate::error::EncodeError;
use crate::json::Json;
use crate::numeric::Numeric;
use crate::timestamp::Timestamp;

/// How the values of a column are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// `boolean`.
    Bool,
    /// `integer`, `bigint`.
    Integer,
    /// `numeric`.
    Numeric,
    /// `text` and domains over it.
    Text,
    /// `bytea` and domains over it.
    Bytes,
    /// `uuid`.
    Uuid,
    /// `timestamp with time zone`.
    Timestamp,
    /// `text[]`.
    TextArray,
}

impl ValueKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Bool,
        Self::Integer,
        Self::Numeric,
        Self::Text,
        Self::Bytes,
        Self::Uuid,
        Self::Timestamp,
        Self::TextArray,
    ];
}

/// One column value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// NULL of any kind.
    Null,
    /// `boolean`.
    Bool(bool),
    /// `integer`, `bigint`.
    Integer(i64),
    /// `numeric`.
    Numeric(Numeric),
    /// `text`.
    Text(String),
    /// `bytea`.
    Bytes(Vec<u8>),
    /// `uuid`.
    Uuid(Uuid),
    /// `timestamp with time zone`.
    Timestamp(Timestamp),
    /// `text[]` of one dimension that starts at 1; `None` is a NULL element.
    TextArray(Vec<Option<String>>),
}

impl Value {
    /// The value's kind; none for NULL, which every kind has.
    pub const fn kind(&self) -> Option<ValueKind> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(_) => ValueKind::Bool,
            Self::Integer(_) => ValueKind::Integer,
            Self::Numeric(_) => ValueKind::Numeric,
            Self::Text(_) => ValueKind::Text,
            Self::Bytes(_) => ValueKind::Bytes,
            Self::Uuid(_) => ValueKind::Uuid,
            Self::Timestamp(_) => ValueKind::Timestamp,
            Self::TextArray(_) => ValueKind::TextArray,
        })
    }

    /// The JSON text of the value.
    pub fn encode(&self) -> Result<String, EncodeError> {
        let mut json = Json::default();
        self.write("value", &mut json)?;
        Ok(json.into_text())
    }

    pub(crate) fn write(&self, place: &str, json: &mut Json) -> Result<(), EncodeError> {
        match self {
            Self::Null => json.null(),
            Self::Bool(value) => json.bool(*value),
            Self::Integer(value) => json.string(&value.to_string()),
            Self::Numeric(value) => json.string(value.as_str()),
            Self::Text(value) => json.string(without_nul(place, value)?),
            Self::Bytes(value) => json.string(&hex(value)),
            Self::Uuid(value) => json.string(&value.to_string()),
            Self::Timestamp(value) => json.string(&value.to_string()),
            Self::TextArray(values) => {
                json.open();
                for value in values {
                    match value {
                        Some(value) => json.string(without_nul(place, value)?),
                        None => json.null(),
                    }
                }
                json.close();
            }
        }
        Ok(())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

/// The text itself, if the server could hold it.
pub(crate) fn without_nul<'text>(place: &str, text: &'text str) -> Result<&'text str, EncodeError> {
    match text.find('\0') {
        None => Ok(text),
        Some(offset) => Err(EncodeError::Nul {
            place: format!("`{place}`"),
            offset,
        }),
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}
