//! The scheduled half of the pairs, in the transaction in which everything was sealed and activated: the very
//! files that a verifier runs with psql, and what came of them.
//!
//! Not for: which verifier is paired with what, which is the control plane's. The one fact to know: a count of
//! zero is red like a pair that nobody verified, and so is readiness that is not blocked.

use crate::engine::Run;
use crate::error::RehearseError;
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// What came of the pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairsOutcome {
    /// The state in which it was asked, the last of them: `S19 after`.
    #[serde(default)]
    pub at: String,
    /// Entry points that a verifier is paired with.
    pub entrypoints: usize,
    /// Mutations that were executed, each once.
    pub executed: usize,
    /// Those whose paired verifier ran, as pinned, is fresh, and passed.
    pub verified: usize,
    /// What a static analysis found in sealed legacy bodies, imported with its tool and each source's digest.
    pub findings: usize,
    /// `BLOCKED`, or `READY`.
    pub readiness: String,
    /// Gates whose newest fact says that they are not met.
    pub unmet: Vec<String>,
    /// Gates of which there is a fact.
    pub gates: usize,
    /// Each entry point with its verifier, by name.
    pub of: Vec<PairOutcome>,
    /// Each verifier that runs on schedule, by name.
    pub schedule: Vec<ScheduledOutcome>,
    /// States after the activation in which readiness was asked for and is BLOCKED.
    #[serde(default)]
    pub blocked_in: usize,
}

/// An entry point, the verifier that recomputes what it did, and what came of that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairOutcome {
    /// What mutates.
    pub entrypoint: String,
    /// What recomputes it.
    pub verifier: String,
    /// Age at which its answer no longer counts; none where it is not scheduled.
    pub staleness_seconds_max: Option<u64>,
    /// How often the entry point was executed, each effect once.
    pub executed: usize,
    /// Those whose newest verification is younger than that.
    pub fresh: usize,
    /// Those that are verified: passed, as pinned, and fresh.
    pub verified: usize,
}

/// A verifier that runs on schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduledOutcome {
    /// What runs.
    pub verifier: String,
    /// Age at which its answer no longer counts.
    pub staleness_seconds_max: u64,
    /// What its newest run said; none if it never ran.
    pub verdict: Option<String>,
    /// Whether that run is younger.
    pub fresh: bool,
}

impl PairsOutcome {
    /// What is not as it should be; nothing if all is.
    pub(crate) fn wrong(&self) -> Option<String> {
        let Self {
            entrypoints,
            executed,
            verified,
            findings,
            gates,
            ..
        } = self;
        if [entrypoints, executed, findings, gates].contains(&&0) {
            return Some(format!(
                "{entrypoints} entry points, {executed} executions, {findings} findings, facts of {gates} gates: expected at least one of each"
            ));
        }
        let sum = |of: fn(&PairOutcome) -> usize| self.of.iter().map(of).sum::<usize>();
        let told = (
            self.of.len(),
            sum(|pair| pair.executed),
            sum(|pair| pair.verified),
        );
        if told != (*entrypoints, *executed, *verified) {
            return Some(format!(
                "the pairs one by one come to {told:?}, expected ({entrypoints}, {executed}, {verified})"
            ));
        }
        if self.schedule.is_empty() {
            return Some("no verifier is scheduled".to_owned());
        }
        if verified != executed {
            return Some(format!("{verified} of {executed} executions are verified"));
        }
        (self.readiness != "BLOCKED").then(|| format!("readiness is `{}`, expected BLOCKED", self.readiness))
    }
}

impl Run<'_> {
    /// Runs the scan's files as its persona and notes what came of it; what it recorded stays for what follows.
    pub(crate) async fn scan(&mut self, at: &str) -> Result<(), RehearseError> {
        let committed = self.committed;
        let Some((scan, files)) = &committed.scan else {
            return Ok(());
        };
        let begun = Instant::now();
        for (path, sql) in files {
            let during = format!("running `{path}`");
            let savepoint = self.session.savepoint().await?;
            let script = format!("{}{sql}", self.become_persona(&scan.persona));
            let batch = self.session.batch(&during, script).await?;
            batch.demand_transaction(&during)?;
            if let Some(error) = batch.error {
                self.session.undo(savepoint, &during).await?;
                let message = format!("{during}: {} {}", error.code(), error.message());
                self.finding("PAIR_UNSOUND", None, message, vec![]);
                return Ok(());
            }
            self.session
                .harness(&during, "set local session authorization default; reset role")
                .await?;
            self.session.keep(savepoint, &during).await?;
        }
        let during = "asking what came of the pairs";
        let answer = self.session.texts(during, &scan.came_of_it).await?;
        let read = match answer.as_slice() {
            [Some(text)] => serde_json::from_str::<PairsOutcome>(text).map_err(|error| error.to_string()),
            rows => Err(format!("expected one JSON object, found {} rows", rows.len())),
        };
        match read {
            Ok(mut pairs) => {
                at.clone_into(&mut pairs.at);
                pairs.blocked_in = self.outcome.pairs.as_ref().map_or(0, |last| last.blocked_in);
                if let Some(wrong) = pairs.wrong() {
                    self.finding(
                        "PAIR_UNSOUND",
                        None,
                        format!("{at}: {wrong}"),
                        pairs.unmet.clone(),
                    );
                }
                self.outcome.pairs = Some(pairs);
            }
            Err(why) => self.finding("PAIR_UNSOUND", None, format!("{during}: {why}"), vec![]),
        }
        self.part("pairs", begun);
        Ok(())
    }

    /// Demands that a state is not ready: no package opens what readiness would.
    pub(crate) async fn demand_blocked(&mut self, label: &str) -> Result<(), RehearseError> {
        let Some((scan, _)) = &self.committed.scan else {
            return Ok(());
        };
        let during = format!("asking whether {label} is ready");
        let answers = self.session.texts(&during, &scan.readiness).await?;
        let answers: Vec<String> = answers.into_iter().flatten().collect();
        if answers != ["BLOCKED"] {
            let message = format!("{label}: expected BLOCKED, found {answers:?}");
            self.finding("READINESS_NOT_BLOCKED", None, message, vec![]);
        } else if let Some(pairs) = &mut self.outcome.pairs {
            pairs.blocked_in += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{PairOutcome, PairsOutcome, ScheduledOutcome};

    fn sound() -> PairsOutcome {
        told(3, 3)
    }

    fn told(executed: usize, verified: usize) -> PairsOutcome {
        let pair = PairOutcome {
            executed,
            verified,
            ..PairOutcome::default()
        };
        PairsOutcome {
            at: String::new(),
            entrypoints: 1,
            executed,
            verified,
            findings: 1,
            readiness: "BLOCKED".to_owned(),
            unmet: vec![],
            gates: 14,
            of: vec![pair],
            schedule: vec![ScheduledOutcome::default()],
            blocked_in: 0,
        }
    }

    #[test]
    fn verified_pairs_are_sound() {
        assert_eq!(sound().wrong(), None);
    }

    #[test]
    fn nothing_executed_is_not_sound() {
        assert!(told(0, 0).wrong().unwrap().contains("0 executions"));
    }

    #[test]
    fn one_execution_that_nobody_verified_is_told() {
        assert_eq!(told(3, 2).wrong().unwrap(), "2 of 3 executions are verified");
    }

    #[test]
    fn pairs_and_their_sums_are_one_story() {
        let fewer = PairsOutcome {
            of: vec![],
            ..sound()
        };
        assert!(fewer.wrong().unwrap().contains("come to (0, 0, 0)"));
        let other = PairsOutcome {
            of: told(3, 2).of,
            ..sound()
        };
        assert!(other.wrong().unwrap().contains("come to (1, 3, 2)"));
        let unscheduled = PairsOutcome {
            schedule: vec![],
            ..sound()
        };
        assert_eq!(unscheduled.wrong().unwrap(), "no verifier is scheduled");
    }

    #[test]
    fn readiness_must_stay_blocked() {
        let ready = PairsOutcome {
            readiness: "READY".to_owned(),
            ..sound()
        };
        assert!(ready.wrong().unwrap().contains("expected BLOCKED"));
    }
}
