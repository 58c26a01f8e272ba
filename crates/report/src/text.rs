//! Text out of a packet, made harmless for Markdown; for HTML `maud` does it, for a terminal `evidence::escaped`.
//!
//! The one fact to know: a name is code, never prose: between backticks no mention, link or tag means anything,
//! and the fence is longer than any run of backticks in the name.

/// The text as code in a cell of a table.
pub(crate) fn code(text: &str) -> String {
    let shown = evidence::escaped(text).replace('|', "\\|");
    if shown.trim().is_empty() {
        return "`(empty)`".to_owned();
    }
    let longest = shown
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let room = if shown.starts_with('`') || shown.ends_with('`') || shown.starts_with(' ') {
        " "
    } else {
        ""
    };
    format!("{fence}{room}{shown}{room}{fence}")
}

/// The first characters of a digest.
pub(crate) fn short(digest: &str) -> String {
    evidence::escaped(&digest.chars().take(12).collect::<String>())
}

/// A number with its noun.
pub(crate) fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::{code, count};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(code(text), expected);
    }

    #[test]
    fn a_name_is_code_whatever_it_holds() {
        check("plane.x", "`plane.x`");
        check("a|b", "`a\\|b`");
        check("<script>", "`<script>`");
        check("a`b", "``a`b``");
        check("``", "``` `` ```");
        check("", "`(empty)`");
    }

    #[test]
    fn nothing_leaves_its_line() {
        check("a\nb", "`a\\u{a}b`");
        check("\u{1b}[31m\u{202e}", "`\\u{1b}[31m\\u{202e}`");
    }

    #[test]
    fn one_is_one() {
        assert_eq!(count(1, "test"), "1 test");
        assert_eq!(count(0, "test"), "0 tests");
    }
}
