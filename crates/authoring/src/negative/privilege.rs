//! DML by roles that hold no right on a table: INSERT, UPDATE, DELETE, TRUNCATE, each; and the base on
//! which a verb is refused by one thing alone.
//!
//! The one fact to know: schema USAGE is granted for the whole suite, because a role that lacks both
//! rights has no sole cause; statements have no WHERE, which would need SELECT [ruling A9].

use manifest_model::{Column, TableClass};

use super::spec::{Cause, Expect, Group, Test, by_twin};
use super::table::{Context, HARNESS};

/// The verbs.
pub const VERBS: [&str; 4] = ["INSERT", "UPDATE", "DELETE", "TRUNCATE"];

/// One test a role and verb, and the tests of `triggers`, on a base in which nothing else can refuse.
pub fn group(context: &Context<'_>, roles: &[(&'static str, String)], triggers: Vec<Test>) -> Group {
    let mut base = vec![format!(
        "alter table {} disable trigger user",
        context.qualified()
    )];
    base.extend(row_to_touch(context));
    base.extend(readable_sources(context));
    let mut tests = Vec::new();
    for verb in VERBS {
        for (class, role) in roles {
            tests.push(privilege_test(context, class, role, verb));
        }
    }
    tests.extend(triggers);
    // One accepted twin stands for all that are refused its verb.
    Group::of_tests("verbs", base, by_twin(tests))
}

/// SELECT on the tables from which the probe row takes a value: reading them is not what is refused.
fn readable_sources(context: &Context<'_>) -> Vec<String> {
    let insert = context.row.insert();
    let mut tables: Vec<String> = context
        .table
        .constraints
        .iter()
        .filter_map(|constraint| match constraint.rule {
            manifest_model::Rule::ForeignKey { table, .. } => {
                Some(format!("{}.{table}", context.plane.schema))
            }
            _ => None,
        })
        .collect();
    tables.sort();
    tables.dedup();
    tables.retain(|table| insert.contains(&format!("from {table} ")));
    tables
        .iter()
        .map(|table| format!("grant select on {table} to public"))
        .collect()
}

fn grantee<'a>(class: &str, role: &'a str) -> &'a str {
    if class == "public_dml" { "public" } else { role }
}

fn privilege_test(context: &Context<'_>, class: &'static str, role: &str, verb: &str) -> Test {
    let table = context.qualified();
    let act = statement(context, verb);
    let what = format!("{role}.{}", verb.to_lowercase());
    let mut test = context.test(class, &what, format!("{role} {verb}"), act.clone(), act);
    test.observe = (verb == "TRUNCATE").then(|| emptied(&table));
    if verb == "INSERT" && !matches!(context.table.class, TableClass::Surface(_)) {
        // The row that the other verbs touch is the one that is inserted here.
        test.arrange = vec![format!("delete from {table}")];
    }
    test.twin_persona = HARNESS.to_owned();
    role.clone_into(&mut test.persona);
    let grantee = grantee(class, role);
    test.cause = Cause {
        kind: "privilege",
        object: table.clone(),
        name: format!("{verb} to {grantee}"),
    };
    test.removal = vec![format!("grant {} on {table} to {grantee}", verb.to_lowercase())];
    test.expect = Expect {
        sqlstate: "42501".to_owned(),
        phase: "acl",
        ..Expect::default()
    };
    test
}

/// A TRUNCATE counts no rows: this looks whether any is left.
pub fn emptied(table: &str) -> String {
    format!("select 1 where not exists (select from {table})")
}

/// The statement of a verb, over every row, without a WHERE.
pub fn statement(context: &Context<'_>, verb: &str) -> String {
    let table = context.qualified();
    match verb {
        "INSERT" => context.row.insert(),
        "UPDATE" => {
            let column = update_column(context);
            let (name, literal) = column.map_or(("", "null"), |column| {
                (column.name, context.row.literal(column.name))
            });
            format!("update {table} set {name} = {literal}")
        }
        "DELETE" => format!("delete from {table}"),
        _ => format!("truncate {table}"),
    }
}

/// The column that an UPDATE writes: a constant, so that no SELECT on the column is needed.
fn update_column<'a>(context: &Context<'a>) -> Option<&'a Column> {
    context
        .table
        .written_columns()
        .find(|column| super::row::is_free(context.table, column.name) && !in_key(context, column.name))
        .or_else(|| context.table.written_columns().last())
}

fn in_key(context: &Context<'_>, name: &str) -> bool {
    context.table.keys().any(|(_, columns)| columns.contains(&name))
}

/// One row for the verb to touch, and nothing that refers to the table. A surface has rows already, and
/// no key refers to it.
pub fn row_to_touch(context: &Context<'_>) -> Vec<String> {
    if matches!(context.table.class, TableClass::Surface(_)) {
        return vec![format!("delete from {} where ordinal > 1", context.qualified())];
    }
    let mut statements = unreferenced(context, None);
    statements.push(format!("delete from {}", context.qualified()));
    statements.push(context.row.insert());
    statements.push("set constraints all immediate; set constraints all deferred".to_owned());
    statements
}

/// Drops the foreign keys that refer to this table, or to this key of it: they would refuse DELETE and
/// TRUNCATE of rows in use, and the removal of the key.
pub fn unreferenced(context: &Context<'_>, key: Option<&[&str]>) -> Vec<String> {
    let mut drops = Vec::new();
    for other in context.tables {
        for constraint in &other.constraints {
            if let manifest_model::Rule::ForeignKey {
                table, references, ..
            } = constraint.rule
                && table == context.table.name
                && key.is_none_or(|key| key == references)
            {
                drops.push(format!(
                    "alter table {}.{} drop constraint if exists {}",
                    context.plane.schema, other.name, constraint.name
                ));
            }
        }
    }
    drops
}
