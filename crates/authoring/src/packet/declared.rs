//! The objects of a packet, each as it is before and as it is after.
//!
//! Not for: how one state becomes the other. The one fact to know: a state is owner, source and privileges in one
//! line of text, computed here from the capture and there from the catalog, so that both roads are compared.

use canonical::{AclItem, ObjectClass, PrivilegeDigest, SourceDigest, h07};

use super::sql::literal;
use crate::error::AuthorError;
use crate::header::sha256_hex;

/// An object and its two states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    /// `routine` or `schema`.
    pub(crate) kind: &'static str,
    /// Its identity.
    pub(crate) identity: String,
    /// Its line before.
    pub(crate) before: String,
    /// Its line after.
    pub(crate) after: String,
}

/// One line of state.
pub(crate) fn line(owner: &str, source: Option<SourceDigest>, privileges: PrivilegeDigest) -> String {
    let source = source.map_or_else(|| "-".to_owned(), |source| source.to_string());
    format!("{owner} {source} {privileges}")
}

/// H07, for an object that has these items.
pub(crate) fn privileges(
    class: ObjectClass,
    owner: &str,
    items: &[AclItem],
    identity: &str,
) -> Result<PrivilegeDigest, AuthorError> {
    h07(class, owner, items).map_err(|source| AuthorError::Encode {
        surface: "packet".to_owned(),
        item: identity.to_owned(),
        source,
    })
}

/// The side that is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    After,
}

impl Side {
    pub(crate) const fn column(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// Digest of a state: what `packet.toml` declares and `verify.sql` prints.
pub(crate) fn digest(declared: &[Declared], side: Side) -> String {
    let mut lines: Vec<String> = declared
        .iter()
        .map(|object| {
            let state = match side {
                Side::Before => &object.before,
                Side::After => &object.after,
            };
            format!("{} {} {state}", object.kind, object.identity)
        })
        .collect();
    lines.sort();
    sha256_hex(lines.join("\n").as_bytes())
}

/// `with declared as (…), live as (…)`: each object with both states and the one that is found.
pub(crate) fn live(plane: &str, declared: &[Declared]) -> String {
    let rows: Vec<String> = declared
        .iter()
        .map(|object| {
            format!(
                "    ({}, {}, {}, {})",
                literal(object.kind),
                literal(&object.identity),
                literal(&object.before),
                literal(&object.after)
            )
        })
        .collect();
    format!(
        "with declared (kind, identity, before, after) as (values
{rows}
), live as (
  select d.kind, d.identity, d.before, d.after, coalesce(case d.kind
    when 'routine' then (
      select pg_catalog.pg_get_userbyid(p.proowner) || ' ' || pg_catalog.encode({plane}.h06(p.oid::pg_catalog.regprocedure), 'hex')
        || ' ' || pg_catalog.encode({plane}.h07_routine(p.oid::pg_catalog.regprocedure), 'hex')
      from pg_catalog.pg_proc as p where p.oid = pg_catalog.to_regprocedure(d.identity))
    when 'schema' then (
      select pg_catalog.pg_get_userbyid(n.nspowner) || ' - ' || pg_catalog.encode({plane}.h07_schema(n.oid::pg_catalog.regnamespace), 'hex')
      from pg_catalog.pg_namespace as n where n.oid = pg_catalog.to_regnamespace(d.identity))
    end, 'absent') as found
  from declared as d
)",
        rows = rows.join(",\n")
    )
}

/// A query with a line for each object that is not in the state of `side`.
pub(crate) fn differences(plane: &str, declared: &[Declared], side: Side) -> String {
    format!(
        "{}\nselect l.identity || ': expected ' || l.{side} || ', found ' || l.found from live as l where l.found is distinct from l.{side}",
        live(plane, declared),
        side = side.column()
    )
}
