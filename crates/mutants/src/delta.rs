//! What changes on a control plane that stands, once one definition is the mutated one.
//!
//! Not for: a delta that somebody would apply for good. The one fact to know: statements follow from the
//! difference of two typed definitions, so they say nothing that the definitions do not.

use manifest_model::{
    Column, Constraint, ControlPlane, Domain, Routine, Security, TableDef, Trigger, Volatility,
};
use sql_render::migrations::grant_unit;
use sql_render::routine::{create, identity};
use sql_render::table::{column_type, constraint_definition, create_trigger};

use crate::change::Change;

/// The statements, in order.
pub fn delta(plane: &ControlPlane, change: &Change) -> Vec<String> {
    match change {
        Change::Table(base, mutated) => table(plane, base, mutated),
        Change::Domain(mutated) => domain(plane, mutated),
        Change::Routine(mutated) => routine(plane, mutated).into_iter().collect(),
        Change::GrantAdded(grant) => vec![statement(&grant_unit(plane, grant).up)],
        Change::GrantLeftOut(grant) => vec![statement(&grant_unit(plane, grant).down)],
        Change::Owner(owner) => vec![format!("reassign owned by {} to {owner}", plane.owner)],
    }
}

fn statement(sql: &str) -> String {
    let words: Vec<&str> = sql.split_whitespace().collect();
    words.join(" ").trim_end_matches(';').to_owned()
}

fn table(plane: &ControlPlane, base: &TableDef, mutated: &TableDef) -> Vec<String> {
    let name = format!("{}.{}", plane.schema, base.name);
    let mut sql = Vec::new();
    for (before, after) in base.columns.iter().zip(&mutated.columns) {
        column(&name, before, after, &mut sql);
    }
    constraints(plane.schema, &name, base, mutated, &mut sql);
    for index in base
        .indexes
        .iter()
        .filter(|index| !mutated.indexes.contains(index))
    {
        sql.push(format!("drop index {}.{}", plane.schema, index.name));
    }
    for trigger in base
        .triggers
        .iter()
        .filter(|trigger| !mutated.triggers.contains(trigger))
    {
        sql.push(format!("drop trigger {} on {name}", trigger.name));
    }
    let is_new = |trigger: &&Trigger| !base.triggers.contains(trigger);
    for trigger in mutated.triggers.iter().filter(is_new) {
        sql.extend(create_trigger(plane.schema, base.name, trigger));
    }
    sql
}

fn column(table: &str, before: &Column, after: &Column, sql: &mut Vec<String>) {
    let start = format!("alter table {table} alter column {}", before.name);
    if before.ty != after.ty {
        let schema = table.split('.').next().unwrap_or_default();
        sql.push(format!("{start} type {}", column_type(schema, after)));
    }
    if before.nullable != after.nullable {
        let verb = if after.nullable { "drop" } else { "set" };
        sql.push(format!("{start} {verb} not null"));
    }
    match (before.default == after.default, after.default) {
        (true, _) => {}
        (false, None) => sql.push(format!("{start} drop default")),
        (false, Some(default)) => sql.push(format!("{start} set default {default}")),
    }
}

fn constraints(schema: &str, name: &str, base: &TableDef, mutated: &TableDef, sql: &mut Vec<String>) {
    let is_gone = |constraint: &&Constraint| !mutated.constraints.contains(constraint);
    for constraint in base.constraints.iter().filter(is_gone) {
        sql.push(format!("alter table {name} drop constraint {}", constraint.name));
    }
    let is_new = |constraint: &&Constraint| !base.constraints.contains(constraint);
    for constraint in mutated.constraints.iter().filter(is_new) {
        sql.push(format!(
            "alter table {name} add constraint {} {}",
            constraint.name,
            constraint_definition(schema, &constraint.rule)
        ));
    }
}

fn domain(plane: &ControlPlane, mutated: &Domain) -> Vec<String> {
    let Some(name) = mutated.ty.domain() else {
        return Vec::new();
    };
    let alter = format!("alter domain {}.{name}", plane.schema);
    vec![
        format!("{alter} drop constraint {}", mutated.check_name),
        format!(
            "{alter} add constraint {} check ({})",
            mutated.check_name, mutated.expression
        ),
    ]
}

fn routine(plane: &ControlPlane, mutated: &Routine) -> Option<String> {
    let base = plane
        .routines
        .iter()
        .find(|routine| routine.name == mutated.name)?;
    if base.body != mutated.body {
        return Some(create(plane, mutated).replacen("create function", "create or replace function", 1));
    }
    let mut words = Vec::new();
    if base.security != mutated.security {
        words.push(match mutated.security {
            Security::Definer => "security definer",
            Security::Invoker => "security invoker",
        });
    }
    if base.volatility != mutated.volatility {
        words.push(match mutated.volatility {
            Volatility::Immutable => "immutable",
            Volatility::Stable => "stable",
            Volatility::Volatile => "volatile",
        });
    }
    if base.strict != mutated.strict {
        words.push(if mutated.strict {
            "strict"
        } else {
            "called on null input"
        });
    }
    (!words.is_empty()).then(|| format!("alter function {} {}", identity(plane, base), words.join(" ")))
}
