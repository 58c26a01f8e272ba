//! A lane that touches nothing of production: what lets it run, what it may not touch, what it leaves behind.
//!
//! Not for: running a stage (`xtask`). The one fact to know: every verdict in a packet is a function of other
//! documents of the same packet, so a stranger computes it again, and a packet that claims more than its own
//! observations is refused by what it observed.

mod bound;
mod code;
mod delegation;
mod documents;
mod governance;
mod note;
mod observe;
mod operative;
mod packet;
mod probe;
mod review;
mod specimen;
mod verify;

pub use code::{CODES, Refusal, differing};
pub use delegation::{Delegation, asked_for, judge as judge_delegation};
pub use documents::{
    Addendum, BlockerMap, Blocking, CanonicalFile, Check, DelegationLock, Environment, ExecutionPlan,
    ForbiddenProof, GateParts, Input, LaneGate, Mutation, NOT_APPLICABLE, Named, Observed, Pin, Preflight,
    PriorVerdict, Probes, ProbesOf, Reserved, Reversal, Review, RollbackGate, STAGES, ScopeLock, Stage,
    Surface, blocker_map, execution_plan, scope_lock,
};
pub use governance::{Governance, Pins, addendum, pins};
pub use observe::{Given, observe, prove};
pub use operative::text as operative;
pub use packet::{Draft, Packet, REHEARSAL, printed_documents, read, reseal, tree_of, write};
pub use probe::{
    Answer, Asked, Control, SEAL_TOKENS, has_token, is_acceptance, judge as judge_answer, judge_control,
};
pub use review::{Documents, failed_checks, review};
pub use specimen::{packet_of, specimen};
pub use verify::{Report, verify};

/// Why a packet was not written or not read; what is wrong with one is a [`Refusal`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is no folder, or its place is taken, or the disk failed.
    #[error(transparent)]
    Evidence(#[from] evidence::Error),
    /// The disk.
    #[error("`{path}`: {source}")]
    Io {
        /// The path.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// What was to be written would be refused by this very tool.
    #[error("a lane packet was not written: {0}")]
    Refused(Refusal),
}
