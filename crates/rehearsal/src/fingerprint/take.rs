//! Reading a state, with as little said twice as is sound.
//!
//! The server first tells which tuples its catalogs hold, in a digest. Tuples that were seen
//! together before are a state that was printed before. Else it prints the facts that tuples of
//! this transaction are part of, and they are laid over those that it found here when it began.
//! The one fact to know: no tuple can become older than the transaction, so as long as the
//! digest over the older ones stands, whatever they alone say stands. A `Fingerprinter` belongs to one
//! transaction, and a new one prints everything: the rollback gate uses one before and one after.

use super::acl::expand_acls;
use super::definitions::Definitions;
use super::{Fact, Fingerprint, RECORD};
use crate::error::RehearseError;
use crate::session::{Session, classify, quote_ident, quote_literal};
use sqlx::Row as _;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Prepared statements are the session's, and a session may be read twice.
static TAKERS: AtomicU64 = AtomicU64::new(0);

/// Takes fingerprints in one transaction, and remembers what it has seen there.
#[derive(Debug)]
pub(crate) struct Fingerprinter {
    /// Tells its prepared statements from those of others.
    number: u64,
    prepared: bool,
    schema: String,
    protected_rows: Vec<String>,
    definitions: Definitions,
    base: Option<Base>,
    /// Catalogs by the tuples that they hold.
    known: HashMap<Tuples, Catalog>,
    /// What facts say, each text once: states that are remembered differ in a few.
    texts: HashSet<Arc<str>>,
}

/// Digests over the tuples of all catalogs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Tuples {
    /// Older than the transaction.
    older: String,
    /// Its own.
    own: String,
}

/// The catalogs' part of a state.
#[derive(Clone, Debug)]
struct Catalog {
    facts: Arc<[Fact]>,
    /// Digests the rows of the relations that matter.
    rows_sql: String,
}

/// What the older tuples alone say.
#[derive(Debug)]
struct Base {
    older: String,
    facts: Vec<Fact>,
    /// Objects of which more than older tuples spoke when it was read: they are not in `facts`,
    /// and so have to be told each time.
    told: BTreeSet<String>,
}

impl Fingerprinter {
    pub(crate) fn new(schema: &str, protected_rows: &[String]) -> Self {
        Self {
            number: TAKERS.fetch_add(1, Ordering::Relaxed),
            prepared: false,
            schema: schema.to_owned(),
            protected_rows: protected_rows.to_vec(),
            definitions: Definitions::default(),
            base: None,
            known: HashMap::new(),
            texts: HashSet::new(),
        }
    }

    /// Makes it as good as new, but for statements that are planned already.
    #[cfg(test)]
    pub(super) fn forget(&mut self) {
        self.definitions = Definitions::default();
        self.base = None;
        self.known.clear();
        self.texts.clear();
    }

    /// The state as the session sees it. Runs with an empty `search_path`: names come out
    /// qualified, and no file may rest on another path.
    pub(crate) async fn take(&mut self, session: &mut Session) -> Result<Fingerprint, RehearseError> {
        let tuples = self.tuples(session).await?;
        let catalog = if let Some(known) = self.known.get(&tuples) {
            known.clone()
        } else {
            let read = self.catalog(session, &tuples.older).await?;
            self.known.insert(tuples, read.clone());
            read
        };
        Ok(Fingerprint {
            rows: rows(session, &catalog.rows_sql).await?,
            catalog: catalog.facts,
        })
    }

    async fn tuples(&mut self, session: &mut Session) -> Result<Tuples, RehearseError> {
        let during = "reading which tuples there are";
        let mut sql =
            "set local search_path = ''; set local timezone = 'UTC'; set local jit = off;".to_owned();
        if !self.prepared {
            // Planned once: planning costs more than running. A rolled-back savepoint does not
            // take prepared statements away.
            let _ = write!(
                sql,
                "prepare fingerprint_tuples_{0} as {1}; prepare fingerprint_facts_{0}(boolean) as {2};",
                self.number,
                include_str!("tuples.sql"),
                expand_acls(include_str!("facts.sql"))
            );
            self.prepared = true;
        }
        let _ = write!(
            sql,
            "execute fingerprint_tuples_{}; reset search_path",
            self.number
        );
        let rows = session.rows(during, &sql).await?;
        let column = |at: usize| -> Result<String, RehearseError> {
            let value = rows.first().map(|row| row.try_get_unchecked(at)).transpose();
            Ok(value
                .map_err(|error| classify(during, error))?
                .unwrap_or_default())
        };
        Ok(Tuples {
            older: column(0)?,
            own: column(1)?,
        })
    }

    async fn catalog(&mut self, session: &mut Session, older: &str) -> Result<Catalog, RehearseError> {
        if let Some(base) = self.base.take_if(|base| base.older == older) {
            let printed = self.print(session, older, false).await?;
            let objects: BTreeSet<&str> = printed.own.iter().map(Fact::object).collect();
            if base.told.iter().all(|object| objects.contains(object.as_str())) {
                let facts = overlay(&base.facts, printed.own);
                self.base = Some(base);
                return Ok(self.of(facts));
            }
        }
        let printed = self.print(session, older, true).await?;
        self.base = Some(Base {
            older: older.to_owned(),
            facts: printed.others.clone(),
            told: printed.own.iter().map(|fact| fact.object().to_owned()).collect(),
        });
        Ok(self.of(overlay(&printed.others, printed.own)))
    }

    /// Facts that the transaction's own tuples are part of, and the others if `everything` is asked for.
    async fn print(
        &mut self,
        session: &mut Session,
        older: &str,
        everything: bool,
    ) -> Result<Printed, RehearseError> {
        let during = "taking the fingerprint";
        let sql = format!(
            "set local search_path = ''; execute fingerprint_facts_{}({everything}); reset search_path",
            self.number
        );
        let rows = session.rows(during, &sql).await?;
        let mut columns: Vec<&str> = Vec::new();
        for at in 0..3 {
            let value: Option<Option<&str>> = rows
                .first()
                .map(|row| row.try_get_unchecked(at))
                .transpose()
                .map_err(|error| classify(during, error))?;
            columns.push(value.flatten().unwrap_or_default());
        }
        let lines = |column: usize| columns[column].split(RECORD).filter(|line| !line.is_empty());
        self.definitions.watch_names(older, columns[2]);
        let raw: Vec<&str> = lines(0).chain(lines(1)).collect();
        self.definitions.print_unknown(session, &raw).await?;
        let mut facts = |column| {
            lines(column)
                .map(|line| Fact::new(shared(&mut self.texts, &self.definitions.resolve(line))))
                .collect()
        };
        Ok(Printed {
            own: facts(0),
            others: facts(1),
        })
    }

    fn of(&self, facts: Vec<Fact>) -> Catalog {
        let matters = |name: &&str| {
            let schema = name.split_once('.').map(|(schema, _)| schema);
            schema == Some(&self.schema) || self.protected_rows.iter().any(|protected| protected == name)
        };
        let queries: Vec<String> = facts
            .iter()
            .filter_map(Fact::relation_with_rows)
            .filter(matters)
            .filter_map(|name| Some((name, name.split_once('.')?)))
            .map(|(name, (schema, table))| {
                format!(
                    "select concat('rows', chr(31), {}, chr(31), count(*), ' ', md5(string_agg(md5(t::text), '' order by md5(t::text)))) from {}.{} t",
                    quote_literal(name),
                    quote_ident(schema),
                    quote_ident(table)
                )
            })
            .collect();
        Catalog {
            facts: facts.into(),
            rows_sql: queries.join(" union all "),
        }
    }
}

/// `text`, as it was held before if it was.
fn shared(texts: &mut HashSet<Arc<str>>, text: &str) -> Arc<str> {
    if let Some(held) = texts.get(text) {
        return Arc::clone(held);
    }
    let held: Arc<str> = text.into();
    texts.insert(Arc::clone(&held));
    held
}

/// Facts as printed, each part in the order of its objects.
struct Printed {
    own: Vec<Fact>,
    others: Vec<Fact>,
}

/// `base`, with `told` in place of or beside what it says.
pub(super) fn overlay(base: &[Fact], told: Vec<Fact>) -> Vec<Fact> {
    let mut facts = Vec::with_capacity(base.len() + told.len());
    let mut base = base.iter().peekable();
    for fact in told {
        while let Some(under) = base.next_if(|under| under.object() < fact.object()) {
            facts.push(under.clone());
        }
        base.next_if(|under| under.object() == fact.object());
        facts.push(fact);
    }
    facts.extend(base.cloned());
    facts
}

/// A digest of the rows of each relation that matters, in the order of their names: where workers share a union,
/// the server's own order is that of their speed.
async fn rows(session: &mut Session, sql: &str) -> Result<Vec<String>, RehearseError> {
    if sql.is_empty() {
        return Ok(Vec::new());
    }
    let answers = session.texts("digesting rows", sql).await?;
    let mut rows: Vec<String> = answers.into_iter().map(Option::unwrap_or_default).collect();
    rows.sort_unstable();
    Ok(rows)
}
