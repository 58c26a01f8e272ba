//! The table that a reviewer reads: one line a test, nothing volatile.
//!
//! No message, routine, oid, time or path: what stays the same stays the same over runs and
//! majors, so a line that changes is a rejection that changed its cause.

use crate::bypass::BypassOutcome;
use crate::outcome::{AttackOutcome, SpecOutcome};

/// Renders the realized rejections of one spec as aligned columns.
pub fn render_table(spec: &SpecOutcome) -> String {
    let prefix = format!("{}/", spec.table);
    let mut rows = vec![["test", "mutation", "sqlstate", "phase", "refused by", "cause"].map(str::to_owned)];
    for test in &spec.tests {
        let id = test.id.strip_prefix(&prefix).unwrap_or(&test.id).to_owned();
        let (sqlstate, phase, by) = match &test.rejection {
            Some(r) if r.sqlstate.is_empty() => ("-".to_owned(), "ACCEPTED".to_owned(), "-".to_owned()),
            // As expected: then in the words that hold on every major.
            Some(r) if test.rejected => (test.sqlstate.clone(), r.phase.clone(), refused_by(r)),
            Some(r) => (r.sqlstate.clone(), r.phase.clone(), refused_by(r)),
            None => ("-".to_owned(), "ARRANGE_FAILED".to_owned(), "-".to_owned()),
        };
        rows.push([
            id,
            test.mutation.clone(),
            sqlstate,
            phase,
            by,
            test.cause.to_string(),
        ]);
    }
    let mut rows = aligned(&rows).into_iter();
    let mut lines: Vec<String> = rows.next().into_iter().collect();
    for (row, test) in rows.zip(&spec.tests) {
        lines.push(row);
        if !test.sole_cause {
            lines.push("  NOT THE SOLE CAUSE".to_owned());
        } else if test.removal.len() > 1 {
            // More than the cause itself had to go, so a reviewer sees all of it [ruling A9].
            lines.extend(test.removal.iter().map(|sql| format!("  removed: {sql}")));
        }
    }
    lines.extend(accepted(spec));
    lines.join("\n")
}

/// The rows that must be accepted: a line for each part of a constraint that rests on one.
fn accepted(spec: &SpecOutcome) -> Vec<String> {
    if spec.accepted.is_empty() {
        return Vec::new();
    }
    // What all names of the table begin with says nothing here.
    let prefix = format!("{}_", spec.table);
    let mut rows = vec![["part", "ended", "row that rests on it"].map(str::to_owned)];
    for row in &spec.accepted {
        let ended = if row.why.is_none() { "accepted" } else { "REFUSED" };
        for part in &row.shows {
            let part = part.strip_prefix(&prefix).unwrap_or(part);
            rows.push([part.to_owned(), ended.to_owned(), row.row.clone()]);
        }
    }
    std::iter::once(String::new()).chain(aligned(&rows)).collect()
}

/// Renders how the attempts of one family ended, as aligned columns.
pub fn render_attacks<'a>(attempts: impl Iterator<Item = &'a AttackOutcome>) -> String {
    let mut rows = vec![["attempt", "by", "ended", "shield"].map(str::to_owned)];
    rows.extend(attempts.map(|one| [&one.id, &one.personas, &one.ended, &one.shield].map(Clone::clone)));
    aligned(&rows).join("\n")
}

/// The ways around, a line each.
pub fn render_bypasses(bypass: &BypassOutcome) -> String {
    let mut rows = vec![["vector", "attempt", "ended", "seen by"].map(str::to_owned)];
    rows.extend(bypass.facts.iter().map(|one| {
        let seen = if one.seen { "" } else { "NOT " };
        let by = format!("{seen}{} {}", one.guard, one.probe);
        [one.vector.clone(), one.id.clone(), one.ended.clone(), by]
    }));
    aligned(&rows).join("\n")
}

fn aligned<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> Vec<String> {
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let line = |row: &[String; COLUMNS]| {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn refused_by(rejection: &crate::rejection::Rejection) -> String {
    let object = match (&rejection.schema, &rejection.table) {
        (Some(schema), Some(table)) => format!("{schema}.{table}"),
        _ => String::new(),
    };
    let parts = [
        Some(object),
        rejection.column.as_ref().map(|name| format!("column {name}")),
        rejection
            .constraint
            .as_ref()
            .map(|name| format!("constraint {name}")),
        rejection.data_type.as_ref().map(|name| format!("type {name}")),
        rejection.reason.clone(),
    ];
    let text = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if text.is_empty() { "-".to_owned() } else { text }
}
