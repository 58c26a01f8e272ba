//! What each activation check refuses, on an activation that every other check accepts.
//!
//! Not for: faults themselves, which are data of the control plane. The one fact to know: the activation is
//! typed as an insert, because its trigger runs the checks and the entry point only types it too [ruling B7].

use manifest_model::{ActivationProbe, CheckFault, ControlPlane, Fault};

use sql_render::routine::fill;

use super::row::ProbeRow;
use super::spec::{Cause, Expect, Group, Test, by_twin};
use super::table::{Context, HARNESS};
use crate::plan::phase;

/// The tests of the table whose trigger runs the activation checks; none for any other.
pub fn group(context: &Context<'_>) -> Option<Group> {
    let plane = context.plane;
    let probe = plane.activation_probe.as_ref()?;
    if probe.table != context.table.name {
        return None;
    }
    let tests = plane
        .check_faults
        .iter()
        .filter_map(|fault| test(context, probe, fault))
        .collect();
    Some(Group::of_tests(
        "activation",
        probe.base.iter().map(|sql| fill(plane, sql)).collect(),
        by_twin(tests),
    ))
}

fn test(context: &Context<'_>, probe: &ActivationProbe, fault: &CheckFault) -> Option<Test> {
    let plane = context.plane;
    let valid = with(plane, context.row.clone(), probe.row);
    let (twin, rejected, change) = match fault.fault {
        Fault::Draft { .. } => return None,
        Fault::State(change) => (valid.clone(), valid, vec![fill(plane, change)]),
        Fault::Value {
            column,
            literal,
            given,
        } => {
            let twin = with(plane, valid, given);
            (twin.clone(), twin.with(column, &fill(plane, literal)), Vec::new())
        }
    };
    let mut test = context.test(
        "check_fault",
        fault.check,
        fault.what.to_owned(),
        twin.insert(),
        rejected.insert(),
    );
    HARNESS.clone_into(&mut test.twin_persona);
    HARNESS.clone_into(&mut test.persona);
    test.arrange = arranged(plane, fault);
    test.change = change;
    test.cause = Cause {
        kind: "activation_check",
        object: format!("{}.{}", plane.schema, fault.check),
        name: fault.reason.to_owned(),
    };
    test.removal = vec![without_check(plane, fault.check)];
    let code = plane.reason(fault.reason)?;
    let phase = phase(plane, code.code).unwrap_or("trigger");
    test.expect = Expect::on(code.sqlstate, plane.schema, fault.object, phase).reason(code.code);
    Some(test)
}

fn with<'a>(plane: &ControlPlane, row: ProbeRow<'a>, set: &[(&str, &str)]) -> ProbeRow<'a> {
    set.iter().fold(row, |row, (column, literal)| {
        row.with(column, &fill(plane, literal))
    })
}

/// What stands before all three runs of a fault.
pub fn arranged(plane: &ControlPlane, fault: &CheckFault) -> Vec<String> {
    let silenced = fault.without.iter().map(|check| without_check(plane, check));
    silenced
        .chain(fault.arrange.iter().map(|sql| fill(plane, sql)))
        .collect()
}

/// Replaces a check by one that finds nothing; its arguments stay.
pub fn without_check(plane: &ControlPlane, check: &str) -> String {
    let schema = plane.schema;
    let arguments = plane
        .routines
        .iter()
        .find(|routine| routine.name == check)
        .map_or("", |routine| routine.arguments);
    format!(
        "create or replace function {schema}.{check}({arguments}) returns setof {schema}.violation language sql stable set search_path = pg_catalog, pg_temp as 'select null::text, null::text, null::text, null::text where false'"
    )
}
