//! What a database is, as a set of facts: kind, identity, value.
//!
//! Every object outside the system schemas with its owner, ACL and comment, the cluster's roles,
//! memberships and settings, and a digest of the rows of each relation that matters. Not in it:
//! oids, statistics, sequence values (they advance for good, whatever is rolled back).
//! The one fact to know: printing definitions (columns among them) costs more than all the rest, so a printed
//! definition is kept under its catalog tuple's identity (oid, xmin, ctid). A tuple is never
//! changed in place, so the same identity within one transaction is the same parse tree; and the
//! names that occur in it are watched by the count in `names.sql`, whose change empties the
//! memory. Fresh `Fingerprinter`s print everything: the rollback gate uses one before and one
//! after.

use crate::error::RehearseError;
use crate::plan::sha256_hex;
use crate::session::{Session, classify, quote_ident, quote_literal};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

const FIELD: char = '\u{1f}';
const RECORD: char = '\u{1e}';
/// Classes of tuples whose definition is printed by a function of the server.
const CLASSES: [&str; 7] = [
    "index",
    "default",
    "constraint",
    "rule",
    "trigger",
    "routine",
    "columns",
];

/// A state, comparable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    lines: Vec<String>,
}

/// One difference between two states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Residue {
    /// `missing`, `extra` or `changed`, seen from the state that was expected.
    pub difference: &'static str,
    /// Like `constraint` or `membership`.
    pub kind: String,
    /// The object.
    pub identity: String,
}

impl Fingerprint {
    /// SHA-256 over all facts, 64 hex digits.
    pub fn digest(&self) -> String {
        sha256_hex(self.lines.join("\n").as_bytes())
    }

    /// How many facts it holds.
    pub fn facts(&self) -> usize {
        self.lines.len()
    }

    /// What `found` has otherwise than `self`, which was expected; empty if they are equal.
    pub fn residue(&self, found: &Self) -> Vec<Residue> {
        if self.lines == found.lines {
            return Vec::new();
        }
        let (before, after) = (self.by_object(), found.by_object());
        let mut residue = Vec::new();
        let mut add = |difference, (kind, identity): &(&str, &str)| {
            residue.push(Residue {
                difference,
                kind: (*kind).to_owned(),
                identity: (*identity).to_owned(),
            });
        };
        for (object, value) in &before {
            match after.get(object) {
                None => add("missing", object),
                Some(found) if found != value => add("changed", object),
                Some(_) => {}
            }
        }
        for object in after.keys().filter(|object| !before.contains_key(*object)) {
            add("extra", object);
        }
        residue
    }

    fn by_object(&self) -> BTreeMap<(&str, &str), &str> {
        self.lines
            .iter()
            .map(|line| {
                let mut parts = line.splitn(3, FIELD);
                let mut next = || parts.next().unwrap_or_default();
                ((next(), next()), next())
            })
            .collect()
    }
}

/// Takes fingerprints and remembers the definitions it has printed.
#[derive(Debug)]
pub(crate) struct Fingerprinter {
    facts_sql: String,
    schema: String,
    protected_rows: Vec<String>,
    printed: HashMap<String, String>,
    names: String,
    prepared: bool,
}

impl Fingerprinter {
    pub(crate) fn new(schema: &str, protected_rows: &[String]) -> Self {
        Self {
            facts_sql: expand_acls(include_str!("fingerprint/facts.sql")),
            schema: schema.to_owned(),
            protected_rows: protected_rows.to_vec(),
            printed: HashMap::new(),
            names: String::new(),
            prepared: false,
        }
    }

    /// The state as the session sees it. Runs with an empty `search_path`, which it sets for the
    /// rest of the transaction: names come out qualified, and no file may rest on another path.
    pub(crate) async fn take(&mut self, session: &mut Session) -> Result<Fingerprint, RehearseError> {
        let during = "taking the fingerprint";
        let mut sql =
            "set local search_path = ''; set local timezone = 'UTC'; set local jit = off;".to_owned();
        if !self.prepared {
            // Planned once: planning costs a third of running. Prepared statements are the
            // session's, so a rolled-back savepoint does not take them away.
            sql += &format!("prepare fingerprint_facts as {};", self.facts_sql);
            self.prepared = true;
        }
        sql += "execute fingerprint_facts;";
        sql += include_str!("fingerprint/names.sql");
        sql += "; reset search_path";
        let rows = session.texts(during, &sql).await?;
        let mut answers = rows.into_iter().map(Option::unwrap_or_default);
        let (facts, names) = (
            answers.next().unwrap_or_default(),
            answers.next().unwrap_or_default(),
        );
        if names != self.names {
            self.printed.clear();
            self.names = names;
        }
        let raw: Vec<&str> = facts.split(RECORD).collect();
        self.print_unknown(session, &raw).await?;
        let mut lines = raw.iter().map(|line| self.resolve(line)).collect::<Vec<_>>();
        lines.extend(self.rows(session, &raw).await?);
        Ok(Fingerprint { lines })
    }

    fn resolve(&self, line: &str) -> String {
        match line.rsplit_once('@') {
            Some((head, key)) => match self.printed.get(key) {
                Some(definition) => format!("{head}{definition}"),
                None => line.to_owned(),
            },
            None => line.to_owned(),
        }
    }

    async fn print_unknown(&mut self, session: &mut Session, raw: &[&str]) -> Result<(), RehearseError> {
        let mut unknown: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for line in raw {
            let Some((_, key)) = line.rsplit_once('@') else {
                continue;
            };
            let mut parts = key.split('.');
            let (class, oid) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            if CLASSES.contains(&class) && !self.printed.contains_key(key) {
                unknown.entry(class).or_default().push((oid, key));
            }
        }
        if unknown.is_empty() {
            return Ok(());
        }
        let mut sql = format!(
            "set local search_path = ''; {}; reset search_path",
            include_str!("fingerprint/definitions.sql")
        );
        for class in CLASSES {
            let oids = unknown.get(class).map_or(&[][..], Vec::as_slice);
            let list = oids.iter().map(|(oid, _)| *oid).collect::<Vec<_>>().join(",");
            sql = sql.replace(&format!("'{{{class}}}'"), &format!("'{{{list}}}'"));
        }
        let answers = session.texts("printing definitions", &sql).await?;
        let by_object: HashMap<&str, &str> = answers
            .iter()
            .flatten()
            .filter_map(|line| line.split_once(FIELD))
            .collect();
        for (class, tuples) in unknown {
            for (oid, key) in tuples {
                if let Some(definition) = by_object.get(format!("{class}.{oid}").as_str()) {
                    self.printed.insert(key.to_owned(), (*definition).to_owned());
                }
            }
        }
        Ok(())
    }

    /// A digest of the rows of each table of the schema and of each protected relation.
    async fn rows(&self, session: &mut Session, raw: &[&str]) -> Result<Vec<String>, RehearseError> {
        let mut sql = String::new();
        for line in raw {
            let mut parts = line.splitn(3, FIELD);
            let (kind, name, value) = (
                parts.next(),
                parts.next().unwrap_or_default(),
                parts.next().unwrap_or_default(),
            );
            let is_table = kind == Some("relation") && value.starts_with(['r', 'm']);
            let Some((schema, table)) = name.split_once('.').filter(|_| is_table) else {
                continue;
            };
            if schema != self.schema && !self.protected_rows.iter().any(|protected| protected == name) {
                continue;
            }
            if !sql.is_empty() {
                sql.push_str(" union all ");
            }
            let _ = write!(
                sql,
                "select concat('rows', chr(31), {}, chr(31), count(*), ' ', md5(string_agg(md5(t::text), '' order by md5(t::text)))) from {}.{} t",
                quote_literal(name),
                quote_ident(schema),
                quote_ident(table)
            );
        }
        if sql.is_empty() {
            return Ok(Vec::new());
        }
        let during = "digesting rows";
        let rows = session.rows(during, &sql).await?;
        rows.iter()
            .map(|row| sqlx::Row::try_get_unchecked(row, 0).map_err(|error| classify(during, error)))
            .collect()
    }
}

/// `{acl:X:KIND:OWNER}` → the ACL's items in order; NULL and the explicit default read `default`.
fn expand_acls(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() * 2);
    let mut rest = sql.split("{acl:");
    out.push_str(rest.next().unwrap_or_default());
    for part in rest {
        let Some((macro_text, tail)) = part.split_once('}') else {
            continue;
        };
        let fields: Vec<&str> = macro_text.split(':').collect();
        if let [acl, kind, owner] = fields[..] {
            let sorted = |of: &str| {
                format!(
                    "coalesce((select pg_catalog.string_agg(x::text, ' ' order by x::text) from pg_catalog.unnest({of}) x), '')"
                )
            };
            let (own, default) = (
                sorted(acl),
                sorted(&format!("pg_catalog.acldefault('{kind}', {owner})")),
            );
            let _ = write!(
                out,
                "case when {acl} is null or {own} = {default} then 'default' else {own} end"
            );
        } else {
            let _ = write!(out, "{{acl:{macro_text}}}");
        }
        out.push_str(tail);
    }
    out
}
