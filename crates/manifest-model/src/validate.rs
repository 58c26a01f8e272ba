//! What makes a definition unfit to be authored.
//!
//! Not for: comparing with an approved design (`authoring`). The one fact to know: all problems are
//! collected, each names the file and the item, and an empty list is the only way on.

mod rows;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::attack;
use crate::control_plane::ControlPlane;
use crate::row::RowSource;
use crate::table::TableDef;

pub use rows::value_problem;
pub use tables::name_problem;

/// PostgreSQL cuts names beyond this, with only a NOTICE.
pub const NAME_BYTES_MAX: usize = 63;

/// One reason why a definition can't be authored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File that holds the definition.
    pub source: String,
    /// The item: `quorum_manifest.quorum_manifest_pk`.
    pub item: String,
    /// What is wrong: expected, found, and what to do.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}`: {}", self.source, self.item, self.what)
    }
}

struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, source: &str, item: impl Into<String>, what: impl Into<String>) {
        self.0.push(Problem {
            source: source.to_owned(),
            item: item.into(),
            what: what.into(),
        });
    }

    fn demand_decided(&mut self, source: &str, item: &str, text: &str) {
        if let Some(question) = undecided(text) {
            self.add(source, item, waits(question));
        }
    }
}

fn waits(question: &str) -> String {
    format!("{UNDECIDED}: {question}; decide it before authoring")
}

/// What a text says that waits for a person: `UNKNOWN_REQUIRES_REVIEW: which rows?` [doc 07, PKG-A].
pub const UNDECIDED: &str = "UNKNOWN_REQUIRES_REVIEW";

/// The question in a text that waits for a person's decision.
pub fn undecided(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(UNDECIDED)?;
    match rest.strip_prefix(':') {
        Some(question) => Some(question.trim_start()),
        None => rest.is_empty().then_some("what is it?"),
    }
}

/// Every problem of the control plane; empty when it may be authored.
pub fn problems(plane: &ControlPlane) -> Vec<Problem> {
    let mut found = Problems(Vec::new());
    let tables = plane.table_definitions();
    undecided_texts(plane, &tables, &mut found);
    guards(plane, &mut found);
    surface_numbers(plane, &mut found);
    tables::names(&tables, &mut found);
    for table in &tables {
        tables::columns(table, &mut found);
        tables::constraints(table, &tables, &mut found);
        tables::implied(table, &mut found);
        tables::checks(table, &mut found);
        tables::indexes(table, &mut found);
        tables::triggers(table, plane, &mut found);
    }
    for surface in plane.surfaces {
        if let RowSource::Listed(items) = surface.rows {
            rows::listed(surface, items, plane, &mut found);
        }
    }
    tables::domains(plane, &tables, &mut found);
    routines(plane, &mut found);
    let attacks = attack::unfit(plane);
    attacks.for_each(|(source, item, what)| found.add(source, item, what));
    found.0
}

/// Texts that become SQL comments, and keys of rows, whose decision nobody has taken.
fn undecided_texts(plane: &ControlPlane, tables: &[TableDef], found: &mut Problems) {
    for table in tables {
        found.demand_decided(table.source, table.name, table.doc);
        for column in &table.columns {
            found.demand_decided(
                table.source,
                &format!("{}.{}", table.name, column.name),
                column.doc,
            );
        }
    }
    for surface in plane.surfaces {
        if let RowSource::Listed(items) = surface.rows {
            for item in items {
                found.demand_decided(
                    surface.source,
                    &format!("{}[{}]", surface.table, item.key),
                    item.key,
                );
            }
        }
    }
}

/// A guard says what holds and why, and is due somewhere: one that never runs is never red.
fn guards(plane: &ControlPlane, found: &mut Problems) {
    for guard in plane.guards {
        found.demand_decided("guards", guard.id, guard.invariant);
        found.demand_decided("guards", guard.id, guard.why);
        if guard.steps.is_empty() && guard.packages.is_empty() {
            found.add(
                "guards",
                guard.id,
                "expected a step or a package at which it is due, found none; it would never be asked",
            );
        }
    }
}

fn surface_numbers(plane: &ControlPlane, found: &mut Problems) {
    for (index, surface) in plane.surfaces.iter().enumerate() {
        if usize::from(surface.number) != index + 1 {
            found.add(
                surface.source,
                surface.table,
                format!(
                    "expected surface number {}, found {}; surfaces are numbered from 1 without a gap",
                    index + 1,
                    surface.number
                ),
            );
        }
    }
    let numbers: BTreeSet<u8> = plane.surfaces.iter().map(|surface| surface.number).collect();
    let sealed: BTreeSet<u8> = plane.seal.order.iter().copied().collect();
    if numbers != sealed || plane.seal.order.len() != sealed.len() {
        found.add(
            "",
            "seal order",
            format!(
                "expected each of the surfaces {numbers:?} once, found {:?}",
                plane.seal.order
            ),
        );
    }
}

fn routines(plane: &ControlPlane, found: &mut Problems) {
    for routine in plane.routines {
        if let Some(what) = name_problem(routine.name) {
            found.add(routine.source, routine.name, what);
        }
        for (position, mark) in routine.body.match_indices("{surface:") {
            let table: String = routine.body[position + mark.len()..]
                .chars()
                .take_while(|letter| *letter != '}')
                .collect();
            if plane.surface_of_table(&table).is_none() {
                let what = format!("names the surface `{table}`, which this control plane does not define");
                found.add(routine.source, routine.name, what);
            }
        }
        for (position, _) in routine.body.match_indices("errcode = '") {
            let code = routine.body[position + 11..].chars().take(5).collect::<String>();
            if code.starts_with("Q7") && !plane.reason_codes.iter().any(|reason| reason.sqlstate == code) {
                found.add(
                    routine.source,
                    routine.name,
                    format!("raises SQLSTATE `{code}`, which #22 does not define"),
                );
            }
        }
    }
    let mut states = BTreeMap::new();
    for reason in plane.reason_codes {
        if let Some(first) = states.insert(reason.sqlstate, reason.code) {
            found.add(
                "",
                reason.code,
                format!(
                    "has the SQLSTATE `{}` of `{first}`; each reason code has its own",
                    reason.sqlstate
                ),
            );
        }
    }
}
