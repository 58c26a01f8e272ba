//! Triggers of tables that are no surfaces: append-only, truncate, writer, transition.

use manifest_model::{TableDef, Trigger};

use super::privilege::{VERBS, emptied, statement};
use super::spec::{Cause, Expect, Test};
use super::table::{Context, HARNESS, OWNER};
use crate::plan::phase;

/// Triggers that look at an INSERT.
pub fn insert_triggers(table: &TableDef) -> impl Iterator<Item = &Trigger> {
    table
        .triggers
        .iter()
        .filter(|trigger| trigger.events.contains("INSERT"))
}

/// One test a trigger, verb and strong persona: the owner, and the harness superuser. They need the base
/// of [`super::privilege::group`], where whatever else refuses the verb is out of the way.
pub fn tests(context: &Context<'_>) -> Vec<Test> {
    let mut tests = Vec::new();
    for trigger in &context.table.triggers {
        for verb in VERBS {
            if !trigger.events.contains(verb) {
                continue;
            }
            for persona in [OWNER, HARNESS] {
                tests.extend(trigger_test(context, trigger, verb, persona));
            }
        }
    }
    tests
}

/// The reason that a trigger function gives for a verb on the probe row, and the table that it names if
/// it is another; none where the row is legal.
fn answer(routine: &str, verb: &str) -> Option<(&'static str, Option<&'static str>)> {
    let code = match (routine, verb) {
        ("truncate_refused", _) => "TRUNCATE_REFUSED",
        ("evidence_append_only", _) => "EVIDENCE_APPEND_ONLY",
        ("registry_append_only", _) => "REGISTRY_APPEND_ONLY",
        ("catalog_rows_immutable", _) => "CATALOG_IMMUTABLE",
        ("sealed_rows_immutable", _) => "SEALED_ROW_IMMUTABLE",
        ("evidence_writer", "INSERT") => "NOT_PINNED_VERIFIER",
        ("signoff_writer", "INSERT") => "SIGNER_NOT_SESSION_USER",
        ("level_b_writer", "INSERT") => "ACTOR_NOT_SESSION_USER",
        ("envelope_transition" | "catalog_root_transition", "UPDATE") => "ENVELOPE_TRANSITION_REFUSED",
        ("epoch_moves_by_one", "UPDATE") => "EPOCH_NOT_MONOTONIC",
        ("activation_transition", "INSERT") => return Some(("EPOCH_MOVED", Some("control_epoch"))),
        _ => return None,
    };
    Some((code, None))
}

/// The statement of a verb that a trigger function refuses.
fn refused(context: &Context<'_>, routine: &str, verb: &str) -> String {
    match (routine, verb) {
        ("level_b_writer", "INSERT") => context.row.clone().with("actor", "'somebody else'").insert(),
        _ => statement(context, verb),
    }
}

/// Makes a persona run both statements. The superuser acts as a replica, where only what is ENABLE ALWAYS
/// fires [ruling A10].
pub fn as_persona(test: &mut Test, persona: &str) {
    persona.clone_into(&mut test.twin_persona);
    persona.clone_into(&mut test.persona);
    if persona == HARNESS {
        test.arrange.push(REPLICA.to_owned());
        test.mutation.push_str(", as a replica");
    }
}

const REPLICA: &str = "set local session_replication_role = replica";

fn trigger_test(context: &Context<'_>, trigger: &Trigger, verb: &str, persona: &str) -> Option<Test> {
    let (code, object) = answer(trigger.routine, verb)?;
    let reason = context.plane.reason(code)?;
    let table = context.qualified();
    let act = refused(context, trigger.routine, verb);
    let on = format!("alter table {table} enable always trigger {}", trigger.name);
    let mut test = context.test(
        "trigger",
        &format!("{}.{}.{persona}", trigger.name, verb.to_lowercase()),
        format!("{verb} by the {persona}"),
        act.clone(),
        act,
    );
    test.observe = (verb == "TRUNCATE").then(|| emptied(&table));
    if verb == "INSERT" {
        test.arrange = vec![format!("delete from {table}")];
    }
    test.change = vec![on];
    as_persona(&mut test, persona);
    test.cause = Cause {
        kind: "trigger",
        object: table.clone(),
        name: trigger.name.to_owned(),
    };
    test.removal = vec![format!("alter table {table} disable trigger {}", trigger.name)];
    test.expect = Expect::on(
        reason.sqlstate,
        context.plane.schema,
        object.unwrap_or(context.table.name),
        phase(context.plane, reason.code).unwrap_or("trigger"),
    )
    .reason(reason.code);
    Some(test)
}
