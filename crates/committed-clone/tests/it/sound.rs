//! The sound toy: committed, tried, taken back, and seen by two observers.

use crate::commit;
use crate::toy::{Toy, codes};
use rehearsal::{Status, render_summary};

#[tokio::test]
async fn a_sound_plan_is_committed_and_taken_back_as_it_was_rehearsed() {
    let mut outcome = Toy::new().rehearse().await.unwrap();
    let rehearsed = outcome.applied.clone().unwrap();
    let (run, findings) = commit(Toy::new(), Some(&rehearsed)).await.unwrap();
    assert!(findings.is_empty(), "{findings:#?}");
    assert_eq!(run.verdict, Status::Pass);
    assert_eq!((run.files, run.xid_status.as_str()), (8, "committed"));
    assert_eq!(run.same_as_rehearsed, Some(true));
    assert_eq!(run.applied, outcome.rollback.after_apply);
    assert_eq!(run.before, run.after_way_back);
    assert_ne!(run.before, run.applied);
    let logins = &run.logins;
    assert_eq!(
        (logins.verdict, logins.roles, logins.differences),
        (Status::Pass, 5, 0)
    );
    assert_eq!(logins.cells, outcome.access.cells);
    // LOGIN, CONNECT and CREATEDB of each role, which no SET ROLE can try.
    assert_eq!(logins.tried, outcome.access.attempted + 3 * logins.roles);
    match run.dump.verdict {
        Status::Pass => assert!(run.dump.lines > 100, "{:?}", run.dump),
        Status::NotMeasured => assert!(
            run.dump.observer.starts_with("no `pg_dump` of major "),
            "{:?}",
            run.dump
        ),
        Status::Fail | Status::NotApplicable => panic!("{:?}", run.dump),
    }

    outcome.add_committed(run, findings);
    assert_eq!(outcome.verdict, Status::Pass);
    assert_eq!(codes(&outcome), [""; 0]);
    let summary = render_summary(&outcome);
    assert!(
        summary.contains("committed  8 files, each transaction committed; 5 roles logged in"),
        "{summary}"
    );
}

#[tokio::test]
async fn what_nobody_asked_for_is_not_measured_and_changes_no_verdict() {
    let outcome = Toy::new().rehearse().await.unwrap();
    assert_eq!(outcome.verdict, Status::Pass);
    let json = serde_json::to_value(&outcome.committed).unwrap();
    assert_eq!(json["verdict"], "not_measured");
    assert_eq!(json["xid_status"], "not_measured");
    assert_eq!(json["dump"]["verdict"], "not_measured");
    assert_eq!(json["logins"]["verdict"], "not_measured");
    assert!(render_summary(&outcome).contains("committed  not measured: not asked for"));
}
