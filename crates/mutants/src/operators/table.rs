//! Mutants of one table: its columns, CHECKs, keys, references, indexes and triggers.
//!
//! Not for: columns of a primary key made nullable, which a key does not allow and no server would store.
//! The one fact to know: a list of columns or events is changed by one entry at a time, each entry once.

use std::collections::BTreeSet;

use manifest_model::{ColumnType, Constraint, Deferral, Rule, TableClass, TableDef, TriggerLevel};

use crate::change::{Change, Mutant, Red};
use crate::expression;

/// A key that others refer to can't go.
const KEY_REFUSED: &[&str] = &["2BP01"];
/// One column less may make rows equal.
const ROWS_REFUSED: &[&str] = &["23505"];
/// Rows may hold what the narrower CHECK rejects.
const CHECK_REFUSED: &[&str] = &["23514"];
/// Rows may hold NULL.
const NULL_REFUSED: &[&str] = &["23502"];
/// Fewer columns are no key of the table that is referred to.
const REFERENCE_REFUSED: &[&str] = &["42830"];

/// Rows, keys, references, CHECKs, defaults, views and bodies may not fit another type.
const TYPE_REFUSED: &[&str] = &["0A000", "23514", "42804", "42846", "42883"];

/// The type that is likest.
const fn another_type(ty: ColumnType) -> ColumnType {
    match ty {
        ColumnType::Text => ColumnType::NonemptyText,
        ColumnType::Ordinal | ColumnType::Bigint => ColumnType::Integer,
        ColumnType::Integer => ColumnType::Bigint,
        _ => ColumnType::Text,
    }
}

struct Table<'a> {
    base: &'a TableDef,
    all: &'a [TableDef],
    /// Words of views.
    read: &'a BTreeSet<String>,
    out: &'a mut Vec<Mutant>,
}

/// Every mutant of a table.
pub(super) fn mutate(base: &TableDef, all: &[TableDef], read: &BTreeSet<String>, out: &mut Vec<Mutant>) {
    let mut table = Table { base, all, read, out };
    table.columns();
    for at in 0..base.constraints.len() {
        match base.constraints[at].rule {
            Rule::Check { expression, .. } => table.check(at, expression),
            Rule::PrimaryKey(columns) | Rule::Unique(columns) => table.key(at, columns),
            Rule::ForeignKey {
                columns,
                references,
                deferral,
                ..
            } => table.reference(at, columns, references, deferral),
        }
    }
    table.indexes();
    table.triggers();
}

/// What a table is called where it is defined.
fn subject(table: &TableDef) -> String {
    let class = match table.class {
        TableClass::Surface(number) => return format!("surface #{number:02} {}", table.name),
        TableClass::RuntimeEvidence => "evidence",
        TableClass::Anchor => "anchor",
        TableClass::Registry => "registry",
        TableClass::Catalog => "catalog",
    };
    format!("{class} {}", table.name)
}

impl Table<'_> {
    fn add(
        &mut self,
        operator: &str,
        what: &str,
        words: String,
        name: &str,
        or_refused: &'static [&'static str],
        mutate: impl FnOnce(&mut TableDef),
    ) {
        let mut mutated = self.base.clone();
        mutate(&mut mutated);
        self.out.push(Mutant {
            file: self.base.name,
            subject: subject(self.base),
            id: format!("{}/{operator}/{what}", self.base.name),
            words,
            change: Change::Table(Box::new(self.base.clone()), Box::new(mutated)),
            red: Red::ExactSet {
                relation: self.base.name.to_owned(),
                name: name.to_owned(),
            },
            or_refused,
        });
    }

    fn columns(&mut self) {
        let key = self.base.primary_key().unwrap_or_default();
        for (at, column) in self.base.columns.iter().enumerate() {
            let name = column.name;
            if column.generated.is_none() && !key.contains(&name) {
                let refused = if column.nullable { NULL_REFUSED } else { &[] };
                let words = format!("column {name} nullable flipped");
                self.add("nullable_flipped", name, words, name, refused, |table| {
                    table.columns[at].nullable = !column.nullable;
                });
            }
            if column.generated.is_none() {
                let ty = another_type(column.ty);
                let refused = if self.is_free(name) { &[] } else { TYPE_REFUSED };
                let words = format!("column {name}: type {:?} became {ty:?}", column.ty);
                self.add("type_changed", name, words, name, refused, |table| {
                    table.columns[at].ty = ty;
                });
            }
            if let Some(default) = column.default {
                let words = format!("column {name} default {default} left out");
                self.add("default_left_out", name, words, name, &[], |table| {
                    table.columns[at].default = None;
                });
            }
        }
    }

    /// Whether nothing else is built on a column's type: no key, reference, CHECK, index, default or view.
    fn is_free(&self, name: &str) -> bool {
        let is_in = |columns: &[&str]| columns.contains(&name);
        let constraints = self
            .base
            .constraints
            .iter()
            .all(|constraint| match constraint.rule {
                Rule::PrimaryKey(columns) | Rule::Unique(columns) | Rule::ForeignKey { columns, .. } => {
                    !is_in(columns)
                }
                Rule::Check { expression, .. } => !expression.contains(name),
            });
        let default = self.base.column(name).and_then(|column| column.default);
        constraints
            && default.is_none()
            && !self.read.contains(name)
            && !self.base.indexes.iter().any(|index| is_in(index.columns))
    }

    fn check(&mut self, at: usize, sound: &'static str) {
        let Constraint { name, rule } = self.base.constraints[at];
        let Rule::Check { rejects, .. } = rule else { return };
        let set = |text: String| {
            let expression: &'static str = Box::leak(text.into_boxed_str());
            move |table: &mut TableDef| table.constraints[at].rule = Rule::Check { expression, rejects }
        };
        self.left_out(at, "CHECK", &[]);
        for (text, number) in expression::widened(sound).into_iter().zip(1..) {
            let words = format!("CHECK {name}: list {number} widened by a member");
            self.add(
                "list_widened",
                &format!("{name}.{number}"),
                words,
                name,
                &[],
                set(text),
            );
        }
        for (member, text) in expression::narrowed(sound) {
            let words = format!("CHECK {name}: member {member} left out");
            let what = format!("{name}.{member}");
            self.add("member_left_out", &what, words, name, CHECK_REFUSED, set(text));
        }
        for ((bound, text), number) in expression::loosened(sound).into_iter().zip(1..) {
            let words = format!("CHECK {name}: bound {bound} loosened by one");
            self.add(
                "bound_loosened",
                &format!("{name}.{number}"),
                words,
                name,
                &[],
                set(text),
            );
        }
        let words = format!("CHECK {name}: an alternative that always holds added");
        self.add(
            "alternative_added",
            name,
            words,
            name,
            &[],
            set(format!("({sound} OR true)")),
        );
    }

    fn left_out(&mut self, at: usize, what: &str, refused: &'static [&'static str]) {
        let name = self.base.constraints[at].name;
        let words = format!("{what} {name} left out");
        let operator = format!("{}_left_out", what.to_lowercase().replace(' ', "_"));
        self.add(&operator, name, words, name, refused, |table| {
            table.constraints.remove(at);
        });
    }

    /// Whether a foreign key refers to this key.
    fn is_referenced(&self, columns: &[&str]) -> bool {
        let name = self.base.name;
        self.all
            .iter()
            .flat_map(|table| &table.constraints)
            .any(|constraint| match constraint.rule {
                Rule::ForeignKey {
                    table, references, ..
                } => table == name && references == columns,
                _ => false,
            })
    }

    fn key(&mut self, at: usize, columns: &'static [&'static str]) {
        let Constraint { name, rule } = self.base.constraints[at];
        let over = |columns: Vec<&'static str>| {
            let columns: &'static [&'static str] = Box::leak(columns.into_boxed_slice());
            move |table: &mut TableDef| {
                table.constraints[at].rule = match rule {
                    Rule::PrimaryKey(_) => Rule::PrimaryKey(columns),
                    _ => Rule::Unique(columns),
                };
            }
        };
        let held: &[&str] = if self.is_referenced(columns) {
            KEY_REFUSED
        } else {
            &[]
        };
        if matches!(rule, Rule::Unique(_)) {
            self.left_out(at, "key", held);
        }
        if columns.len() > 1 {
            for column in columns {
                let words = format!("key {name} narrowed by column {column}");
                let rest = columns.iter().copied().filter(|other| other != column).collect();
                let what = format!("{name}.{column}");
                let refused = if held.is_empty() { ROWS_REFUSED } else { held };
                self.add("key_narrowed", &what, words, name, refused, over(rest));
            }
        }
        let free = self
            .base
            .written_columns()
            .find(|column| !column.nullable && !columns.contains(&column.name));
        if let Some(column) = free.map(|column| column.name) {
            let words = format!("key {name} widened by column {column}");
            let more = columns.iter().copied().chain([column]).collect();
            self.add("key_widened", name, words, name, held, over(more));
        }
    }

    fn reference(
        &mut self,
        at: usize,
        columns: &'static [&'static str],
        references: &'static [&'static str],
        deferral: Deferral,
    ) {
        let Constraint { name, rule } = self.base.constraints[at];
        let Rule::ForeignKey { table: target, .. } = rule else {
            return;
        };
        let set = |columns, references, deferral| {
            move |table: &mut TableDef| {
                table.constraints[at].rule = Rule::ForeignKey {
                    columns,
                    table: target,
                    references,
                    deferral,
                };
            }
        };
        self.left_out(at, "foreign key", &[]);
        let (other, word) = match deferral {
            Deferral::Restrict => (Deferral::Deferred, "deferred"),
            Deferral::Deferred => (Deferral::Restrict, "not deferrable"),
        };
        let words = format!("foreign key {name} made {word}");
        self.add(
            "deferral_swapped",
            name,
            words,
            name,
            &[],
            set(columns, references, other),
        );
        if columns.len() < 2 {
            return;
        }
        for (out, column) in columns.iter().enumerate() {
            let without = |names: &[&'static str]| -> &'static [&'static str] {
                let mut names = names.to_vec();
                names.remove(out);
                Box::leak(names.into_boxed_slice())
            };
            let words = format!("foreign key {name}: column {column} dropped");
            let what = format!("{name}.{column}");
            let fewer = set(without(columns), without(references), deferral);
            self.add("reference_narrowed", &what, words, name, REFERENCE_REFUSED, fewer);
        }
    }

    fn indexes(&mut self) {
        for (at, index) in self.base.indexes.iter().enumerate() {
            let words = format!("index {} left out", index.name);
            self.add("index_left_out", index.name, words, index.name, &[], |table| {
                table.indexes.remove(at);
            });
        }
    }

    fn triggers(&mut self) {
        for (at, trigger) in self.base.triggers.iter().enumerate() {
            let name = trigger.name;
            let words = format!("trigger {name} left out");
            self.add("trigger_left_out", name, words, name, &[], |table| {
                table.triggers.remove(at);
            });
            let Some((timing, events)) = trigger.events.split_once(' ') else {
                continue;
            };
            let events: Vec<&str> = events.split(" OR ").collect();
            for out in events.iter().filter(|_| events.len() > 1) {
                let rest: Vec<&str> = events.iter().copied().filter(|event| event != out).collect();
                let text: &'static str =
                    Box::leak(format!("{timing} {}", rest.join(" OR ")).into_boxed_str());
                let words = format!("trigger {name}: event {out} left out");
                let what = format!("{name}.{}", out.to_lowercase());
                self.add("event_left_out", &what, words, name, &[], |table| {
                    table.triggers[at].events = text;
                });
            }
            if trigger.level == TriggerLevel::Row {
                let words = format!("trigger {name} fires once a statement");
                self.add("level_swapped", name, words, name, &[], |table| {
                    table.triggers[at].level = TriggerLevel::Statement;
                });
            }
        }
    }
}
