//! Guards over committed files, measured beside the work of the server.
//!
//! They look at nothing but files whose digests were verified, so when they are asked changes
//! no verdict: a thread of their own measures them from the start, and whoever needs one waits.

use crate::plan::Committed;
use guards::{Answered, Fixture};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;

type Verdicts = BTreeMap<&'static str, Answered>;

/// Verdicts of fixtures, known or on their way.
pub(crate) struct StaticGuards {
    measuring: Option<JoinHandle<Verdicts>>,
    known: Verdicts,
}

impl StaticGuards {
    /// Begins to measure those of `fixtures` that the plan asks for.
    pub(crate) fn begin(committed: &Committed, fixtures: &[Fixture]) -> Self {
        let files = Arc::clone(&committed.files);
        let asked: Vec<Fixture> = fixtures
            .iter()
            .filter(|fixture| {
                let guards = &committed.plan.guard;
                guards
                    .iter()
                    .any(|guard| guard.path.is_none() && guard.id == fixture.id)
            })
            .copied()
            .collect();
        let measure = move || {
            let verdict = |fixture: Fixture| (fixture.id, fixture.ask(&files));
            asked.into_iter().map(verdict).collect()
        };
        Self {
            measuring: Some(std::thread::spawn(measure)),
            known: Verdicts::new(),
        }
    }

    /// The verdict of the fixture `id`; waits for it.
    pub(crate) fn verdict(&mut self, id: &str) -> Answered {
        if let Some(measuring) = self.measuring.take() {
            match measuring.join() {
                Ok(verdicts) => self.known = verdicts,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        self.known
            .get(id)
            .cloned()
            .unwrap_or_else(|| Answered::not_measured("no fixture of this name is built in".to_owned()))
    }
}
