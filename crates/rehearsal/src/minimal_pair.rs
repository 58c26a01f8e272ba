//! Twin and rejected statement differ in one place: computed here, never claimed by a spec.
//!
//! A place is an independent input: a stretch of the statement, the persona, or one statement of the
//! change. Fields that are derived from the change are recomputed and count as none [ruling A9].
//! The one fact to know: statements are compared word by word, a quoted literal being one word.

use crate::plan::NegativeTest;
use similar::{Algorithm, DiffTag, capture_diff_slices};

/// Where the two runs of a test differ, a line each.
pub(crate) fn places(test: &NegativeTest) -> Vec<String> {
    let (twin, rejected) = (words(&test.twin), words(&test.rejected));
    let mut places: Vec<String> = capture_diff_slices(Algorithm::Myers, &twin, &rejected)
        .iter()
        .filter(|op| op.tag() != DiffTag::Equal)
        .map(|op| {
            let (from, to) = (twin[op.old_range()].join(" "), rejected[op.new_range()].join(" "));
            format!("`{from}` became `{to}`")
        })
        .collect();
    if test.twin_persona != test.persona {
        places.push(format!(
            "persona `{}` became `{}`",
            test.twin_persona, test.persona
        ));
    }
    places.extend(test.change.iter().map(|sql| format!("change `{sql}`")));
    places
}

/// Why the pair is not minimal, if it is not.
pub(crate) fn not_minimal(test: &NegativeTest) -> Option<String> {
    let places = places(test);
    (places.len() != 1).then(|| {
        format!(
            "NOT_MINIMAL: twin and rejected statement differ in {} places, expected one: {}",
            places.len(),
            places.join("; ")
        )
    })
}

/// Words of a statement: names and numbers, quoted text, and every other character by itself.
fn words(sql: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = sql.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '\'' | '"' => end_of_quoted(rest, first),
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after.trim_start();
    }
    words
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Bytes of the quoted text at the start of `sql`; a doubled quote belongs to it.
fn end_of_quoted(sql: &str, quote: char) -> usize {
    let mut inside = false;
    for (at, c) in sql.char_indices() {
        if c == quote {
            inside = !inside;
        }
        if !inside && !sql[at + c.len_utf8()..].starts_with(quote) {
            return at + c.len_utf8();
        }
    }
    sql.len()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_quoted_literal_is_one_word() {
        let found = words("values ('it''s; -- one', \"a b\", 1.5)");
        assert_eq!(
            found,
            [
                "values",
                "(",
                "'it''s; -- one'",
                ",",
                "\"a b\"",
                ",",
                "1",
                ".",
                "5",
                ")"
            ]
        );
    }

    #[test]
    fn an_unfinished_literal_ends_with_the_statement() {
        assert_eq!(words("select 'x"), ["select", "'x"]);
    }
}
