//! Static fixtures: guards over committed files, measured without a server.
//!
//! A fixture answers in probe rows like any other guard and is judged by the same table. It
//! reads only what it is handed, so it can't measure a file that the plan did not digest.

use crate::probe::ProbeRow;
use crate::verdict::{Answered, Verdict, judge};
use std::collections::BTreeMap;

/// Committed files by their path in the repository, digests already verified.
pub type CommittedFiles = BTreeMap<String, Vec<u8>>;

/// A guard that is measured over files.
#[derive(Clone, Copy)]
pub struct Fixture {
    /// Its id, like `G-GATES-14`.
    pub id: &'static str,
    /// The probes that must all come back.
    pub probes: &'static [&'static str],
    /// Reads the files and answers; an error means that it could not be measured.
    pub measure: fn(&CommittedFiles) -> Result<Vec<ProbeRow>, String>,
}

impl Fixture {
    /// Measures and judges.
    pub fn run(&self, files: &CommittedFiles) -> Verdict {
        self.ask(files).verdict
    }

    /// As [`Self::run`], with the rows that were judged.
    pub fn ask(&self, files: &CommittedFiles) -> Answered {
        match (self.measure)(files) {
            Ok(probes) => Answered {
                verdict: judge(self.probes.iter().copied(), &probes),
                probes,
            },
            Err(why) => Answered::not_measured(why),
        }
    }
}
