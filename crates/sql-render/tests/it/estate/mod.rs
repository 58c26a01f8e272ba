//! The reference estate, built on a real server and read back.
//!
//! For: every figure and every name that the estate stands for, compared whole. Not for: what packages do
//! to it. The fact to know: a set is asserted by both differences, never by a member that happens to be
//! there.

mod access;
mod birth;
mod bytes;
mod figures;
mod legacy;
mod repoint;
mod scale;
mod server;
mod survival;
mod worlds;

use std::collections::BTreeSet;
use std::fmt::Debug;

/// Both differences of two sets, which must be empty, and the sets must not be.
#[track_caller]
fn check_same_set<T: Ord + Debug>(
    expected: impl IntoIterator<Item = T>,
    realized: impl IntoIterator<Item = T>,
) {
    let expected: BTreeSet<T> = expected.into_iter().collect();
    let realized: BTreeSet<T> = realized.into_iter().collect();
    assert!(!expected.is_empty(), "an empty set is compared with nothing");
    let missing: Vec<&T> = expected.difference(&realized).collect();
    let extra: Vec<&T> = realized.difference(&expected).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "missing: {missing:?}; extra: {extra:?}"
    );
}
