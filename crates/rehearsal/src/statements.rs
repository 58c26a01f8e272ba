//! A file of a packet, statement by statement, as psql sends it.
//!
//! Not for: understanding a statement. The one fact to know: the pieces put together are the file, byte for byte, so
//! what is sent one by one is what was committed.

use crate::error::RehearseError;
use squawk_syntax::SourceFile;
use squawk_syntax::ast::AstNode as _;

/// The pieces of `sql`, each with what stands before its statement; what follows the last goes with it.
pub(crate) fn split(what: &str, sql: &str) -> Result<Vec<String>, RehearseError> {
    let parsed = SourceFile::parse(sql);
    if let Some(error) = parsed.errors().first() {
        return Err(RehearseError::Stop(format!("{what} does not parse: {error}")));
    }
    let mut pieces = Vec::new();
    let mut from = 0;
    for statement in parsed.tree().stmts() {
        let end = usize::from(statement.syntax().text_range().end());
        // The semicolon is not the statement's.
        let end = sql[end..].find(';').map_or(sql.len(), |at| end + at + 1).max(end);
        let end = if sql[..usize::from(statement.syntax().text_range().end())]
            .trim_end()
            .ends_with(';')
        {
            usize::from(statement.syntax().text_range().end())
        } else {
            end
        };
        pieces.push(sql[from..end].to_owned());
        from = end;
    }
    match pieces.last_mut() {
        Some(last) => last.push_str(&sql[from..]),
        None => pieces.push(sql.to_owned()),
    }
    Ok(pieces)
}

/// `sql` before and after the line that names a checkpoint, which goes with the second half.
pub(crate) fn halves<'a>(
    what: &str,
    sql: &'a str,
    checkpoint: &str,
) -> Result<(&'a str, &'a str), RehearseError> {
    let line = format!("-- checkpoint: {checkpoint}\n");
    let mut found = sql.match_indices(&line);
    match (found.next(), found.next()) {
        (Some((at, _)), None) => Ok(sql.split_at(at)),
        (None, _) => Err(RehearseError::Stop(format!(
            "{what} has no checkpoint `{checkpoint}`"
        ))),
        _ => Err(RehearseError::Stop(format!(
            "{what} has the checkpoint `{checkpoint}` more than once"
        ))),
    }
}

/// The statement of a piece, without comments before it and what ends it.
pub(crate) fn bare(piece: &str) -> &str {
    let mut rest = piece.trim();
    while let Some(comment) = rest.strip_prefix("--") {
        rest = comment
            .split_once('\n')
            .map_or("", |(_, after)| after)
            .trim_start();
    }
    rest.trim_end().trim_end_matches(';')
}

#[cfg(test)]
mod tests {
    use super::{bare, halves, split};

    const FILE: &str = "-- head\nset local x = '1;2';\n\n-- why\ndo $a$ begin perform 1; end $a$;\n-- checkpoint: middle\nrevoke execute on function f(text) from g;\n-- tail\n";

    #[test]
    fn the_pieces_put_together_are_the_file() {
        let pieces = split("a file", FILE).unwrap();
        assert_eq!(pieces.concat(), FILE);
        let bare: Vec<&str> = pieces.iter().map(|piece| bare(piece)).collect();
        assert_eq!(bare[0], "set local x = '1;2'");
        assert_eq!(bare[1], "do $a$ begin perform 1; end $a$");
        assert!(bare[2].starts_with("revoke execute"), "{bare:?}");
        assert_eq!(pieces.len(), 3);
    }

    #[test]
    fn a_checkpoint_divides_and_must_be_there_once() {
        let (first, second) = halves("a file", FILE, "middle").unwrap();
        assert!(first.ends_with("$a$;\n") && second.starts_with("-- checkpoint"));
        assert!(halves("a file", FILE, "other").is_err());
        assert!(halves("a file", &format!("{FILE}{FILE}"), "middle").is_err());
    }
}
