//! Why a committed run ended without an outcome.
//!
//! What is wrong with the packages is a finding and stands in the run; this is what is wrong with the
//! world.

use rehearsal::RehearseError;
use std::path::PathBuf;

/// What ended the run.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A state could not be read, or an answer could not be understood.
    #[error(transparent)]
    Rehearse(#[from] RehearseError),
    /// A statement of the harness failed.
    #[error("committed run: {during} failed: {source}")]
    Harness {
        /// What was going on.
        during: String,
        /// What the server or the connection said.
        source: sqlx::Error,
    },
    /// The second observer did not look.
    #[error("committed run: `{}` ended without a dump: {said}", program.display())]
    Dump {
        /// The program.
        program: PathBuf,
        /// Its last words.
        said: String,
    },
}

impl CommitError {
    pub(crate) fn harness(during: &str) -> impl FnOnce(sqlx::Error) -> Self {
        let during = during.to_owned();
        move |source| Self::Harness { during, source }
    }
}
