//! `bench --guards` on the reference estate: every guard is asked and green, through the whole committed cutover.
//!
//! Not for: what they cost, which no test asserts. The one fact to know: its exit code is a verdict, so whatever the walk
//! can't do any more fails here.

use crate::rig::Running;

#[test]
fn every_guard_is_timed_and_green_through_the_committed_cutover() {
    let ended = Running::start(&["bench", "--guards", "1", "--postgres", "local"]).end();
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
    let line = ended
        .stdout
        .lines()
        .find(|line| line.starts_with("1x  "))
        .unwrap_or_default();
    let figures: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(figures[1..4], ["262", "35", "35"], "{}", ended.stdout);
    ended.left_nothing();
}
