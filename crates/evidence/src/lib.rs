//! Evidence packets: what a rehearsal was to run, what it found, and how anybody recomputes it.
//!
//! It is for writing a packet, verifying one, and the rollback gate over one. It is not for rehearsing: it
//! opens no connection and takes an outcome as JSON. The one fact to know: a packet's tree holds nothing of
//! the machine, so two rehearsals of one commit give the same bytes; server, provider and times stand beside
//! the tree in `environment.json`, which has a digest of its own [ruling B21].
//!
//! Nothing here is signed: whoever can write a packet can write another one that is as consistent. What
//! consistency can't show, a rerun does, and the three columns of a [`Report`] say which is which.

mod code;
mod document;
mod exhibit;
mod folder;
mod frozen;
mod gate;
mod hash;
mod outcome;
mod recount;
mod report;
mod statement;
mod tree;
mod verdict;
mod verify;
mod ways;
mod write;

pub use code::{Code, Refusal, escaped};
pub use document::{Environment, Packet, Plan, PlannedFile, Proof, Rollback, parsed, printed};
pub use exhibit::{
    AcceptedLine, AttackLine, BlockerLine, ChainLine, EdgeLine, Exhibits, FingerprintLine, GuardLine,
    HashLine, MutantLine, PrivilegeLine, ProbeLine, RejectionLine, ReversalLine, TableLine,
};
pub use folder::{FILE_BYTES_MAX, Folder};
pub use frozen::frozen;
pub use gate::{Gate, judge_states, rollback_gate, with_apply_as_before};
pub use outcome::{OUTCOME_KEYS, split};
pub use report::{Columns, Report};
pub use statement::{MIGRATION_REHEARSAL, TEST_RESULT};
pub use tree::is_safe;
pub use verdict::BASIS;
pub use verify::{Contents, open, verify, verify_in_checkout};
pub use ways::is_code;
pub use write::{Draft, build, resealed};

/// Why a packet was not written or not read; what is wrong with one is a [`Refusal`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such folder.
    #[error(
        "`{path}` is no folder: expected an evidence packet, as `cargo xtask rehearse --evidence DIR` writes one"
    )]
    NotAFolder {
        /// The path.
        path: String,
    },
    /// Something is there already.
    #[error("`{path}` exists and is not empty: evidence is never overwritten; name a new folder")]
    Occupied {
        /// The path.
        path: String,
    },
    /// The disk.
    #[error("`{path}`: {source}")]
    Io {
        /// The path.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The outcome is not one that this format knows.
    #[error("the outcome can't be evidence: {0}")]
    Outcome(String),
}
