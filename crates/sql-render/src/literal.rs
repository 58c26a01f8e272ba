//! SQL literals.
//!
//! Not for: identifiers. The one fact to know: `standard_conforming_strings` is on, so a backslash is
//! itself and only the quote is doubled.

use canonical::Value;

/// A text literal.
pub fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// The literal of a canonical value.
pub fn value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Numeric(number) => number.as_str().to_owned(),
        Value::Text(words) => text(words),
        Value::Bytes(bytes) => {
            use std::fmt::Write as _;
            let mut hex = String::with_capacity(bytes.len() * 2 + 4);
            hex.push_str("'\\x");
            for byte in bytes {
                let _ = write!(hex, "{byte:02x}");
            }
            hex.push('\'');
            hex
        }
        Value::Uuid(id) => format!("'{id}'"),
        Value::Timestamp(_) | Value::TextArray(_) => {
            unreachable!("no authored row holds a timestamp or an array")
        }
    }
}
