//! Weakened objects and rows that must be accepted, on the toy: how each may end, and that what is missed is named.

use crate::toy::{Toy, codes};
use rehearsal::{Outcome, WeakenedCounts};

const SPEC: &str = "migrations/negative/page.toml";

fn weakened(outcome: &Outcome) -> WeakenedCounts {
    let schema = outcome.mutants.schema.clone().expect("mutants are measured");
    schema.weakened
}

/// The rehearsal of a toy that was edited in one place; the finding says this of one weakened object.
#[track_caller]
fn one_is_unnoticed(outcome: &Outcome, says: &str) {
    assert_eq!(codes(outcome), ["WEAKENED_UNNOTICED"], "{:#?}", outcome.findings);
    assert_eq!(outcome.findings[0].details.len(), 1, "{:?}", outcome.findings);
    let detail = &outcome.findings[0].details[0];
    assert!(detail.starts_with(says), "expected {says}, found {detail}");
    assert_eq!(outcome.rollback.xid_status, "aborted");
}

#[tokio::test]
async fn each_weakened_object_is_told_by_its_own_test_or_by_the_catalog_alone() {
    let outcome = Toy::new().rehearse().await.unwrap();
    let expected = WeakenedCounts {
        total: 4,
        killed: 3,
        catalog_alone: 1,
        by_accident: 0,
        survivors: 0,
    };
    assert_eq!(weakened(&outcome), expected, "{:#?}", outcome.findings);
    assert_eq!(
        (outcome.negatives.accepted_rows, outcome.negatives.accepted),
        (1, 1)
    );
}

#[tokio::test]
async fn a_change_that_changes_nothing_survives() {
    let outcome = Toy::new()
        .edit(SPEC, "check ((no >= 0))", "check ((no > 0))")
        .rehearse()
        .await
        .unwrap();
    one_is_unnoticed(
        &outcome,
        "CHECK page_no_positive: no > 0 becomes no >= 0: the catalog's exact set does not name it",
    );
    assert_eq!(weakened(&outcome).survivors, 1);
}

#[tokio::test]
async fn what_only_the_catalog_notices_is_a_kill_by_accident() {
    let outcome = Toy::new()
        .edit(SPEC, "check ((no >= 0))", "check ((no >= 1))")
        .rehearse()
        .await
        .unwrap();
    one_is_unnoticed(
        &outcome,
        "CHECK page_no_positive: no > 0 becomes no >= 0: its test still ends in 23514",
    );
    assert_eq!(weakened(&outcome).by_accident, 1);
}

#[tokio::test]
async fn the_test_of_another_object_tells_nothing() {
    let outcome = Toy::new()
        .edit(SPEC, "by = \"page/check/no\"", "by = \"page/null_required/body\"")
        .rehearse()
        .await
        .unwrap();
    one_is_unnoticed(
        &outcome,
        "CHECK page_no_positive: no > 0 becomes no >= 0: its test still ends in 23502",
    );
    assert_eq!(weakened(&outcome).by_accident, 1);
}

#[tokio::test]
async fn a_stricter_check_must_refuse_the_row_that_rests_on_it() {
    let outcome = Toy::new()
        .edit(SPEC, "check ((no > 1)) not valid", "check ((no > -1)) not valid")
        .rehearse()
        .await
        .unwrap();
    one_is_unnoticed(
        &outcome,
        "CHECK page_no_positive: no > 0 becomes no > 1: its row is still accepted",
    );
}

#[tokio::test]
async fn a_valid_row_that_is_refused_is_named_and_does_not_hide_the_next() {
    let row = |no: u32| {
        format!(
            "[[group.accept]]\nid = \"page/accepted/{no}\"\nrow = \"no = {no}\"\nstatement = \"insert into tiny_cp.page values (7, {no}, 'text')\"\n\n"
        )
    };
    let first = "[[group.accept]]\nid = \"page/accepted/no\"";
    let outcome = Toy::new()
        .edit(SPEC, first, &format!("{}{}{first}", row(0), row(2)))
        .rehearse()
        .await
        .unwrap();
    assert_eq!(codes(&outcome), ["VALID_ROW_REFUSED"], "{:#?}", outcome.findings);
    let message = &outcome.findings[0].message;
    assert!(
        message.contains("`page/accepted/0`") && message.contains("23514"),
        "{message}"
    );
    assert_eq!(
        (outcome.negatives.accepted_rows, outcome.negatives.accepted),
        (3, 2)
    );
}
