//! What becomes of each sealed member when owners move: it goes, it goes and reads as its reader, or it stays.
//!
//! Not for: reads that would break at S15 (`view_moves`). The one fact to know: what no package may open stays with its
//! owner, and so does every view that reads it, at any depth; a view over a live table, or over a view that reads as
//! its reader, reads as its reader from then on, if a person has decided so [ruling A2].

use std::collections::{BTreeMap, BTreeSet};

use canonical::PUBLIC;

use crate::Sources;
use crate::error::AuthorError;
use crate::live::{LiveFacts, identity};

/// The owners' moves of one sealed set.
#[derive(Debug, Clone, Default)]
pub struct OwnerMoves {
    /// Members that stay as they are.
    pub stay: BTreeSet<String>,
    /// Views that get `security_invoker`.
    pub as_invoker: BTreeSet<String>,
}

impl OwnerMoves {
    /// The moves of the sealed set of `sources`.
    pub fn of(sources: &Sources<'_>, live: &LiveFacts) -> Self {
        let members: BTreeSet<String> = sources
            .estate
            .legacy
            .iter()
            .map(|one| identity(one.identity))
            .collect();
        let open = sources.do_not_open.iter().map(|name| identity(name));
        let stay: BTreeSet<String> = open.filter(|name| members.contains(name)).collect();
        let stay = with_readers(stay, &members, live);
        let own_schema = format!("{}.", sources.plane.schema);
        let over_live = |reads: &BTreeSet<String>| {
            reads
                .iter()
                .any(|name| !members.contains(name) && !name.starts_with(&own_schema))
        };
        let over_live = live
            .view_reads
            .iter()
            .filter(|(view, reads)| members.contains(*view) && over_live(reads))
            .map(|(view, _)| view.clone());
        let over_live = with_readers(over_live.collect(), &members, live);
        let as_invoker = over_live.difference(&stay).cloned().collect();
        Self { stay, as_invoker }
    }

    /// Demands that each view that will read as its reader may: by decision, and by what its readers hold themselves.
    pub(crate) fn demand_sound(
        &self,
        live: &LiveFacts,
        readers: &BTreeMap<String, BTreeSet<String>>,
        owner: &str,
    ) -> Result<(), AuthorError> {
        let undecided = self.as_invoker.difference(&live.invoker_views);
        let mut wrong: Vec<String> = undecided
            .map(|view| format!("`{view}` reads a live table and nobody decided that it reads as its reader"))
            .collect();
        let stale = live.invoker_views.difference(&self.as_invoker);
        wrong.extend(stale.map(|view| format!("`{view}` was decided about and reads no live table")));
        let nobody = BTreeSet::new();
        for view in &self.as_invoker {
            // Nobody may become the new owner, so nobody reads as it.
            let all = readers.get(view).unwrap_or(&nobody).iter();
            for reader in all.filter(|reader| *reader != owner) {
                let reads = live.view_reads.get(view).into_iter().flatten();
                let without = reads.filter(|relation| {
                    let holders = readers.get(*relation).unwrap_or(&nobody);
                    !may_read(reader, holders, live)
                });
                wrong.extend(without.map(|relation| {
                    format!("`{reader}` reads `{view}` and holds no SELECT on `{relation}` itself")
                }));
            }
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(AuthorError::BadDecision {
                path: crate::decisions::PATH.into(),
                why: wrong.join("\n  "),
            })
        }
    }
}

/// Whether a role reads by itself, or by what it is a member of.
fn may_read(role: &str, holders: &BTreeSet<String>, live: &LiveFacts) -> bool {
    let (mut all, mut next) = (BTreeSet::new(), vec![role]);
    while let Some(role) = next.pop() {
        if all.insert(role) {
            let joined = live.memberships.iter().filter(|(_, member)| member == role);
            next.extend(joined.map(|(role, _)| role.as_str()));
        }
    }
    holders.contains(PUBLIC)
        || all.contains("pg_read_all_data")
        || all
            .iter()
            .any(|role| holders.contains(*role) || live.superusers.contains(*role))
}

/// `some`, and every member view that reads one of them, at any depth.
fn with_readers(some: BTreeSet<String>, members: &BTreeSet<String>, live: &LiveFacts) -> BTreeSet<String> {
    let mut all = some;
    loop {
        let more: Vec<String> = live
            .view_reads
            .iter()
            .filter(|(view, reads)| {
                members.contains(*view) && !all.contains(*view) && !reads.is_disjoint(&all)
            })
            .map(|(view, _)| view.clone())
            .collect();
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}
