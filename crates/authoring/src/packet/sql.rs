//! Pieces of SQL text that every packet has.
//!
//! Not for: what a packet does. The one fact to know: a packet's text is what operators read, so each piece
//! says in a comment what it is for, and each refusal names its code.

use super::codes::Refusal;

/// A name as SQL writes it.
pub(crate) fn ident(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
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

/// Text as a literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
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
    format!(
        "raise exception using errcode = '{}', message = {}, detail = {detail}, hint = {};",
        refusal.sqlstate,
        literal(&format!("{}: {}", refusal.code, refusal.says)),
        literal(refusal.remedy)
    )
}
