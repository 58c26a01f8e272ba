//! Ways around a cutover that privilege checks are known to miss: each tried, and each seen by a guard.
//!
//! Not for: trying them (`rehearsal`), or the ways around one control plane (its manifest). The one fact to
//! know: a vector counts only if it is repelled, works once it is opened, and a named probe is then red; or, where
//! the server lets it pass, if that probe is red as soon as it was used.

use crate::attack::Attack;

/// One way, tried in the state of the last step.
#[derive(Debug, Clone, Copy)]
pub struct Bypass {
    /// Of which kind it is; a control plane closes the list.
    pub vector: &'static str,
    /// What is tried, what repels it, how that is opened, and the gain.
    pub attempt: Attack,
    /// The server lets it pass: it opens nothing, and the probe is red after its acts.
    pub noticed: bool,
    /// Statements of the harness before the guard is asked, after what opens the way: what would be left of it.
    pub left: &'static [&'static str],
    /// The guard that must see it opened.
    pub guard: &'static str,
    /// And by which probe.
    pub probe: &'static str,
    /// File that defines it.
    pub source: &'static str,
}
