//! A writer for the subset of JSON that is hashed.
//!
//! Not for: reading JSON, objects or fractions; none is ever hashed. The one fact to know: it must stay
//! byte for byte what `to_json(text)` prints.

use std::fmt::Write as _;

/// Appends one JSON value after another, with commas where they belong.
#[derive(Debug, Default)]
pub(crate) struct Json {
    text: String,
}

impl Json {
    /// Starts a contract: `["H01","v1"`.
    pub(crate) fn contract(name: &str) -> Self {
        let mut json = Self::default();
        json.open();
        json.string(name);
        json.string("v1");
        json
    }

    /// Closes the contract and gives its text.
    pub(crate) fn finish(mut self) -> String {
        self.close();
        self.text
    }

    /// The text so far.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    pub(crate) fn open(&mut self) {
        self.separate();
        self.text.push('[');
    }

    pub(crate) fn close(&mut self) {
        self.text.push(']');
    }

    pub(crate) fn null(&mut self) {
        self.separate();
        self.text.push_str("null");
    }

    pub(crate) fn bool(&mut self, value: bool) {
        self.separate();
        self.text.push_str(if value { "true" } else { "false" });
    }

    pub(crate) fn number(&mut self, value: i32) {
        self.separate();
        self.text.push_str(&value.to_string());
    }

    pub(crate) fn string(&mut self, value: &str) {
        self.separate();
        self.text.push('"');
        let mut rest = value;
        // What is escaped is a single byte each; what stands before it goes as it is.
        while let Some(at) = rest
            .bytes()
            .position(|byte| byte < b' ' || byte == b'"' || byte == b'\\')
        {
            self.text.push_str(&rest[..at]);
            match rest.as_bytes()[at] {
                b'"' => self.text.push_str("\\\""),
                b'\\' => self.text.push_str("\\\\"),
                0x8 => self.text.push_str("\\b"),
                0xc => self.text.push_str("\\f"),
                b'\n' => self.text.push_str("\\n"),
                b'\r' => self.text.push_str("\\r"),
                b'\t' => self.text.push_str("\\t"),
                control => {
                    // Writing to a String can't fail.
                    let _ = write!(self.text, "\\u{control:04x}");
                }
            }
            rest = &rest[at + 1..];
        }
        self.text.push_str(rest);
        self.text.push('"');
    }

    fn separate(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('[') {
            self.text.push(',');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[track_caller]
    fn check(input: &str, expect: &str) {
        let mut json = Json::default();
        json.string(input);
        assert_eq!(json.text, expect);
    }

    #[test]
    fn short_escapes_are_used_where_json_has_them() {
        check("\u{8}\u{c}\n\r\t\"\\", r#""\b\f\n\r\t\"\\""#);
    }

    #[test]
    fn other_control_characters_are_lower_hex() {
        check("\u{1}\u{b}\u{1f}", r#""\u0001\u000b\u001f""#);
    }

    #[test]
    fn everything_from_space_on_is_written_as_it_is() {
        check(
            " /\u{7f}\u{80}\u{2028}\u{fffd}😀",
            "\" /\u{7f}\u{80}\u{2028}\u{fffd}😀\"",
        );
    }

    #[test]
    fn a_string_that_ends_in_a_bracket_is_still_followed_by_a_comma() {
        let mut json = Json::contract("[");
        json.open();
        json.close();
        json.string("[");
        json.null();
        assert_eq!(json.finish(), r#"["[","v1",[],"[",null]"#);
    }
}
