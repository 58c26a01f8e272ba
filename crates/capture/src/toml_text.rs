//! JSON to TOML text that a person reviews.
//!
//! Not for: reading TOML, which is the `toml` crate's work. The one fact to know: the text is what a
//! capture's digests are of, so it is written here and does not change with a dependency's release.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// The text of one file: plain keys first, then tables, then arrays of tables.
pub(crate) fn render(head: &str, file: &Map<String, Value>) -> String {
    let mut text = format!("{head}\n");
    for (key, value) in file.iter().filter(|(_, value)| !is_section(value)) {
        field(&mut text, key, value);
    }
    for (key, value) in file.iter().filter(|(_, value)| is_section(value)) {
        match value {
            Value::Array(records) => {
                for record in records {
                    section(&mut text, &format!("[[{}]]", name(key)), record);
                }
            }
            table => section(&mut text, &format!("[{}]", name(key)), table),
        }
    }
    text
}

fn is_section(value: &Value) -> bool {
    value.is_object()
        || value
            .as_array()
            .and_then(|items| items.first())
            .is_some_and(Value::is_object)
}

fn section(text: &mut String, head: &str, table: &Value) {
    text.push('\n');
    text.push_str(head);
    text.push('\n');
    for (key, value) in table.as_object().into_iter().flatten() {
        field(text, key, value);
    }
}

/// One key; nested records get a line each, long texts their own lines.
fn field(text: &mut String, key: &str, value: &Value) {
    text.push_str(&name(key));
    text.push_str(" = ");
    match value {
        Value::Array(items) if is_section(value) => {
            text.push_str("[\n");
            for item in items {
                text.push_str("  ");
                text.push_str(&inline(item));
                text.push_str(",\n");
            }
            text.push(']');
        }
        Value::String(long) if long.contains('\n') => text.push_str(&block(long)),
        other => text.push_str(&inline(other)),
    }
    text.push('\n');
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{} = {}", name(key), inline(value)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        other => other.to_string(),
    }
}

fn name(key: &str) -> String {
    let bare = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if bare { key.to_owned() } else { quoted(key) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text, false))
}

/// A multi-line string; the first line break is no part of it.
fn block(text: &str) -> String {
    format!("\"\"\"\n{}\"\"\"", escaped(text, true))
}

fn escaped(text: &str, lines: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '"' if lines && !escaped.ends_with('"') => escaped.push('"'),
            '"' => escaped.push_str("\\\""),
            '\n' | '\t' if lines => escaped.push(character),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            '\r' => escaped.push_str("\\r"),
            control if control < ' ' || control == '\u{7f}' => {
                // Writing to a String can't fail.
                let _ = write!(escaped, "\\u{:04X}", u32::from(control));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::render;

    #[track_caller]
    fn round_trip(value: &Value) {
        let text = render("# head", value.as_object().expect("an object"));
        let read: Value = toml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(&read, value, "{text}");
    }

    #[test]
    fn odd_texts_survive() {
        let odd = [
            "",
            "\n",
            "\"",
            "\"\"\"",
            "\"\"\"\n\"\"\"",
            "a\\",
            "a\\\n\\",
            "\r\n",
            "\r",
            "\n\r\n",
            "\t\u{1}\u{7f}\n",
            "'''",
            "ệ 😀\n",
            "\\\"\n\\\"",
            "\n\n",
            " \n ",
            "\\\n   x",
            "\u{2028}\u{85}",
            "\"\n\"\"",
            "x\\\"\n\"",
        ];
        for text in odd {
            round_trip(&json!({ "a": text, "r": [{ "b": text, "c": [text], "d": [{ "e": text }] }] }));
        }
    }

    #[test]
    fn odd_keys_and_empty_lists_survive() {
        round_trip(
            &json!({ "none": [], "r": [{ "v": { "a b": "c", "\"": "d" }, "none": [], "n": -1, "yes": true }] }),
        );
    }

    #[test]
    fn text_reads_well() {
        let value = json!({ "reader": "r", "routine": [
            { "identity": "public.f()", "acl": [{ "grantee": "public", "privileges": ["EXECUTE"] }], "body": "begin\nend" },
        ] });
        let expect = [
            "# head",
            "reader = \"r\"",
            "",
            "[[routine]]",
            "identity = \"public.f()\"",
            "acl = [",
            "  { grantee = \"public\", privileges = [\"EXECUTE\"] },",
            "]",
            "body = \"\"\"",
            "begin",
            "end\"\"\"",
            "",
        ];
        assert_eq!(
            render("# head", value.as_object().expect("an object")),
            expect.join("\n")
        );
    }
}
