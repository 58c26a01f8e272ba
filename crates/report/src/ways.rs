//! Pairs, and ways around the cutover, as the outcome has them.
//!
//! Not for: how they look. The one fact to know: an older packet has neither, or has pairs as numbers alone, so
//! what is not there is nothing, and never green.

use evidence::{Contents, is_code};
use serde::Deserialize;

/// What came of the pairs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Pairs {
    /// The state in which it was asked.
    pub(crate) at: String,
    pub(crate) readiness: String,
    pub(crate) unmet: Vec<String>,
    pub(crate) gates: u64,
    pub(crate) findings: u64,
    pub(crate) of: Vec<Pair>,
    pub(crate) schedule: Vec<Scheduled>,
}

/// An entry point and its verifier.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Pair {
    pub(crate) entrypoint: String,
    pub(crate) verifier: String,
    pub(crate) staleness_seconds_max: Option<u64>,
    pub(crate) executed: u64,
    pub(crate) fresh: u64,
    pub(crate) verified: u64,
}

impl Pair {
    /// Whether everything that was executed is verified; an entry point that nobody called shows nothing.
    pub(crate) fn verdict(&self) -> &'static str {
        match (self.executed, self.verified) {
            (0, _) => "not_measured",
            (executed, verified) if executed == verified => "pass",
            _ => "fail",
        }
    }
}

/// A verifier of the schedule.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Scheduled {
    pub(crate) verifier: String,
    pub(crate) staleness_seconds_max: u64,
    pub(crate) verdict: Option<String>,
    pub(crate) fresh: bool,
}

impl Scheduled {
    /// Its newest run's verdict, which no longer counts once it is too old.
    pub(crate) fn verdict(&self) -> &str {
        match (self.verdict.as_deref(), self.fresh) {
            (None, _) => "not_measured",
            (Some("pass"), true) => "pass",
            _ => "fail",
        }
    }
}

/// One way around.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Way {
    pub(crate) vector: String,
    pub(crate) id: String,
    pub(crate) ended: String,
    pub(crate) guard: String,
    pub(crate) probe: String,
    pub(crate) seen: bool,
}

impl Way {
    /// Whether the server lets it pass by its nature, so that only a guard sees it.
    pub(crate) fn is_noticed(&self) -> bool {
        self.ended == "accepted, and noticed"
    }

    /// Whether it was shut, or is one that can only be noticed.
    pub(crate) fn is_shut(&self) -> bool {
        !is_code(&self.ended)
    }
}

/// The pairs; none where the packet has none.
pub(crate) fn pairs(contents: &Contents) -> Option<Pairs> {
    let found = contents.outcome.get("pairs")?;
    serde_json::from_value(found.clone()).ok()
}

/// The ways around, as they were tried; none where the packet has none.
pub(crate) fn ways(contents: &Contents) -> Option<Vec<Way>> {
    let found = contents.outcome.pointer("/bypass/facts")?;
    serde_json::from_value(found.clone()).ok()
}

/// Seconds as people say them.
pub(crate) fn span(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    crate::text::count(usize::try_from(number).unwrap_or(usize::MAX), unit)
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn a_span_is_told_in_its_largest_unit_of_which_there_are_two() {
        for (seconds, expected) in [
            (1, "1 second"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (7_200, "2 hours"),
            (86_400, "24 hours"),
            (172_800, "2 days"),
        ] {
            assert_eq!(span(seconds), expected);
        }
    }
}
