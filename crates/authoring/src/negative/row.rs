//! Probe rows: a fresh valid row of a table, as literals, and its variations.

use manifest_model::{Column, ColumnType, Constraint, Rule, TableDef};

/// A row to insert: column and literal of each written column.
#[derive(Debug, Clone)]
pub struct ProbeRow<'a> {
    table: String,
    columns: Vec<(&'a Column, String)>,
}

impl<'a> ProbeRow<'a> {
    /// The row that the columns' probes make up; `{cp}` in a probe is the schema.
    pub fn new(schema: &str, table: &'a TableDef) -> Self {
        let columns = table
            .written_columns()
            .map(|column| (column, column.probe.replace("{cp}", schema)))
            .collect();
        Self {
            table: format!("{schema}.{}", table.name),
            columns,
        }
    }

    /// The same with a column set; `{cp}` is the schema.
    #[must_use]
    pub fn with(mut self, name: &str, literal: &str) -> Self {
        let schema = self.table.split('.').next().unwrap_or_default();
        let literal = literal.replace("{cp}", schema);
        for (column, value) in &mut self.columns {
            if column.name == name {
                value.clone_from(&literal);
            }
        }
        self
    }

    /// The same with a second valid value in a column.
    #[must_use]
    pub fn with_other(self, name: &str) -> Self {
        let other = self
            .columns
            .iter()
            .find(|(column, _)| column.name == name)
            .map(|(column, _)| other(column));
        match other {
            Some(literal) => self.with(name, &literal),
            None => self,
        }
    }

    /// Literal of a column.
    pub fn literal(&self, name: &str) -> &str {
        self.columns
            .iter()
            .find(|(column, _)| column.name == name)
            .map_or("null", |(_, value)| value)
    }

    /// As one insert.
    pub fn insert(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(column, _)| column.name).collect();
        let values: Vec<&str> = self.columns.iter().map(|(_, value)| value.as_str()).collect();
        format!(
            "insert into {} ({}) values ({})",
            self.table,
            names.join(", "),
            values.join(", ")
        )
    }
}

/// A second valid value of a column.
pub fn other(column: &Column) -> String {
    if let Some(literal) = column.other {
        return literal.to_owned();
    }
    match column.ty {
        ColumnType::Text | ColumnType::NonemptyText | ColumnType::ItemKey => "'negative-other'".to_owned(),
        ColumnType::Ordinal | ColumnType::Integer | ColumnType::Bigint => "8999".to_owned(),
        ColumnType::Numeric => "8999.5".to_owned(),
        ColumnType::Boolean => "false".to_owned(),
        ColumnType::Sha256 => format!("'\\x{}'", "0a".repeat(32)),
        ColumnType::Timestamp => "'2026-01-02 00:00:00+00'".to_owned(),
        ColumnType::Uuid => "'00000000-0000-8000-8000-0000000000f2'".to_owned(),
        ColumnType::Jsonb => "'{}'".to_owned(),
    }
}

/// A value that no foreign key resolves.
pub fn unknown(column: &Column) -> String {
    match column.ty {
        ColumnType::Uuid => "'ffffffff-ffff-8fff-bfff-ffffffffffff'".to_owned(),
        ColumnType::Integer | ColumnType::Bigint | ColumnType::Ordinal => "999999".to_owned(),
        _ => "'no-such-thing'".to_owned(),
    }
}

/// Whether a column may take any value of its type: no foreign key and no CHECK speaks of it.
pub fn is_free(table: &TableDef, name: &str) -> bool {
    table.constraints.iter().all(|constraint| match constraint.rule {
        Rule::ForeignKey { columns, .. } => !columns.contains(&name),
        Rule::Check { expression, .. } => !mentions(expression, name),
        _ => true,
    })
}

/// Whether an expression speaks of a column.
pub fn mentions(expression: &str, name: &str) -> bool {
    expression
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .any(|word| word == name)
}

/// The column of a key that a variation changes: a free one if there is one, the last otherwise; never
/// one that the harness fixes, and none that another key's duplicate would need.
pub fn varying_column<'a>(table: &TableDef, key: &[&'a str], shared: &[&str]) -> Option<&'a str> {
    let candidates: Vec<&str> = key
        .iter()
        .copied()
        .filter(|name| !shared.contains(name) && !matches!(*name, "manifest_id" | "surface_no"))
        .collect();
    candidates
        .iter()
        .copied()
        .find(|name| is_free(table, name))
        .or_else(|| {
            candidates
                .iter()
                .copied()
                .find(|name| table.column(name).is_some_and(|c| c.other.is_some()))
        })
        .or_else(|| candidates.last().copied())
        .or_else(|| key.iter().copied().find(|name| !shared.contains(name)))
}

/// A row that has the key of `row` and differs from it in every other key.
pub fn rival<'a>(table: &TableDef, row: &ProbeRow<'a>, tested: &Constraint) -> ProbeRow<'a> {
    let mut rival = row.clone();
    let tested_columns: &[&str] = match tested.rule {
        Rule::PrimaryKey(columns) | Rule::Unique(columns) => columns,
        _ => &[],
    };
    for (key, columns) in table.keys() {
        if key.name != tested.name
            && let Some(column) = varying_column(table, columns, tested_columns)
        {
            rival = rival.with_other(column);
        }
    }
    rival
}
