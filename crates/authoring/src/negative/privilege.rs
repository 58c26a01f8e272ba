//! DML by roles that hold no right on a table: INSERT, UPDATE, DELETE, TRUNCATE, each.
//!
//! The one fact to know: schema USAGE is granted beforehand in both runs, because a role that lacks both
//! rights has no sole cause; statements have no WHERE, which would need SELECT [ruling A9].

use manifest_model::TableClass;

use super::spec::{Cause, Expect, Test};
use super::table::{Context, HARNESS};

/// The verbs.
pub const VERBS: [&str; 4] = ["INSERT", "UPDATE", "DELETE", "TRUNCATE"];

/// One test a role and verb.
pub fn tests(context: &Context<'_>, roles: &[(&'static str, String)]) -> Vec<Test> {
    let mut tests = Vec::new();
    for (class, role) in roles {
        for verb in VERBS {
            tests.push(test(context, class, role, verb));
        }
    }
    tests
}

fn test(context: &Context<'_>, class: &'static str, role: &str, verb: &str) -> Test {
    let table = context.qualified();
    let act = statement(context, verb);
    // A TRUNCATE touches no row by its own count, so the twin looks.
    let twin = if verb == "TRUNCATE" {
        format!("{act}; select 1 where not exists (select from {table})")
    } else {
        act.clone()
    };
    let public = class == "public_dml";
    let mut test = context.test(
        class,
        &format!("{role}.{}", verb.to_lowercase()),
        format!("{role} {verb}"),
        twin,
        act,
    );
    test.arrange = arrange(context, if public { "public" } else { role }, verb);
    test.twin_persona = HARNESS.to_owned();
    role.clone_into(&mut test.persona);
    let grantee = if public { "public" } else { role };
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

/// The statement of a verb, over every row, without a WHERE.
pub fn statement(context: &Context<'_>, verb: &str) -> String {
    let table = context.qualified();
    match verb {
        "INSERT" => context.row.insert(),
        "UPDATE" => {
            // A constant, so that no SELECT on the column is needed.
            let column = context
                .table
                .written_columns()
                .find(|column| {
                    super::row::is_free(context.table, column.name) && !in_key(context, column.name)
                })
                .or_else(|| context.table.written_columns().last());
            let (name, literal) = column.map_or(("", "null"), |column| {
                (column.name, context.row.literal(column.name))
            });
            format!("update {table} set {name} = {literal}")
        }
        "DELETE" => format!("delete from {table}"),
        _ => format!("truncate {table}"),
    }
}

fn in_key(context: &Context<'_>, name: &str) -> bool {
    context.table.keys().any(|(_, columns)| columns.contains(&name))
}

fn arrange(context: &Context<'_>, grantee: &str, verb: &str) -> Vec<String> {
    let table = context.qualified();
    let mut arrange = vec![format!(
        "grant usage on schema {} to {grantee}",
        context.plane.schema
    )];
    if verb != "INSERT" {
        // The verb must reach the privilege alone: no immutability, no key in the way, and a row to touch.
        arrange.push(format!("alter table {table} disable trigger user"));
        arrange.extend(row_to_touch(context, verb));
    }
    arrange
}

/// A row for the verb to touch, and nothing that refers to the table. A surface's draft has rows already.
pub fn row_to_touch(context: &Context<'_>, verb: &str) -> Vec<String> {
    let mut statements = if verb == "UPDATE" {
        Vec::new()
    } else {
        unreferenced(context)
    };
    if !matches!(context.table.class, TableClass::Surface(_)) {
        statements.push(context.row.insert());
        statements.push("set constraints all immediate; set constraints all deferred".to_owned());
    }
    statements
}

/// Keys of other tables that refer to this one: they would refuse DELETE and TRUNCATE of rows in use.
fn unreferenced(context: &Context<'_>) -> Vec<String> {
    let mut drops = Vec::new();
    for other in context.plane.table_definitions() {
        for constraint in &other.constraints {
            if let manifest_model::Rule::ForeignKey { table, .. } = constraint.rule
                && table == context.table.name
            {
                drops.push(format!(
                    "alter table {}.{} drop constraint {}",
                    context.plane.schema, other.name, constraint.name
                ));
            }
        }
    }
    drops
}
