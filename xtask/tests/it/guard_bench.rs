//! `bench --guards` on the reference estate and on one twice as large: every guard is asked and green, through the whole
//! committed cutover, and none makes the server do more by object on the larger one.
//!
//! Not for: what they cost, which no test asserts. The one fact to know: its exit code is a verdict, so whatever the walk
//! can't do any more fails here; rows are counted and not timed, so what they say is the same whoever else is at work.

use crate::rig::Running;

#[test]
fn every_guard_is_green_through_the_committed_cutover_and_linear() {
    let ended = Running::start(&["bench", "--guards", "1,2", "--postgres", "local"]).end();
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
    for (size, objects) in [("1x  ", "262"), ("2x  ", "524")] {
        let line = ended.stdout.lines().find(|line| line.starts_with(size));
        let figures: Vec<&str> = line.unwrap_or_default().split_whitespace().collect();
        assert_eq!(figures[1..4], [objects, "35", "35"], "{}", ended.stdout);
    }
    let rows = ended.stdout.lines().find(|line| line.starts_with("rows "));
    let rows = rows.unwrap_or_default();
    assert!(
        rows.contains("plans of 35 guards") && rows.contains("): linear ("),
        "{}",
        ended.stdout
    );
    ended.left_nothing();
}
