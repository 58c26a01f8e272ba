//! The objects of a packet, each as it is before and as it is after.
//!
//! Not for: how one state becomes the other. The one fact to know: a state is owner, source and privileges in one
//! line of text, computed here from the capture and there from the catalog, so that both roads are compared.

use std::collections::BTreeSet;

use canonical::{AclItem, ObjectClass, PrivilegeDigest, SourceDigest, h07};

use super::SENTINELS;
use super::sql::literal;
use crate::error::AuthorError;
use crate::header::sha256_hex;

/// An object and its two states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    /// A kind that [`state_of`] knows.
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

/// A kind whose state ends in the digests of its comment and of its sentinel's row begins with this.
pub(crate) const COMMENTED: &str = "commented ";

/// Digest of a comment, none being empty.
pub(crate) fn comment_digest(comment: Option<&str>) -> String {
    sha256_hex(comment.unwrap_or_default().as_bytes())
}

/// The state of `d.identity` of a kind, as the catalog has it: one text, in the form of [`line`].
fn state_of(kind: &str, plane: &str) -> String {
    let of = |class: &str, to: &str| format!("{plane}.{class}({to})");
    let hex = |digest: String| format!("pg_catalog.encode({digest}, 'hex')");
    let routine = "p.oid::pg_catalog.regprocedure";
    let relation = "c.oid::pg_catalog.regclass";
    let (kind, is_commented) = match kind.strip_prefix(COMMENTED) {
        Some(kind) => (kind, true),
        None => (kind, false),
    };
    let comment = |oid: &str, catalog: &str| {
        let text = format!("coalesce(pg_catalog.obj_description({oid}, '{catalog}'), '')");
        let digest = hex(format!(
            "pg_catalog.sha256(pg_catalog.convert_to({text}, 'UTF8'))"
        ));
        if is_commented {
            let row = hex("s.identity_sha256::bytea".to_owned());
            format!(
                "\n        || ' ' || {digest}
        || ' ' || coalesce((select {row} from {plane}.{SENTINELS} as s where s.object_identity::text = d.identity), '-')"
            )
        } else {
            String::new()
        }
    };
    let of_relation = |source: &str, rest: &str| {
        format!(
            "      select pg_catalog.pg_get_userbyid(c.relowner) || ' ' || {source}
        || ' ' || {privileges}{rest}{comment}
      from pg_catalog.pg_class as c where c.oid = pg_catalog.to_regclass(d.identity)",
            privileges = hex(of("h07_relation", relation)),
            comment = comment("c.oid", "pg_class"),
        )
    };
    match kind {
        "routine" => format!(
            "      select pg_catalog.pg_get_userbyid(p.proowner) || ' ' || {}
        || ' ' || {}{}
      from pg_catalog.pg_proc as p where p.oid = pg_catalog.to_regprocedure(d.identity)",
            hex(of("h06", routine)),
            hex(of("h07_routine", routine)),
            comment("p.oid", "pg_proc")
        ),
        "schema" => format!(
            "      select pg_catalog.pg_get_userbyid(n.nspowner) || ' - ' || {}
      from pg_catalog.pg_namespace as n where n.oid = pg_catalog.to_regnamespace(d.identity)",
            hex(of("h07_schema", "n.oid::pg_catalog.regnamespace"))
        ),
        // Where the owner may create for one transaction, so that it may be given what lies there.
        "home" => format!(
            "      select case when pg_catalog.has_schema_privilege((select s.nspowner from pg_catalog.pg_namespace as s where s.nspname = {}), n.oid, 'CREATE') then 'open' else 'closed' end
      from pg_catalog.pg_namespace as n where n.oid = pg_catalog.to_regnamespace(d.identity)",
            literal(plane)
        ),
        // Its columns and what fires on it.
        "table" => of_relation(
            &hex(of(
                "h05",
                "array(
          select a.attname::text || '|' || pg_catalog.format_type(a.atttypid, a.atttypmod) || '|' || a.attnotnull::text
          from pg_catalog.pg_attribute as a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          union all
          select 'trigger|' || t.tgname::text || '|' || pg_catalog.pg_get_triggerdef(t.oid) || '|' || t.tgenabled::text
          from pg_catalog.pg_trigger as t where t.tgrelid = c.oid and not t.tgisinternal)",
            )),
            "",
        ),
        // Whose rights it reads with is an option of it.
        "view" => of_relation(
            &hex(of("h06_view", relation)),
            " || ' ' || coalesce(nullif(pg_catalog.array_to_string(c.reloptions, ','), ''), '-')",
        ),
        _ => of_relation("'-'", ""),
    }
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
    let kinds: BTreeSet<&str> = declared.iter().map(|object| object.kind).collect();
    let states: Vec<String> = kinds
        .into_iter()
        .map(|kind| format!("    when {} then (\n{})\n", literal(kind), state_of(kind, plane)))
        .collect();
    format!(
        "with declared (kind, identity, before, after) as (values
{rows}
), live as (
  select d.kind, d.identity, d.before, d.after, coalesce(case d.kind
{states}    end, 'absent') as found
  from declared as d
)",
        rows = rows.join(",\n"),
        states = states.concat()
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
