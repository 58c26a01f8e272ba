//! The file of ways around a cutover: attempts like attacks, each with the guard's probe that sees it opened.
//!
//! It holds no rule. The one fact to know: `noticed` is for what the server lets pass; it opens nothing.

use super::{Attack, LoadedState};
use serde::Deserialize;

/// `rehearsal/bypass/vectors.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BypassFile {
    /// 1.
    pub format_version: u32,
    /// The state in which they are tried: its step.
    pub step: String,
    /// And its moment.
    pub moment: String,
    /// The ways.
    #[serde(default)]
    pub bypass: Vec<Bypass>,
}

impl BypassFile {
    /// Whether this is the state.
    pub(crate) fn is_tried_in(&self, state: &LoadedState) -> bool {
        (&self.step, &self.moment) == (&state.state.step, &state.state.moment)
    }
}

/// One way.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bypass {
    /// Its kind.
    pub vector: String,
    /// The guard that must see it opened.
    pub guard: String,
    /// By which probe.
    pub probe: String,
    /// The server lets it pass, and the probe is red after its acts.
    #[serde(default)]
    pub noticed: bool,
    /// Statements of the harness before the guard is asked, after what opens the way.
    #[serde(default)]
    pub left: Vec<String>,
    /// What is tried, what opens the way, and the gain.
    pub attempt: Attack,
}
