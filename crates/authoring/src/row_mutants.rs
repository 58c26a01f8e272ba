//! Mutants of rows: a row left out, one value changed, a gap between ordinals.
//!
//! Not for: definitions (`mutants`). The one fact to know: of a long surface rows are taken evenly, the first
//! and the last among them; every typed column that holds a value is changed in one row at least.

use std::collections::{BTreeMap, BTreeSet};

use canonical::Value;
use manifest_model::{ControlPlane, Rule, TableDef};
use sql_render::literal;

use crate::Sources;
use crate::error::AuthorError;
use crate::files::Files;
use crate::index;
use crate::item::{SurfaceRows, Version, versions};
use crate::mutants::Check;
use crate::seeds;

/// Rows of a surface that are left out, and rows of which a value is changed.
const ROWS_MAX: usize = 12;
/// What a changed value may be refused with: a key, a reference, a CHECK or domain.
const VALUE_REFUSED: &[&str] = &["23503", "23505", "23514"];

/// One changed row.
#[derive(Debug, Clone)]
pub struct RowMutant {
    /// `TABLE/OPERATOR/WHAT`.
    pub id: String,
    /// The table, which is its file and what its check is asked about.
    pub table: &'static str,
    /// `surface #09 readiness_gate_manifest`.
    pub subject: String,
    /// As a reviewer would say it.
    pub words: String,
    /// The statements.
    pub delta: Vec<String>,
    /// SQLSTATEs with which the server may refuse it.
    pub or_refused: &'static [&'static str],
    /// The check that must name it.
    pub check: &'static str,
    /// What it must name.
    pub name: String,
    change: RowChange,
}

#[derive(Debug, Clone)]
enum RowChange {
    LeftOut(usize),
    Value(usize, usize, Value),
    Gap,
}

/// Every row mutant of these versions.
pub fn all(plane: &ControlPlane, versions: &[Version]) -> Vec<RowMutant> {
    let mut found = Vec::new();
    for version in versions {
        let table = version.surface.definition();
        left_out(plane, version, &mut found);
        values(plane, version, &table, &mut found);
        gap(plane, version, &mut found);
    }
    found
}

fn mutant(
    version: &Version,
    operator: &str,
    what: &str,
    check: &'static str,
    change: RowChange,
) -> RowMutant {
    let table = version.surface.table;
    RowMutant {
        id: format!("{table}/{operator}/{what}"),
        table,
        subject: format!("surface #{:02} {table}", version.surface.number),
        words: String::new(),
        delta: Vec::new(),
        or_refused: &[],
        check,
        name: what.to_owned(),
        change,
    }
}

/// Rows taken evenly, the first and the last among them.
fn evenly(rows: usize) -> Vec<usize> {
    let wanted = rows.min(ROWS_MAX);
    let at = |number: usize| {
        if wanted < 2 {
            0
        } else {
            number * (rows - 1) / (wanted - 1)
        }
    };
    (0..wanted).map(at).collect()
}

fn this_row(plane: &ControlPlane, version: &Version, row: usize) -> (String, String) {
    let table = format!("{}.{}", plane.schema, version.surface.table);
    let which = format!(
        "manifest_id = {} and item_key = {}",
        literal::text(&version.manifest_id()),
        literal::text(&version.rows[row].key)
    );
    (table, which)
}

/// A surface without any row is refused by a rule of its own, so the last one stays.
fn left_out(plane: &ControlPlane, version: &Version, found: &mut Vec<RowMutant>) {
    for row in evenly(version.rows.len()) {
        let key = &version.rows[row].key;
        let mut one = mutant(
            version,
            "row_left_out",
            key,
            "rows_missing",
            RowChange::LeftOut(row),
        );
        let (table, which) = this_row(plane, version, row);
        one.words = format!("row {key} left out");
        one.delta = vec![format!("delete from {table} where {which}")];
        found.push(one);
    }
}

fn values(plane: &ControlPlane, version: &Version, table: &TableDef, found: &mut Vec<RowMutant>) {
    let typed = version
        .surface
        .columns
        .iter()
        .filter(|column| column.generated.is_none());
    let names: Vec<&'static str> = typed.map(|column| column.name).collect();
    let changed = |row: usize, column: usize| another(version.rows[row].values.get(column)?);
    let mut cells = BTreeSet::new();
    for (row, turn) in evenly(version.rows.len()).into_iter().zip(0..) {
        // From row to row the next column has its turn, or the first after it that holds a value.
        let mut turned = (0..names.len()).map(|step| (turn + step) % names.len());
        cells.extend(
            turned
                .find(|column| changed(row, *column).is_some())
                .map(|column| (row, column)),
        );
    }
    for column in 0..names.len() {
        if !cells.iter().any(|(_, other)| *other == column) {
            let mut rows = 0..version.rows.len();
            cells.extend(
                rows.find(|row| changed(*row, column).is_some())
                    .map(|row| (row, column)),
            );
        }
    }
    for (row, column) in cells {
        let Some(value) = changed(row, column) else {
            continue;
        };
        let (key, name) = (&version.rows[row].key, names[column]);
        let (qualified, which) = this_row(plane, version, row);
        let mut one = mutant(
            version,
            "value_changed",
            key,
            "rows_digested",
            RowChange::Value(row, column, value.clone()),
        );
        one.id = format!("{}/value_changed/{key}.{name}", version.surface.table);
        one.words = format!("row {key}: another {name}");
        one.delta = vec![format!(
            "update {qualified} set {name} = {} where {which}",
            literal::value(&value)
        )];
        if !is_free(table, name) {
            one.or_refused = VALUE_REFUSED;
        }
        found.push(one);
    }
}

/// Whether no key, reference or CHECK speaks of a column, and its domain takes any such value.
fn is_free(table: &TableDef, name: &str) -> bool {
    let is_key = |columns: &[&str]| columns.contains(&name);
    table.constraints.iter().all(|constraint| match constraint.rule {
        Rule::PrimaryKey(columns) | Rule::Unique(columns) | Rule::ForeignKey { columns, .. } => {
            !is_key(columns)
        }
        Rule::Check { expression, .. } => !crate::negative::row::mentions(expression, name),
    })
}

/// Another value of the same kind; none for NULL, and for kinds that rows do not have.
fn another(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Bool(it) => Value::Bool(!it),
        Value::Integer(it) => Value::Integer(it + 1),
        Value::Text(it) => Value::Text(format!("{it}~")),
        Value::Bytes(it) => Value::Bytes(it.iter().map(|byte| byte ^ 1).collect()),
        Value::Numeric(it) => Value::Numeric(format!("1{it}").parse().ok()?),
        _ => return None,
    })
}

fn gap(plane: &ControlPlane, version: &Version, found: &mut Vec<RowMutant>) {
    let last = version.rows.len();
    if last == 0 {
        return;
    }
    let key = &version.rows[last - 1].key;
    let mut one = mutant(version, "ordinal_gap", key, "rows_in_order", RowChange::Gap);
    let (table, which) = this_row(plane, version, last - 1);
    one.words = format!("a gap before the last row, {key}");
    one.name = format!("expected ordinal {last}, found {}", last + 1);
    one.delta = vec![format!("update {table} set ordinal = {} where {which}", last + 1)];
    found.push(one);
}

/// The queries behind the checks' names: the seal's own checks, asked about a draft.
pub fn checks(plane: &ControlPlane) -> Vec<Check> {
    let schema = plane.schema;
    let named = [
        (
            "rows_missing",
            "check_item_missing",
            "pg_catalog.split_part(v.detail, ' ', 3)",
        ),
        (
            "rows_digested",
            "check_item_digest_mismatch",
            "pg_catalog.split_part(v.detail, ' ', 5)",
        ),
        ("rows_in_order", "check_ordinal_not_contiguous", "v.detail"),
    ];
    let exists = |check: &str| plane.routines.iter().any(|routine| routine.name == check);
    named
        .into_iter()
        .filter(|(_, check, _)| exists(check))
        .map(|(name, check, what)| Check {
            name,
            sql: format!(
                "select {what} from {schema}.surface_table t join {schema}.manifest_envelope e on e.surface_no = t.surface_no cross join lateral {schema}.{check}(e.manifest_id, e.surface_no) v where t.table_name = '{{object}}'"
            ),
        })
        .collect()
}

/// The seed files of the mutated rows that differ from the committed ones, by path. A row that is left out is
/// one that nobody wrote, so digests and ordinals follow; a changed value and a gap keep their digests.
///
/// # Errors
/// A row that has no canonical encoding.
pub fn rebuilt(
    sources: &Sources<'_>,
    sound: &[Version],
    mutant: &RowMutant,
) -> Result<BTreeMap<String, String>, AuthorError> {
    let mut mutated: Vec<Version> = Vec::with_capacity(sound.len());
    for version in sound {
        let mut version = version.clone();
        if version.surface.table == mutant.table {
            match &mutant.change {
                RowChange::LeftOut(row) => version = without(&version, *row)?,
                RowChange::Value(row, column, value) => {
                    version.rows[*row].values[*column] = value.clone();
                }
                RowChange::Gap => {
                    if let Some(last) = version.ordinals.last_mut() {
                        *last += 1;
                    }
                }
            }
        }
        mutated.push(version);
    }
    let files_of = |versions: &[Version]| -> Result<Files, AuthorError> {
        let mut files = Files::default();
        index::add_scripts(
            &mut files,
            "seeds",
            sources.plane,
            &seeds::scripts(sources, versions)?,
        );
        Ok(files)
    };
    let (sound, mutated) = (files_of(sound)?, files_of(&mutated)?);
    let differing = mutated
        .iter()
        .filter(|(path, text)| sound.get(path) != Some(*text));
    Ok(differing
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect())
}

fn without(version: &Version, row: usize) -> Result<Version, AuthorError> {
    let mut rows = version.rows.clone();
    rows.remove(row);
    let surfaces = [SurfaceRows {
        surface: version.surface,
        rows,
    }];
    let accepted = BTreeMap::from([(version.surface.table.to_owned(), version.expected.clone())]);
    let mut all = versions(&surfaces, &accepted, version.version)?;
    Ok(all.pop().unwrap_or_else(|| version.clone()))
}
