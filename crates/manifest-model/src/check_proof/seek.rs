//! Rows that must be accepted, sought near the probe row.
//!
//! The one fact to know: candidates come in a fixed order, so the same definition yields the same rows.

use super::{AcceptedRow, Check, CheckProof, Open, Setting, Witness, told, unshown};
use crate::column::{Column, ColumnType};
use crate::condition::{Condition, Op, Row, Value, truth};
use crate::constraint::Rule;
use crate::table::TableDef;

/// How many columns a sought row may differ in from the probe row.
const COLUMNS_MAX: usize = 3;

/// Seeks rows that every CHECK lets pass and a changed one rejects: the probe row first, then the twins of
/// rejects, then rows that differ in one column, in two, in three.
pub(super) fn seek(
    table: &TableDef,
    checks: &[Check],
    probe: &Row,
    mut open: Vec<Open>,
    proof: &mut CheckProof,
) {
    let twins = checks
        .iter()
        .flat_map(|check| check.rejects)
        .map(|reject| reject.given);
    let twins: Vec<Vec<(&str, String)>> = twins
        .map(|given| {
            given
                .iter()
                .map(|(name, sql)| (*name, (*sql).to_owned()))
                .collect()
        })
        .collect();
    for twin in std::iter::once(&Vec::new()).chain(&twins) {
        tell(table, checks, probe, twin, &mut open, proof);
    }
    let pools = pools(table, checks);
    for columns in 1..=COLUMNS_MAX {
        choose(&pools, columns, 0, &mut Vec::new(), &mut |set_to| {
            tell(table, checks, probe, set_to, &mut open, proof);
        });
    }
    for one in open {
        proof.missing.push((one.constraint, unshown(&one.change)));
    }
}

/// Takes a row if every CHECK lets it pass and a change that is open does not.
fn tell(
    table: &TableDef,
    checks: &[Check],
    probe: &Row,
    set_to: &[Setting],
    open: &mut Vec<Open>,
    proof: &mut CheckProof,
) {
    if open.is_empty() {
        return;
    }
    let row = super::set_to(probe, set_to);
    let is_null = |column: &&Column| row.get(column.name) == Some(&Value::Null);
    // The probe row is valid by definition, so what can't be told here holds as long as it is the probe's.
    let is_probes = |check: &Check| {
        let columns = check.condition.columns();
        columns.into_iter().all(|name| row.get(name) == probe.get(name))
    };
    let passes = |check: &Check| match truth(&check.condition, &row) {
        Ok(holds) => holds != Some(false),
        Err(_) => is_probes(check),
    };
    if table
        .written_columns()
        .filter(is_null)
        .any(|column| !column.nullable)
        || !checks.iter().all(passes)
    {
        return;
    }
    let number = proof.accepted.len();
    let before = open.len();
    open.retain(|one| {
        let refused = truth(&one.change.condition, &row) == Ok(Some(false));
        if refused {
            let by = Witness::Accepted(number);
            proof.told.push(told(one.constraint, &one.change, by));
        }
        !refused
    });
    if open.len() < before {
        proof.accepted.push(AcceptedRow { set: set_to.to_vec() });
    }
}

type Pool = (&'static str, Vec<String>);

/// Every way to set `columns` columns to another value of their pools, in order.
fn choose(
    pools: &[Pool],
    columns: usize,
    from: usize,
    chosen: &mut Vec<Setting>,
    found: &mut dyn FnMut(&[Setting]),
) {
    if columns == 0 {
        return found(chosen);
    }
    for at in from..pools.len() {
        let (name, values) = &pools[at];
        for value in values {
            chosen.push((name, value.clone()));
            choose(pools, columns - 1, at + 1, chosen, found);
            chosen.pop();
        }
    }
}

/// Values that a column may take instead of its probe: what CHECKs and their rejects say of it, NULL, and
/// its second value. A column that refers to another table takes no value that a CHECK only names.
fn pools(table: &TableDef, checks: &[Check]) -> Vec<Pool> {
    let mut pools = Vec::new();
    for column in table.written_columns() {
        let speaks = |check: &&Check| check.condition.columns().contains(&column.name);
        if !checks.iter().any(|check| speaks(&check)) {
            continue;
        }
        let refers = table.constraints.iter().any(|constraint| match constraint.rule {
            Rule::ForeignKey { columns, .. } => columns.contains(&column.name),
            _ => false,
        });
        let mut values: Vec<String> = column.other.iter().map(|sql| (*sql).to_owned()).collect();
        for check in checks {
            for reject in check.rejects {
                let given = reject.given.iter().filter(|(name, _)| *name == column.name);
                values.extend(given.map(|(_, sql)| (*sql).to_owned()));
                if reject.column == column.name {
                    values.push(reject.literal.to_owned());
                }
            }
            if !refers {
                named(&check.condition, column.name, Some(table), &mut values);
            }
        }
        if column.ty == ColumnType::Boolean {
            values.extend(["true".to_owned(), "false".to_owned()]);
        }
        if column.nullable {
            values.push("null".to_owned());
        }
        let mut seen = std::collections::BTreeSet::from([column.probe.to_owned()]);
        values.retain(|value| seen.insert(value.clone()));
        pools.push((column.name, values));
    }
    pools
}

/// The values to which a condition compares a column, and the numbers beside them.
pub(super) fn named(condition: &Condition, column: &str, table: Option<&TableDef>, values: &mut Vec<String>) {
    match condition {
        Condition::Member(term, list) if term.column() == Some(column) => {
            values.extend(list.iter().map(|member| member.uncast().to_string()));
        }
        Condition::Compare(left, op, right) if !right.is_boolean() => {
            let other = match (left.column(), right.column()) {
                (Some(name), _) if name == column => right,
                (_, Some(name)) if name == column => left,
                _ => return,
            };
            let other = match other.column().and_then(|name| table?.column(name)) {
                Some(other) => other.probe.to_owned(),
                None => other.uncast().to_string(),
            };
            match other.parse::<i64>() {
                Ok(number) if *op != Op::Equal => {
                    values.extend([number, number + 1, number - 1].map(|number| number.to_string()));
                }
                _ => values.push(other),
            }
        }
        other => {
            for part in other.parts() {
                named(part, column, table, values);
            }
        }
    }
}
