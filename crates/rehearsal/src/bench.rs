//! Times parts of a rehearsal, and writes the same statements as scripts for psql, their floor.
//!
//! Neither judges anything: that the statements do what they should is `rehearse_on`'s business.

use crate::act::Act;
use crate::engine::Run;
use crate::error::RehearseError;
use crate::negative::{changed, same_twin};
use crate::outcome::PostgresInfo;
use crate::persona::{become_persona, create_personas_sql, memberships_sql};
use crate::plan::{Cause, Committed, NegativeGroup, NegativeTest};
use crate::schema_mutant::watch_sql;
use crate::session::joined;
use crate::sole_cause::without_cause;
use sqlx::Connection as _;
use sqlx::postgres::PgConnectOptions;
use std::collections::BTreeSet;
use std::time::Instant;

/// What is measured; each part contains the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Connect, begin, roll back.
    Empty,
    /// And apply every file between.
    Apply,
    /// And the acts and the negative suite after them.
    Negatives,
}

impl Part {
    /// In order.
    pub const ALL: [Self; 3] = [Self::Empty, Self::Apply, Self::Negatives];
}

/// Milliseconds of each part, in the order of [`Part::ALL`].
pub async fn time_parts(
    options: &PgConnectOptions,
    committed: &Committed,
) -> Result<[f64; 3], RehearseError> {
    let mut times = [0.0; 3];
    for (part, time) in Part::ALL.into_iter().zip(&mut times) {
        let begun = Instant::now();
        let mut nobody = ();
        let mut run = Run::begin(options, PostgresInfo::default(), committed, &[], &mut nobody).await?;
        if part != Part::Empty {
            run.create_personas().await?;
            let (files, acts): (Vec<_>, Vec<_>) = committed
                .packages
                .iter()
                .partition(|package| package.package.source.is_some());
            run.apply_unobserved(&files).await?;
            if part == Part::Negatives {
                for package in acts {
                    for step in &package.package.steps {
                        for (_, file) in committed.acts.iter().filter(|(of, _)| of == step) {
                            run.run_acts(None, step, file).await?;
                        }
                    }
                }
                run.negative_suite().await?;
            }
        }
        let connection = run.session.rollback().await?;
        *time = begun.elapsed().as_secs_f64() * 1000.0;
        let _ = connection.close().await;
    }
    Ok(times)
}

/// The statements of each part for psql, in the order of [`Part::ALL`].
pub fn psql_scripts(committed: &Committed) -> [String; 3] {
    let plan = &committed.plan;
    let mut apply = create_personas_sql(plan);
    for file in committed.packages.iter().flat_map(|package| &package.files) {
        apply += &file.up;
        apply += "\n";
    }
    apply += "set constraints all immediate;\nset constraints all deferred;\n";
    apply += &memberships_sql(plan);
    let mut suite = apply.clone();
    let listed = |step: &String| plan.package.iter().any(|package| package.steps.contains(step));
    for act in committed
        .acts
        .iter()
        .filter(|(step, _)| listed(step))
        .flat_map(|(_, file)| &file.act)
    {
        act_script(committed, act, &mut suite);
    }
    suite += &joined(&plan.negative_base);
    let mut watched: BTreeSet<&Cause> = BTreeSet::new();
    for group in committed.negatives.iter().flat_map(|spec| &spec.group) {
        suite += "savepoint f;\n";
        suite += &joined(&group.base);
        group_script(committed, group, &mut watched, &mut suite);
        suite += "rollback to savepoint f;\nrelease savepoint f;\n";
    }
    suite += &joined(std::slice::from_ref(&plan.realized_refusals));
    [String::new(), apply, suite].map(|body| format!("begin;\n{body}rollback;\n"))
}

fn act_script(committed: &Committed, act: &Act, out: &mut String) {
    *out += "savepoint a;\n";
    *out += &become_persona(&committed.plan, &act.persona);
    *out += &joined(std::slice::from_ref(&act.sql));
    if act.expect_sqlstate.is_some() || act.undo {
        *out += "rollback to savepoint a;\n";
    }
    *out += "release savepoint a;\nset local session authorization default;\nreset role;\n";
}

/// The three runs of each test, in the order in which the suite makes them: a twin that was just accepted
/// is not run again, third runs come last, and the catalog is asked in the first one of each cause.
fn group_script<'a>(
    committed: &'a Committed,
    group: &'a NegativeGroup,
    watched: &mut BTreeSet<&'a Cause>,
    out: &mut String,
) {
    let mut accepted: Option<&NegativeTest> = None;
    for test in &group.test {
        if !accepted.is_some_and(|last| same_twin(last, test)) {
            run_script(
                committed,
                test,
                &test.arrange,
                &test.twin_persona,
                &test.twin,
                None,
                out,
            );
        }
        accepted = Some(test);
        run_script(
            committed,
            test,
            &changed(test),
            &test.persona,
            &test.rejected,
            None,
            out,
        );
    }
    for test in &group.test {
        let watch = watch_sql(&committed.plan, &test.cause).filter(|_| watched.insert(&test.cause));
        let before = without_cause(test);
        run_script(
            committed,
            test,
            &before,
            &test.persona,
            &test.rejected,
            watch.as_deref(),
            out,
        );
    }
}

fn run_script(
    committed: &Committed,
    test: &NegativeTest,
    before: &[String],
    persona: &str,
    statement: &str,
    after: Option<&str>,
    out: &mut String,
) {
    *out += "savepoint s;\n";
    *out += &joined(before);
    *out += &become_persona(&committed.plan, persona);
    *out += &joined(&[statement.to_owned()]);
    if test.flush {
        *out += "set constraints all immediate;\n";
    }
    if let Some(observe) = &test.observe {
        *out += "set local session authorization default;\n";
        *out += &joined(std::slice::from_ref(observe));
    }
    if let Some(after) = after {
        *out += "set local session authorization default;\n";
        *out += &joined(&[after.to_owned()]);
    }
    *out += "rollback to savepoint s;\nrelease savepoint s;\n";
}
