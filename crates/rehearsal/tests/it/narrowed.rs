//! A narrowed rehearsal: what was named is measured, the rest is not, and so it never passes.

use crate::toy::{FIXTURES, Toy, codes, options};
use rehearsal::{Outcome, Status};

async fn only(toy: Toy, wanted: &[&str]) -> Outcome {
    let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
    let committed = toy.seal().load().expect("a plan");
    let committed = committed.narrowed(&wanted).expect("known names");
    rehearsal::rehearse(&options(), &committed, FIXTURES, &[], &mut ())
        .await
        .expect("an outcome")
}

#[tokio::test]
async fn one_table_has_its_negative_tests_and_nothing_else() {
    let outcome = only(Toy::new(), &["page"]).await;
    assert_eq!(codes(&outcome), [""; 0], "{:#?}", outcome.findings);
    assert_eq!(outcome.verdict, Status::NotMeasured);
    assert_eq!((outcome.negatives.tests, outcome.negatives.sole_cause), (5, 5));
    assert_eq!(outcome.negatives.uncovered, None);
    assert_eq!((outcome.attacks.attempts, outcome.worlds.len()), (0, 0));
    assert!(outcome.guards.runs.is_empty() && outcome.ways_back.is_empty());
    assert_eq!(outcome.rollback.xid_status, "aborted");
}

#[tokio::test]
async fn one_guard_runs_wherever_it_is_due() {
    let outcome = only(Toy::new(), &["g-pages"]).await;
    assert_eq!(outcome.verdict, Status::NotMeasured);
    assert_eq!(outcome.negatives.tests, 0);
    assert!(!outcome.guards.runs.is_empty());
    assert!(
        outcome.guards.runs.iter().all(|run| run.verdict == Status::Pass),
        "{:?}",
        outcome.guards.runs
    );
}

#[tokio::test]
async fn what_is_red_is_red() {
    let toy = Toy::new().edit(
        "migrations/02001_tables.up.sql",
        "check ((no > 0))",
        "check ((no > -1))",
    );
    let outcome = only(toy, &["page/check"]).await;
    assert_eq!(outcome.verdict, Status::Fail);
    assert_eq!(codes(&outcome)[0], "NEGATIVE_ACCEPTED");
}

#[test]
fn an_unknown_name_says_what_there_is() {
    let committed = Toy::new().seal().load().unwrap();
    let error = committed
        .narrowed(&["nothing".to_owned()])
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("the plan has no `nothing`: expected a table (`page`), a guard (`G-"),
        "{error}"
    );
}
