//! Copies of the legacy path, for benchmarks.
//!
//! For: the same objects under other names, hanging together among themselves. Not for: the first copy,
//! which is rendered as it is defined. The fact to know: whole identifiers are renamed, wherever they
//! stand, so that a body with dynamic SQL reaches its own copy too.

use std::collections::BTreeSet;

use manifest_model::estate::{Disposition, DynamicSql, Estate, EstateSize, LegacyMember, MemberKind};

use super::suffix;

/// A member of the legacy path at some size.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScaledMember {
    /// `regclass` or `regprocedure` text under an empty `search_path`.
    pub identity: String,
    /// What it is.
    pub kind: MemberKind,
    /// What becomes of it.
    pub disposition: Disposition,
    /// Whether it builds statements at run time.
    pub has_dynamic_sql: bool,
}

/// The members of the legacy path at `size`; at 1× they are `estate.legacy`.
pub fn members(estate: &Estate, size: &EstateSize) -> Vec<ScaledMember> {
    (1..=size.legacy_scale)
        .flat_map(|n| estate.legacy.iter().map(move |member| scaled(member, &suffix(n))))
        .collect()
}

fn scaled(member: &LegacyMember, suffix: &str) -> ScaledMember {
    let (name, arguments) = member
        .identity
        .find('(')
        .map_or((member.identity, ""), |at| member.identity.split_at(at));
    ScaledMember {
        identity: format!("{name}{suffix}{arguments}"),
        kind: member.kind,
        disposition: member.disposition,
        has_dynamic_sql: member.dynamic != DynamicSql::None,
    }
}

/// Renders the legacy objects once for each copy; every copy but the first has its own names.
pub(super) fn legacy_copies(
    out: &mut String,
    estate: &Estate,
    size: &EstateSize,
    render: impl Fn(&mut String),
) {
    let mut original = String::new();
    render(&mut original);
    out.push_str(&original);
    let members: BTreeSet<&str> = estate
        .legacy
        .iter()
        .filter_map(|member| member.identity.strip_prefix("public.")?.split('(').next())
        .collect();
    for n in 2..=size.legacy_scale {
        out.push_str(&with_suffixed_members(&original, &members, &suffix(n)));
    }
}

/// `text` with `suffix` after each identifier that is a member's name, or a constraint's made from one.
fn with_suffixed_members(text: &str, members: &BTreeSet<&str>, suffix: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        let (before, tail) = rest.split_at(start);
        let end = tail.find(|c| !is_word(c)).unwrap_or(tail.len());
        let (word, after) = tail.split_at(end);
        out.push_str(before);
        out.push_str(word);
        if members.contains(word) || belongs_to_a_member(word, members) {
            out.push_str(suffix);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn belongs_to_a_member(word: &str, members: &BTreeSet<&str>) -> bool {
    ["_pk", "_fk", "_key", "_check"]
        .iter()
        .any(|ending| word.ends_with(ending))
        && word
            .match_indices('_')
            .any(|(at, _)| members.contains(&word[..at]))
}
