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
}

impl PairsOutcome {
    /// What is not as it should be; nothing if all is.
    fn wrong(&self) -> Option<String> {
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
}

#[cfg(test)]
mod tests {
    use super::PairsOutcome;

    fn sound() -> PairsOutcome {
        PairsOutcome {
            at: String::new(),
            entrypoints: 7,
            executed: 3,
            verified: 3,
            findings: 1,
            readiness: "BLOCKED".to_owned(),
            unmet: vec![],
            gates: 14,
        }
    }

    #[test]
    fn verified_pairs_are_sound() {
        assert_eq!(sound().wrong(), None);
    }

    #[test]
    fn nothing_executed_is_not_sound() {
        let empty = PairsOutcome {
            executed: 0,
            verified: 0,
            ..sound()
        };
        assert!(empty.wrong().unwrap().contains("0 executions"));
    }

    #[test]
    fn one_execution_that_nobody_verified_is_told() {
        let stale = PairsOutcome {
            verified: 2,
            ..sound()
        };
        assert_eq!(stale.wrong().unwrap(), "2 of 3 executions are verified");
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
