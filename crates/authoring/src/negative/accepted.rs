//! Rows that must be accepted: one for each part of a CHECK that no rejected row shows, NULL among them, and
//! one for each column of a key.
//!
//! Not for: twins of rejected statements. The one fact to know: the rows are sought (`check_proof`), never
//! listed, and a part that neither kind of row shows can't be authored.

use std::collections::BTreeMap;

use manifest_model::check_proof::{CheckProof, Witness, passes};
use manifest_model::{Deferral, Rule, TableClass};

use super::row::{ProbeRow, other, varying_column};
use super::spec::Accept;
use super::table::Context;

/// The accepted rows of a table, in the order of its proof; then those of its keys.
pub fn accepted(context: &Context<'_>, proof: &CheckProof) -> Vec<Accept> {
    let mut shown: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for told in &proof.told {
        if let Witness::Accepted(number) = told.by {
            let what = format!("{} {}", told.constraint, told.change);
            shown.entry(number).or_default().push(what);
        }
    }
    let checks = proof.accepted.iter().zip(0..).map(|(row, number)| {
        let (probe, arrange) = beside_others(context, &row.set);
        Accept {
            id: accept_id(context, proof, number),
            row: words(&row.set),
            shows: shown.remove(&number).unwrap_or_default(),
            arrange,
            statement: probe.insert(),
        }
    });
    checks.chain(of_keys(context, proof)).collect()
}

/// The row with these values. A row that stands may have the same key: then another column of the key is varied,
/// or the key is out of the way; a surface's draft has no row beside it.
fn beside_others<'a>(context: &Context<'a>, set: &[(&'static str, String)]) -> (ProbeRow<'a>, Vec<String>) {
    let mut probe = set.iter().fold(context.row.clone(), |probe, (column, sql)| {
        probe.with(column, sql)
    });
    let mut arrange = Vec::new();
    let is_set = |column: &str| set.iter().any(|(name, _)| *name == column);
    for (key, columns) in context.table.keys() {
        if !columns.iter().any(|column| is_set(column)) {
            continue;
        }
        let can_vary = |column: &&&str| !is_set(column) && second_value(context, column).is_some();
        if let Some(column) = columns.iter().find(can_vary) {
            probe = probe.with(column, &second_value(context, column).unwrap_or_default());
        } else if !matches!(context.table.class, TableClass::Surface(_)) {
            arrange.push(format!(
                "alter table {} drop constraint {}",
                context.qualified(),
                key.name
            ));
        }
    }
    (probe, arrange)
}

/// A second value of a column that its CHECKs let pass and no reference refuses; none if none is known.
fn second_value(context: &Context<'_>, column: &str) -> Option<String> {
    let definition = context.table.written_columns().find(|one| one.name == column)?;
    if definition.other.is_some() {
        return Some(other(definition));
    }
    let refers = context
        .table
        .constraints
        .iter()
        .any(|constraint| match constraint.rule {
            Rule::ForeignKey {
                columns, deferral, ..
            } => deferral == Deferral::Restrict && columns.contains(&column),
            _ => false,
        });
    let literal = other(definition);
    (!refers && passes(context.table, &[(definition.name, literal.clone())])).then_some(literal)
}

/// `TABLE/accepted/CHECK.CHANGE`, after the first change that the row tells.
pub fn accept_id(context: &Context<'_>, proof: &CheckProof, number: usize) -> String {
    let first = proof
        .told
        .iter()
        .find(|told| told.by == Witness::Accepted(number))
        .map_or_else(String::new, |told| format!("{}.{}", told.constraint, told.change));
    format!("{}/accepted/{first}", context.table.name)
}

fn words(set: &[(&'static str, String)]) -> String {
    if set.is_empty() {
        return "the probe row".to_owned();
    }
    let values: Vec<String> = set
        .iter()
        .map(|(column, sql)| format!("{column} = {sql}"))
        .collect();
    values.join(", ")
}

/// `TABLE/accepted/KEY.COLUMN`.
pub fn key_id(context: &Context<'_>, key: &str, column: &str) -> String {
    format!("{}/accepted/{key}.{column}", context.table.name)
}

/// For each column of a key of several: two rows that differ in it, and agree in the others.
fn of_keys(context: &Context<'_>, proof: &CheckProof) -> Vec<Accept> {
    let mut found = Vec::new();
    for (key, columns) in context.table.keys() {
        for column in columns.iter().filter(|_| columns.len() > 1) {
            let Some(second) = second_row(context, proof, key.name, columns, column) else {
                continue;
            };
            found.push(Accept {
                id: key_id(context, key.name, column),
                row: format!("a second row that differs in {column}"),
                shows: vec![format!("{} column_left_out.{column}", key.name)],
                arrange: vec![context.row.insert()],
                statement: second.insert(),
            });
        }
    }
    found
}

/// A row that differs from the probe row in one column of the key, and in every other key.
fn second_row<'a>(
    context: &Context<'a>,
    proof: &CheckProof,
    key: &str,
    columns: &[&str],
    column: &str,
) -> Option<ProbeRow<'a>> {
    let mut row = with_another(context, proof, columns, column)?;
    for (another, its) in context.table.keys() {
        if another.name != key
            && !its.contains(&column)
            && let Some(varied) = varying_column(context.table, its, columns)
        {
            row = row.with_other(varied);
        }
    }
    (row.literal(column) != context.row.literal(column)).then_some(row)
}

/// The probe row with a second value in a column of a key: its own, or one that its CHECKs were shown to let
/// pass; none if there is but one value.
fn with_another<'a>(
    context: &Context<'a>,
    proof: &CheckProof,
    columns: &[&str],
    column: &str,
) -> Option<ProbeRow<'a>> {
    if let Some(literal) = second_value(context, column) {
        return Some(context.row.clone().with(column, &literal));
    }
    let only_in_it = |row: &&manifest_model::check_proof::AcceptedRow| {
        row.set.iter().any(|(name, _)| *name == column)
            && row
                .set
                .iter()
                .all(|(name, _)| *name == column || !columns.contains(name))
    };
    let row = proof.accepted.iter().find(only_in_it)?;
    let set = row.set.iter();
    Some(set.fold(context.row.clone(), |probe, (name, sql)| probe.with(name, sql)))
}
