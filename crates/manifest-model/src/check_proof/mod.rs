//! What shows each part of a CHECK: a row for every conjunct, disjunct, member, bound, and for NULL.
//!
//! Each way to change the CHECK in one part ([`changes`]) must be told by a row: one that it rejects and the
//! changed one lets pass, or one that it lets pass and the changed one rejects. Rows that it must reject are
//! the definition's; those that it must let pass are sought here, near the probe row. The one fact to know: a
//! change that no row tells is a problem, so a CHECK without enough values can't be authored.

mod domain;
mod seek;

pub use domain::{DomainProof, DomainWitness, prove_domain};

use crate::condition::{self, Condition, Row, changes, literal, truth};
use crate::constraint::{Reject, Rule};
use crate::table::TableDef;
use seek::seek;

/// What shows the CHECKs of a table.
#[derive(Debug, Clone, Default)]
pub struct CheckProof {
    /// Rows that must be accepted.
    pub accepted: Vec<AcceptedRow>,
    /// Each change of each CHECK, and the row that tells it.
    pub told: Vec<Told>,
    /// What nothing shows: the CHECK, and what is missing.
    pub missing: Vec<(&'static str, String)>,
}

/// A column and a literal.
pub type Setting = (&'static str, String);

/// A row that every CHECK lets pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedRow {
    /// Columns and literals in which it differs from the probe row.
    pub set: Vec<Setting>,
}

/// A change of a CHECK that a row tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The CHECK.
    pub constraint: &'static str,
    /// Names the change within its CHECK.
    pub change: String,
    /// As a reviewer would say it.
    pub words: String,
    /// The changed expression.
    pub expression: String,
    /// Whether it also rejects a row that the CHECK lets pass.
    pub is_stricter: bool,
    /// The row.
    pub by: Witness,
}

/// The row that tells a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Witness {
    /// This reject of the CHECK, from 0: the changed CHECK lets it pass.
    Rejected(usize),
    /// This accepted row of the table, from 0: the changed CHECK rejects it.
    Accepted(usize),
}

struct Check {
    name: &'static str,
    condition: Condition,
    rejects: &'static [Reject],
}

/// What shows the CHECKs of a table, and what nothing shows.
pub fn prove(table: &TableDef) -> CheckProof {
    let mut proof = CheckProof::default();
    let mut checks = Vec::new();
    for constraint in &table.constraints {
        let Rule::Check { expression, rejects } = constraint.rule else {
            continue;
        };
        match condition::parse(expression) {
            Some(condition) => checks.push(Check {
                name: constraint.name,
                condition,
                rejects,
            }),
            None => proof.missing.push((
                constraint.name,
                "is in no form of which each part can be tried: expected comparisons, `= ANY (ARRAY[…])`, IS NULL, NOT, AND, OR, as the server prints them; say it so, or teach `condition::parse` the form".to_owned(),
            )),
        }
    }
    let probe = probe_row(table);
    let mut open = Vec::new();
    for check in &checks {
        open.extend(told_by_rejects(table, check, &checks, &probe, &mut proof));
    }
    seek(table, &checks, &probe, open, &mut proof);
    let accepted: Vec<Row> = proof
        .accepted
        .iter()
        .map(|row| set_to(&probe, &row.set))
        .collect();
    for told in &mut proof.told {
        let changed = condition::parse(&told.expression);
        let refuses = |row: &Row| {
            changed
                .as_ref()
                .is_none_or(|it| truth(it, row) == Ok(Some(false)))
        };
        told.is_stricter = accepted.iter().any(refuses);
    }
    proof
}

/// Whether every CHECK lets pass the probe row with these values.
pub fn passes(table: &TableDef, set: &[Setting]) -> bool {
    let row = set_to(&probe_row(table), set);
    table.constraints.iter().all(|constraint| match constraint.rule {
        Rule::Check { expression, .. } => condition::parse(expression)
            .is_some_and(|it| truth(&it, &row).is_ok_and(|holds| holds != Some(false))),
        _ => true,
    })
}

fn set_to(probe: &Row, values: &[Setting]) -> Row {
    set(
        probe.clone(),
        values.iter().map(|(name, sql)| (*name, sql.as_str())),
    )
}

fn probe_row(table: &TableDef) -> Row {
    table
        .written_columns()
        .map(|column| (column.name.to_owned(), literal(column.probe)))
        .collect()
}

fn set<'a>(mut row: Row, values: impl Iterator<Item = (&'a str, &'a str)>) -> Row {
    for (column, sql) in values {
        row.insert(column.to_owned(), literal(sql));
    }
    row
}

/// A change that no row tells yet.
struct Open {
    constraint: &'static str,
    change: condition::Change,
}

/// Every change of a CHECK; those that a reject tells are told, the others returned. A reject that rejects
/// nothing, or a twin that is no valid row, is a problem of its own.
fn told_by_rejects(
    table: &TableDef,
    check: &Check,
    checks: &[Check],
    probe: &Row,
    proof: &mut CheckProof,
) -> Vec<Open> {
    let mut rows = Vec::new();
    for reject in check.rejects {
        let twin = set(probe.clone(), reject.given.iter().copied());
        let row = set(twin.clone(), std::iter::once((reject.column, reject.literal)));
        if truth(&check.condition, &row).is_ok_and(|holds| holds != Some(false)) {
            proof.missing.push((
                check.name,
                format!(
                    "lets pass what it must reject: `{}` ({} = {}); expected a value for which {} is false",
                    reject.what, reject.column, reject.literal, check.condition
                ),
            ));
        }
        let refusing = checks
            .iter()
            .find(|other| truth(&other.condition, &twin) == Ok(Some(false)));
        if let Some(other) = refusing {
            proof.missing.push((
                check.name,
                format!(
                    "has no valid row beside `{}`: `{}` refuses it; give the columns in which it differs from the probe row",
                    reject.what, other.name
                ),
            ));
        }
        rows.push(row);
    }
    let outside = |column: &str| {
        let of_column = check.rejects.iter().filter(|reject| reject.column == column);
        // One value more is enough.
        of_column
            .take(1)
            .map(|reject| reject.literal.to_owned())
            .collect()
    };
    let mut all = changes(&check.condition, &outside);
    for column in check.condition.columns() {
        if table.column(column).is_some_and(|column| column.nullable) {
            all.push(null_refused(&check.condition, column));
        }
    }
    let mut open = Vec::new();
    for change in all {
        let passes = |row: &Row| truth(&change.condition, row).is_ok_and(|holds| holds != Some(false));
        match rows.iter().position(passes) {
            Some(number) => proof
                .told
                .push(told(check.name, &change, Witness::Rejected(number))),
            None => open.push(Open {
                constraint: check.name,
                change,
            }),
        }
    }
    open
}

/// A CHECK passes on NULL: changed, it no longer does.
fn null_refused(condition: &Condition, column: &str) -> condition::Change {
    let is_there = Condition::IsNotNull(Box::new(Condition::Column(column.to_owned())));
    condition::Change {
        id: format!("null_refused.{column}"),
        words: format!("NULL of {column} is refused"),
        condition: Condition::All(vec![condition.clone(), is_there]),
    }
}

fn told(constraint: &'static str, change: &condition::Change, by: Witness) -> Told {
    Told {
        constraint,
        change: change.id.clone(),
        words: change.words.clone(),
        expression: change.condition.to_string(),
        is_stricter: false,
        by,
    }
}

fn unshown(change: &condition::Change) -> String {
    format!(
        "has a part that no value shows: were it changed so that {}, every value given would end as before; add a `reject` that only this part refuses, or the `given` values of a row that rests on it",
        change.words
    )
}
