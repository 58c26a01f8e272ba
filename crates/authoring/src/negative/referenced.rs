//! Referential actions: what a foreign key refuses of the table that it refers to, DELETE and UPDATE each.
//!
//! Not for: rows that refer to nothing (`table`). The one fact to know: a row of the other table is made that nobody
//! else refers to, and whatever else would refuse its going is out of the way; then it may go, unless one row here
//! refers to it.

use manifest_model::{Column, ColumnType, Constraint, Deferral, Rule, TableDef};

use super::row::{ProbeRow, mentions, other, unknown};
use super::spec::{Cause, Expect, Group, Test};
use super::table::Context;

/// A class of test, the kind of its cause, and the verb.
const ACTIONS: [(&str, &str, &str); 2] = [
    ("referenced_delete", "on_delete", "DELETE"),
    ("referenced_update", "on_update", "UPDATE"),
];

/// The id of the test of a foreign key's action, by the kind of its cause.
pub fn id(context: &Context<'_>, name: &str, kind: &str) -> String {
    let class = ACTIONS
        .iter()
        .find(|action| action.1 == kind)
        .map_or("", |action| action.0);
    format!("{}/{class}/{name}", context.table.name)
}

/// A group of two tests for each foreign key, on `base` and on what keeps all else out of the way.
pub fn groups(context: &Context<'_>, base: &[String]) -> Vec<Group> {
    let mut groups = Vec::new();
    for constraint in &context.table.constraints {
        let Rule::ForeignKey {
            columns,
            table,
            references,
            deferral,
        } = constraint.rule
        else {
            continue;
        };
        let Some(parent) = context.tables.iter().find(|other| other.name == table) else {
            continue;
        };
        let pair = Pair::new(context, parent, columns, references);
        let tests = ACTIONS.iter();
        let tests = tests.map(|action| test(context, constraint, &pair, deferral, action));
        let mut arranged = base.to_vec();
        arranged.extend(pair.arrange(context, constraint));
        groups.push(Group::of_tests(constraint.name, arranged, tests.collect()));
    }
    groups
}

fn test(
    context: &Context<'_>,
    constraint: &Constraint,
    pair: &Pair<'_>,
    deferral: Deferral,
    (class, kind, verb): &(&'static str, &'static str, &'static str),
) -> Test {
    let statement = match *verb {
        "DELETE" => pair.delete(),
        _ => pair.update(),
    };
    let mut test = context.test(
        class,
        constraint.name,
        format!("{verb} of a row of {} that is referred to", pair.parent.name),
        statement.clone(),
        statement,
    );
    let deferred = deferral == Deferral::Deferred;
    test.flush = deferred;
    test.change = vec![pair.child.insert()];
    test.cause = Cause {
        kind,
        object: context.qualified(),
        name: constraint.name.to_owned(),
    };
    test.removal = vec![format!(
        "alter table {} drop constraint {}",
        context.qualified(),
        constraint.name
    )];
    let phase = if deferred { "commit" } else { "fk" };
    test.expect =
        Expect::on("23503", context.plane.schema, context.table.name, phase).constraint(constraint.name);
    // RESTRICT has an SQLSTATE of its own from 18 on; NO ACTION keeps the old one.
    test.expect.sqlstate_from_18 = (!deferred).then(|| "23001".to_owned());
    test
}

/// A row of the table that is referred to, and one that refers to it.
struct Pair<'a> {
    schema: &'a str,
    parent: &'a TableDef,
    row: ProbeRow<'a>,
    child: ProbeRow<'a>,
    references: &'static [&'static str],
}

impl<'a> Pair<'a> {
    fn new(
        context: &Context<'a>,
        parent: &'a TableDef,
        columns: &'static [&'static str],
        references: &'static [&'static str],
    ) -> Self {
        let schema = context.plane.schema;
        let mut row = ProbeRow::new(schema, parent);
        let mut child = context.row.clone();
        for (name, referenced) in columns.iter().zip(references) {
            let generated = context.table.column(name).and_then(|column| column.generated);
            let value = match (generated, parent.column(referenced)) {
                // What refers is a constant, so what is referred to has it as well.
                (Some(constant), _) => constant.to_owned(),
                (None, Some(column)) => column.generated.map_or_else(|| fresh(column), str::to_owned),
                (None, None) => continue,
            };
            row = row.with(referenced, &value);
            child = child.with(name, &value);
        }
        Self {
            schema,
            parent,
            row,
            child,
            references,
        }
    }

    fn qualified(&self) -> String {
        format!("{}.{}", self.schema, self.parent.name)
    }

    fn place(&self) -> String {
        let at = |name: &&str| format!("{name} = {}", self.value(name));
        self.references.iter().map(at).collect::<Vec<_>>().join(" and ")
    }

    /// What a column that is referred to has in the row.
    fn value(&self, name: &str) -> String {
        match self.parent.column(name).and_then(|column| column.generated) {
            Some(constant) => constant.to_owned(),
            None => self.row.literal(name).to_owned(),
        }
    }

    fn delete(&self) -> String {
        format!("delete from {} where {}", self.qualified(), self.place())
    }

    fn update(&self) -> String {
        let written = |name: &&&str| self.parent.written_columns().any(|column| column.name == **name);
        let name = self.references.iter().find(written).copied().unwrap_or_default();
        let value = self.parent.column(name).map_or_else(String::new, another);
        format!(
            "update {} set {name} = {value} where {}",
            self.qualified(),
            self.place()
        )
    }

    /// The row of the other table, with nothing in the way of it or of its going but the foreign key.
    fn arrange(&self, context: &Context<'_>, constraint: &Constraint) -> Vec<String> {
        let mut statements = vec![format!("alter table {} disable trigger user", self.qualified())];
        let mut drop = |table: &str, name: &str| {
            statements.push(format!(
                "alter table {}.{table} drop constraint if exists {name}",
                self.schema
            ));
        };
        for table in context.tables {
            for one in table.constraints.iter().filter(|one| one.name != constraint.name) {
                let is_of_the_other = table.name == self.parent.name
                    && match one.rule {
                        Rule::PrimaryKey(columns) | Rule::Unique(columns) => columns != self.references,
                        Rule::Check { .. } | Rule::ForeignKey { .. } => true,
                    };
                let refers_too =
                    matches!(one.rule, Rule::ForeignKey { table, .. } if table == self.parent.name);
                let is_beside = table.name == context.table.name && speaks_of(one, constraint);
                if is_of_the_other || refers_too || is_beside {
                    drop(table.name, one.name);
                }
            }
        }
        // Keys go last: what refers to them must be gone.
        statements[1..].sort_by_key(|sql| sql.ends_with("_key") || sql.ends_with("_pk"));
        statements.push(self.row.insert());
        statements
    }
}

/// Whether another rule of the table that refers speaks of the columns by which it does.
fn speaks_of(one: &Constraint, constraint: &Constraint) -> bool {
    let Rule::ForeignKey { columns, .. } = constraint.rule else {
        return false;
    };
    match one.rule {
        Rule::Check { expression, .. } => columns.iter().any(|column| mentions(expression, column)),
        Rule::ForeignKey { columns: others, .. } => others.iter().any(|column| columns.contains(column)),
        Rule::PrimaryKey(_) | Rule::Unique(_) => false,
    }
}

/// A value that no row has: neither a fixture's, which are probes, nor one that stands.
fn fresh(column: &Column) -> String {
    match column.ty {
        ColumnType::Text | ColumnType::NonemptyText | ColumnType::ItemKey => "'referred-to'".to_owned(),
        ColumnType::Ordinal | ColumnType::Integer | ColumnType::Bigint => "8997".to_owned(),
        ColumnType::Uuid => "'00000000-0000-8000-8000-0000000000f7'".to_owned(),
        _ => other(column),
    }
}

/// Another one.
fn another(column: &Column) -> String {
    match column.ty {
        ColumnType::Sha256 => format!("'\\x{}'", "0b".repeat(32)),
        ColumnType::Boolean => "true".to_owned(),
        _ => unknown(column),
    }
}
