//! Reads an artifact: canonical bytes, a closed set of fields, each of its kind.
//!
//! Not for: what the fields mean. The one fact to know: an artifact that was read is written again and
//! must come out byte for byte the same, so no two texts mean one thing.

use crate::code::{Code, Refusal, Refused};
use crate::moment::Moment;
use canonical::Node;
use serde_json::Value;
use std::str::FromStr;

/// Reads the body of an artifact of this kind with `read`; `write` gives the same artifact's text.
pub(crate) fn read<T>(
    kind: &str,
    bytes: &[u8],
    read: impl FnOnce(&mut Reader, &Node) -> Option<T>,
    write: impl FnOnce(&T) -> String,
) -> Result<T, Refused> {
    let malformed = |why: String| Refused::from(Code::Malformed.because(why));
    let text =
        std::str::from_utf8(bytes).map_err(|error| malformed(format!("the file is no UTF-8: {error}")))?;
    let value: Value =
        serde_json::from_str(text).map_err(|error| malformed(format!("the file is no JSON: {error}")))?;
    let expected = format!("expected `[\"{kind}\",\"v1\",[…]]` of texts and arrays alone");
    let body = match node(&value) {
        Some(Node::List(parts)) => match <[Node; 3]>::try_from(parts) {
            Ok([Node::Text(found), Node::Text(version), body]) if found == kind && version == "v1" => body,
            _ => return Err(malformed(format!("the file is no {kind}: {expected}"))),
        },
        _ => return Err(malformed(format!("the file is no {kind}: {expected}"))),
    };
    let mut reader = Reader::default();
    let found = read(&mut reader, &body);
    Refused::unless_empty(reader.refusals)?;
    let found = found.ok_or_else(|| malformed(format!("the file is no {kind}: {expected}")))?;
    if write(&found) != text {
        return Err(Code::NotCanonical
            .because(
                "the file says this in other bytes than the canonical ones: expected the fields in order, \
                 no white space, and one line feed at the end; write it anew and have it signed again",
            )
            .into());
    }
    Ok(found)
}

fn node(value: &Value) -> Option<Node> {
    match value {
        Value::String(text) => Some(Node::Text(text.clone())),
        Value::Array(values) => values.iter().map(node).collect::<Option<_>>().map(Node::List),
        _ => None,
    }
}

/// Collects what is wrong while fields are read.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    refusals: Vec<Refusal>,
}

/// Fields of one record, by name.
pub(crate) struct Fields<'a> {
    path: String,
    pairs: Vec<(&'a str, &'a Node)>,
}

impl Reader {
    /// The record at `path`: pairs, each name once, these names and no other.
    pub(crate) fn fields<'a>(&mut self, path: &str, node: &'a Node, names: &[&str]) -> Option<Fields<'a>> {
        let Node::List(entries) = node else {
            self.invalid(path, "expected pairs of name and value");
            return None;
        };
        let mut pairs: Vec<(&str, &Node)> = Vec::new();
        for entry in entries {
            match entry {
                Node::List(pair) => match pair.as_slice() {
                    [Node::Text(name), value] => pairs.push((name, value)),
                    _ => self.invalid(path, "expected pairs of name and value"),
                },
                Node::Text(_) => self.invalid(path, "expected pairs of name and value"),
            }
        }
        for (at, (name, _)) in pairs.iter().enumerate() {
            if !names.contains(name) {
                self.refuse(
                    Code::FieldUnknown,
                    format!(
                        "`{}` is no field: expected {}",
                        join(path, name),
                        names.join(", ")
                    ),
                );
            } else if pairs[..at].iter().any(|(earlier, _)| earlier == name) {
                self.invalid(&join(path, name), "it stands twice");
            }
        }
        for name in names {
            if !pairs.iter().any(|(found, _)| found == name) {
                self.refuse(Code::FieldMissing, format!("`{}` is missing", join(path, name)));
            }
        }
        Some(Fields {
            path: path.to_owned(),
            pairs,
        })
    }

    /// A text of a known form.
    pub(crate) fn text(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        form: &str,
        is_good: fn(&str) -> bool,
    ) -> Option<String> {
        match fields.get(name)? {
            Node::Text(text) if is_good(text) => Some(text.clone()),
            Node::Text(text) => {
                self.invalid(&fields.at(name), &format!("found `{text}`, expected {form}"));
                None
            }
            Node::List(_) => {
                self.invalid(&fields.at(name), &format!("found an array, expected {form}"));
                None
            }
        }
    }

    /// A name of a person, package or the like.
    pub(crate) fn name(&mut self, fields: &Fields<'_>, name: &str) -> Option<String> {
        self.text(fields, name, "1 to 63 bytes without blanks", is_name)
    }

    /// A text that parses.
    pub(crate) fn parsed<T: FromStr>(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        form: &str,
        is_good: fn(&str) -> bool,
    ) -> Option<T> {
        let text = self.text(fields, name, form, is_good)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.invalid(&fields.at(name), &format!("found `{text}`, expected {form}"));
        }
        parsed
    }

    /// A digest.
    pub(crate) fn digest<T: FromStr>(&mut self, fields: &Fields<'_>, name: &str) -> Option<T> {
        self.parsed(fields, name, "64 lower-case hex digits", |_| true)
    }

    /// A number.
    pub(crate) fn number(&mut self, fields: &Fields<'_>, name: &str) -> Option<u64> {
        self.parsed(
            fields,
            name,
            "decimal digits below 2^64, no leading zero",
            |text| text == "0" || !text.starts_with(['0', '+']),
        )
    }

    /// An instant.
    pub(crate) fn moment(&mut self, fields: &Fields<'_>, name: &str) -> Option<Moment> {
        let text = self.text(
            fields,
            name,
            "an instant, `2026-01-31T23:59:59.000000Z`",
            |text| Moment::parse(text).is_some(),
        )?;
        Moment::parse(&text)
    }

    /// A set of identities: each once, in the order of their bytes.
    pub(crate) fn set(&mut self, fields: &Fields<'_>, name: &str) -> Option<Vec<String>> {
        const FORM: &str = "identities, each once, in the order of their bytes";
        let Node::List(entries) = fields.get(name)? else {
            self.invalid(&fields.at(name), &format!("expected {FORM}"));
            return None;
        };
        let mut found: Vec<String> = Vec::new();
        for entry in entries {
            match entry {
                Node::Text(text) if is_identity(text) && found.last().is_none_or(|last| last < text) => {
                    found.push(text.clone());
                }
                other => {
                    self.invalid(&fields.at(name), &format!("found {other:?}, expected {FORM}"));
                    return None;
                }
            }
        }
        Some(found)
    }

    fn invalid(&mut self, path: &str, why: &str) {
        self.refuse(Code::FieldInvalid, format!("`{path}`: {why}"));
    }

    fn refuse(&mut self, code: Code, message: String) {
        self.refusals.push(code.because(message));
    }
}

impl<'a> Fields<'a> {
    /// The value of a field, if it is there; that it is missing has been said.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Node> {
        self.pairs
            .iter()
            .find_map(|(found, value)| (*found == name).then_some(*value))
    }

    pub(crate) fn at(&self, name: &str) -> String {
        join(&self.path, name)
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

pub(crate) fn is_name(text: &str) -> bool {
    (1..=63).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

pub(crate) fn is_identity(text: &str) -> bool {
    !text.is_empty() && text.len() <= 1024 && !text.chars().any(char::is_control)
}
