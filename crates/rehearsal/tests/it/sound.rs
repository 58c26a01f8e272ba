//! The sound toy: everything is measured, and nothing is left.

use crate::toy::{Toy, codes};
use rehearsal::{Status, render_summary, render_table};

#[tokio::test]
async fn a_sound_plan_passes_with_everything_measured() {
    let outcome = Toy::new().rehearse().await.unwrap();
    println!("{}", render_summary(&outcome));
    println!("{:?}", outcome.elapsed_ms);
    assert_eq!(codes(&outcome), [""; 0], "{:#?}", outcome.findings);
    assert_eq!(outcome.verdict, Status::Pass);
    assert_eq!(
        (
            outcome.negatives.tests,
            outcome.negatives.accepted_twins,
            outcome.negatives.rejected
        ),
        (5, 5, 5)
    );
    let gate = &outcome.rollback;
    assert_eq!(gate.before, gate.after_rollback);
    assert_ne!(gate.before, gate.after_apply);
    assert_eq!(gate.xid_status, "aborted");
    let ways: Vec<(&str, usize)> = outcome
        .ways_back
        .iter()
        .map(|way| (way.kind, way.compared))
        .collect();
    assert_eq!(ways, [("draft", 5), ("sealed", 2), ("activated", 5)]);
    assert_eq!(outcome.counts["books"], Some(1));
    let cells: usize = outcome
        .packages
        .iter()
        .map(|package| package.validation.len())
        .sum();
    assert_eq!(cells, 3);

    let table = render_table(&outcome.specs[0]);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../snapshots/toy"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("page", table));
}

#[tokio::test]
async fn what_was_not_reached_is_not_measured() {
    let committed = Toy::new().seal().load().unwrap();
    let outcome = rehearsal::rehearse(
        &crate::toy::options(),
        &committed,
        crate::toy::FIXTURES,
        &["TINY-B".to_owned()],
        &mut (),
    )
    .await
    .unwrap();
    let verdicts: Vec<Status> = outcome.packages.iter().map(|package| package.verdict).collect();
    assert_eq!(verdicts, [Status::Pass, Status::Pass, Status::NotMeasured]);
    assert_eq!(outcome.verdict, Status::NotMeasured);
}
