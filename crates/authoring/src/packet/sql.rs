//! Pieces of SQL text that every packet has.
//!
//! Not for: what a packet does. The one fact to know: a packet's text is what operators read, so each piece
//! says in a comment what it is for, and each refusal names its code.

use super::codes::Refusal;

/// Words that no column and no role can have for a name unless it is quoted, on 15 to 18.
const RESERVED: &str = " all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar some symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window with ";

/// A name as SQL writes it.
pub(crate) fn ident(name: &str) -> String {
    let plain = !RESERVED.contains(&format!(" {name} "))
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// A grantee as SQL writes it.
pub(crate) fn grantee(name: &str) -> String {
    if name == canonical::PUBLIC {
        name.to_owned()
    } else {
        ident(name)
    }
}

/// Text as a literal, the same whether the server takes a backslash for itself or not.
pub(crate) fn literal(text: &str) -> String {
    if text.contains('\\') {
        format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// Texts as an array.
pub(crate) fn array<S: AsRef<str>>(texts: &[S]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| literal(text.as_ref())).collect();
    format!("array[{}]::text[]", texts.join(", "))
}

/// Text quoted by dollars, with a tag that does not occur in it.
pub(crate) fn quoted(text: &str, word: &str) -> String {
    let mut tag = format!("${word}$");
    let mut n = 0;
    while text.contains(&tag) {
        n += 1;
        tag = format!("${word}{n}$");
    }
    format!("{tag}{text}{tag}")
}

/// An anonymous block.
pub(crate) fn block(word: &str, body: &str) -> String {
    format!("do {};\n", quoted(&format!("\n{body}\n"), word))
}

/// Refuses with `code` if `query`, of one column of text, has rows; they are the detail.
pub(crate) fn refuse_if_any(word: &str, refusal: Refusal, query: &str) -> String {
    block(
        word,
        &format!(
            "declare
  v_found text;
begin
  select pg_catalog.string_agg(f.line, E'\\n' order by f.line collate \"C\") into v_found from (
{query}
  ) as f (line);
  if v_found is not null then
    {raised}
  end if;
end",
            raised = raise(refusal, "v_found"),
        ),
    )
}

/// A name in the middle of a transaction, by which people and rehearsals find a place.
pub(crate) fn checkpoint(name: &str) -> String {
    format!("-- checkpoint: {name}\n")
}

/// Acts as a role until the next of these.
pub(crate) fn act_as(role: &str) -> String {
    format!("set local role {};\n", ident(role))
}

/// Acts as whoever logged in.
pub(crate) const ACT_AS_ONESELF: &str = "reset role;\n";

/// `raise`, by a code, with this expression as the detail.
pub(crate) fn raise(refusal: Refusal, detail: &str) -> String {
    raise_saying(
        refusal,
        refusal.says,
        &format!("detail = {detail}, "),
        refusal.remedy,
    )
}

/// The same where there is nothing to detail.
pub(crate) fn raise_alone(refusal: Refusal) -> String {
    raise_saying(refusal, refusal.says, "", refusal.remedy)
}

/// The same with words of its own for what is so, and for what to do.
pub(crate) fn raise_saying(refusal: Refusal, says: &str, detail: &str, remedy: &str) -> String {
    format!(
        "raise exception using errcode = '{}', message = {}, {detail}hint = {};",
        refusal.sqlstate,
        literal(&format!("{}: {says}", refusal.code)),
        literal(remedy)
    )
}

#[cfg(test)]
mod tests {
    use super::{ident, literal};

    #[test]
    fn a_name_is_quoted_where_it_must_be() {
        for (name, written) in [
            ("status", "status"),
            ("user", "\"user\""),
            ("users", "users"),
            ("Mixed", "\"Mixed\""),
            ("a\"b", "\"a\"\"b\""),
            ("", "\"\""),
        ] {
            assert_eq!(ident(name), written);
        }
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal(r"a\b"), r"E'a\\b'");
    }
}
