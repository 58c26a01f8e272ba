//! Tables: their names, columns, constraints, indexes and triggers.

use std::collections::{BTreeMap, BTreeSet};

use super::{NAME_BYTES_MAX, Problems};
use crate::check_proof;
use crate::column::Column;
use crate::constraint::Rule;
use crate::control_plane::ControlPlane;
use crate::table::TableDef;

/// Whether `name` is a plain lower-case SQL identifier of legal length; says what is wrong if not.
pub fn name_problem(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("expected a name, found none; every object and constraint is named".to_owned());
    }
    if name.len() > NAME_BYTES_MAX {
        return Some(format!(
            "expected at most {NAME_BYTES_MAX} bytes, found {}; the server would cut it to `{}` with only a notice",
            name.len(),
            &name[..NAME_BYTES_MAX]
        ));
    }
    let mut bytes = name.bytes();
    let head = bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_');
    if !head || !bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Some(format!(
            "expected lower-case ASCII letters, digits and `_`, found `{name}`"
        ));
    }
    None
}

pub(super) fn names(tables: &[TableDef], found: &mut Problems) {
    let mut relations: BTreeMap<&str, String> = BTreeMap::new();
    for table in tables {
        if let Some(what) = name_problem(table.name) {
            found.add(table.source, table.name, what);
        }
        // Keys and indexes are relations too and share the schema's name space.
        let owned = std::iter::once(table.name)
            .chain(table.keys().map(|(constraint, _)| constraint.name))
            .chain(table.indexes.iter().map(|index| index.name));
        for name in owned {
            if let Some(first) = relations.insert(name, table.name.to_owned()) {
                found.add(
                    table.source,
                    format!("{}.{name}", table.name),
                    format!("the name is taken by `{first}`; relation names are unique in a schema"),
                );
            }
        }
        let mut seen = BTreeSet::new();
        for name in table
            .constraints
            .iter()
            .map(|c| c.name)
            .chain(table.triggers.iter().map(|t| t.name))
            .chain(table.indexes.iter().map(|i| i.name))
        {
            if let Some(what) = name_problem(name) {
                found.add(table.source, format!("{}.{name}", table.name), what);
            }
            if !seen.insert(name) {
                found.add(
                    table.source,
                    format!("{}.{name}", table.name),
                    "the name is used twice on this table",
                );
            }
        }
    }
}

pub(super) fn columns(table: &TableDef, found: &mut Problems) {
    let mut seen = BTreeSet::new();
    for column in &table.columns {
        let item = format!("{}.{}", table.name, column.name);
        if let Some(what) = name_problem(column.name) {
            found.add(table.source, &item, what);
        }
        if !seen.insert(column.name) {
            found.add(table.source, &item, "the column is defined twice");
        }
        let harness_fills = matches!(column.name, "manifest_id" | "ordinal");
        if column.generated.is_none() && column.probe.is_empty() && !harness_fills {
            found.add(
                table.source,
                &item,
                "expected a probe literal, found none; its negative tests can't be made without one",
            );
        }
        if column.doc.is_empty() {
            found.add(
                table.source,
                &item,
                "expected a sentence that says why the column exists, found none",
            );
        }
    }
    if table.primary_key().is_none() {
        found.add(table.source, table.name, "expected a primary key, found none");
    }
}

fn unknown_columns(table: &TableDef, item: &str, columns: &[&str], found: &mut Problems) {
    for name in columns {
        if table.column(name).is_none() {
            let what = format!("names the column `{name}`, which `{}` does not have", table.name);
            found.add(table.source, item, what);
        }
    }
}

pub(super) fn constraints(table: &TableDef, tables: &[TableDef], found: &mut Problems) {
    for constraint in &table.constraints {
        let item = format!("{}.{}", table.name, constraint.name);
        match constraint.rule {
            Rule::PrimaryKey(columns) | Rule::Unique(columns) => {
                unknown_columns(table, &item, columns, found);
            }
            Rule::ForeignKey {
                columns,
                table: target,
                references,
                ..
            } => {
                unknown_columns(table, &item, columns, found);
                match tables.iter().find(|other| other.name == target) {
                    None => found.add(
                        table.source,
                        &item,
                        format!("refers to `{target}`, which this control plane does not define"),
                    ),
                    Some(other) if !other.keys().any(|(_, key)| key == references) => found.add(
                        table.source,
                        &item,
                        format!(
                            "refers to `{target}` ({}), which is no key of it",
                            references.join(", ")
                        ),
                    ),
                    Some(_) => {}
                }
            }
            Rule::Check { rejects, .. } => {
                if rejects.is_empty() {
                    found.add(
                        table.source,
                        &item,
                        "expected at least one value that it must reject, found none; a constraint without a negative test can't be authored",
                    );
                }
                for reject in rejects {
                    let mut columns = vec![reject.column];
                    columns.extend(reject.given.iter().map(|(column, _)| *column));
                    unknown_columns(table, &item, &columns, found);
                }
            }
        }
    }
}

/// A part of a CHECK that no value shows could be changed and nobody would notice.
pub(super) fn checks(table: &TableDef, found: &mut Problems) {
    for (constraint, what) in check_proof::prove(table).missing {
        let item = format!("{}.{constraint}", table.name);
        // A CHECK that is unfit as it stands is mended first.
        if !found.0.iter().any(|problem| problem.item == item) {
            found.add(table.source, item, what);
        }
    }
}

pub(super) fn domains(plane: &ControlPlane, tables: &[TableDef], found: &mut Problems) {
    for domain in plane.domains {
        let proof = check_proof::prove_domain(tables, domain);
        proof
            .missing
            .into_iter()
            .for_each(|what| found.add("", domain.check_name, what));
    }
}

/// A rule is stated once: what another constraint implies could never be the sole cause [ruling A9].
pub(super) fn implied(table: &TableDef, found: &mut Problems) {
    let keys: Vec<_> = table.keys().collect();
    for (constraint, columns) in &keys {
        for (other, inner) in &keys {
            if constraint.name != other.name && inner.iter().all(|column| columns.contains(column)) {
                found.add(
                    table.source,
                    format!("{}.{}", table.name, constraint.name),
                    format!("is implied by `{}`: its columns contain that key, so nothing could ever be rejected by it alone; drop one of the two", other.name),
                );
            }
        }
    }
    for constraint in &table.constraints {
        let Rule::Check { expression, .. } = constraint.rule else {
            continue;
        };
        let item = format!("{}.{}", table.name, constraint.name);
        for Column { name, nullable, .. } in &table.columns {
            if !nullable && expression == format!("({name} IS NOT NULL)") {
                found.add(
                    table.source,
                    &item,
                    format!("is implied by NOT NULL of `{name}`; drop one of the two"),
                );
            }
            // The server prints a column of a domain type with a cast.
            let is_list = expression.starts_with(&format!("({name} = ANY (ARRAY["))
                || expression.starts_with(&format!("(({name})::text = ANY (ARRAY["));
            let has_fk = table.constraints.iter().any(
                |other| matches!(other.rule, Rule::ForeignKey { columns, .. } if columns.contains(name)),
            );
            if is_list && has_fk {
                found.add(table.source, &item, format!("lists the values of `{name}`, which a foreign key already bounds; drop one of the two"));
            }
        }
        for other in &table.constraints {
            if other.name != constraint.name && other.rule == constraint.rule {
                found.add(
                    table.source,
                    &item,
                    format!("is the same as `{}`; drop one of the two", other.name),
                );
            }
        }
    }
}

pub(super) fn indexes(table: &TableDef, found: &mut Problems) {
    for index in &table.indexes {
        for name in index.columns {
            if table.column(name).is_none() {
                found.add(
                    table.source,
                    format!("{}.{}", table.name, index.name),
                    format!("names the column `{name}`, which `{}` does not have", table.name),
                );
            }
        }
    }
    for constraint in &table.constraints {
        let Rule::ForeignKey { columns, .. } = constraint.rule else {
            continue;
        };
        let covers = |index: &[&str]| {
            index.len() >= columns.len()
                && columns
                    .iter()
                    .all(|column| index[..columns.len()].contains(column))
        };
        // The envelope key of a child is narrowed enough by manifest_id, which leads its primary key.
        let by_manifest = columns.first() == Some(&"manifest_id")
            && table.primary_key().and_then(<[_]>::first) == Some(&"manifest_id");
        if !by_manifest
            && !table.keys().any(|(_, key)| covers(key))
            && !table.indexes.iter().any(|index| covers(index.columns))
        {
            found.add(
                table.source,
                format!("{}.{}", table.name, constraint.name),
                format!(
                    "expected an index that leads with ({}), found none",
                    columns.join(", ")
                ),
            );
        }
    }
}

pub(super) fn triggers(table: &TableDef, plane: &ControlPlane, found: &mut Problems) {
    for trigger in &table.triggers {
        if !plane
            .routines
            .iter()
            .any(|routine| routine.name == trigger.routine)
        {
            found.add(
                table.source,
                format!("{}.{}", table.name, trigger.name),
                format!(
                    "calls `{}`, which this control plane does not define",
                    trigger.routine
                ),
            );
        }
    }
}
