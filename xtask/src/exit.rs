//! Exit codes, all of them, and the errors that end a command.
//!
//! The one fact to know: a signal is no verdict, so it has the code that a shell gives it: 130 for
//! SIGINT, 143 for SIGTERM, 129 for SIGHUP.

use crate::capture::MissingCapture;
use crate::{estate, majors};
use rehearsal::RehearseError;
use std::process::ExitCode;
use throwaway_postgres::{Interrupted, RestoreError};

/// How a command ends. Usage errors are clap's, which uses the same 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// 0: everything was measured and is as it should be.
    Pass = 0,
    /// 1: a finding, or a no-go: something was not measured.
    Finding = 1,
    /// 2: the arguments can't be used.
    Usage = 2,
    /// 3: the machine or the server: no Postgres to be had, no room, a lost connection.
    Environment = 3,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// What ends a command without a result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// An argument that clap could not judge.
    #[error("{0}")]
    Usage(String),
    /// The rehearsal ended without an outcome.
    #[error(transparent)]
    Rehearse(#[from] RehearseError),
    /// The committed run ended without an outcome.
    #[error(transparent)]
    Commit(#[from] committed_clone::CommitError),
    /// There are no rows for this server's major.
    #[error(transparent)]
    Rows(#[from] majors::Error),
    /// Nothing was authored.
    #[error(transparent)]
    Author(#[from] crate::author::Error),
    /// Nothing was captured.
    #[error("{message}")]
    Capture {
        /// How the command ends.
        code: Code,
        /// What failed, with its causes.
        message: String,
    },
    /// A capture that was named is not to be had.
    #[error("{}", crate::capture::with_causes(.0))]
    MissingCapture(#[from] crate::capture::MissingCapture),
    /// A dump could not be rehearsed on.
    #[error(transparent)]
    Estate(#[from] crate::estate::Error),
    /// A request that is refused by name.
    #[error("{message}")]
    Refused {
        /// Why.
        code: &'static str,
        /// How the command ends.
        how: Code,
        /// What, expected, found, what to do.
        message: String,
    },
    /// What was given does not hold together.
    #[error("{0}")]
    Finding(String),
    /// No packet was written or read.
    #[error(transparent)]
    Evidence(#[from] evidence::Error),
    /// The machine.
    #[error("{0}")]
    Environment(String),
    /// Somebody pressed Ctrl-C, or sent a signal.
    #[error("{0}; what was started is taken down, nothing is left behind")]
    Interrupted(#[from] Interrupted),
}

impl CommandError {
    /// The name under which a request was refused, where it has one.
    pub(crate) fn reject_code(&self) -> Option<&'static str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::Rehearse(RehearseError::Start(throwaway_postgres::StartError::NotApproved { .. })) => {
                Some("TARGET_NOT_APPROVED")
            }
            Self::Evidence(evidence::Error::Occupied { .. }) => Some("EVIDENCE_EXISTS"),
            Self::Evidence(evidence::Error::NotAFolder { .. }) => Some("PACKET_NOT_THERE"),
            _ => None,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        let code = match self {
            Self::Interrupted(interrupted) => return interrupted.exit_code.into(),
            Self::Usage(_)
            | Self::Evidence(evidence::Error::NotAFolder { .. } | evidence::Error::Occupied { .. })
            | Self::MissingCapture(MissingCapture::Nowhere { .. })
            | Self::Estate(
                estate::Error::NoRoles
                | estate::Error::Globals { .. }
                | estate::Error::Restore(RestoreError::Unreadable { .. } | RestoreError::Empty { .. }),
            ) => Code::Usage,
            Self::Estate(estate::Error::Restore(error)) if error.is_environment() => Code::Environment,
            Self::MissingCapture(MissingCapture::Load(_)) | Self::Estate(_) | Self::Author(_) => {
                Code::Finding
            }
            Self::Rehearse(error) if !error.is_environment() => Code::Finding,
            Self::Rows(error) if !is_the_servers(error) => Code::Finding,
            Self::Finding(_) | Self::Evidence(evidence::Error::Outcome(_)) => Code::Finding,
            Self::Capture { code, .. } | Self::Refused { how: code, .. } => *code,
            Self::Rehearse(_)
            | Self::Commit(_)
            | Self::Rows(_)
            | Self::Evidence(_)
            | Self::Environment(_) => Code::Environment,
        };
        code.into()
    }
}

/// Whether the server is to blame, and not what is committed.
fn is_the_servers(error: &majors::Error) -> bool {
    use capture::CaptureError::{ChangedMeanwhile, Query};
    matches!(
        error,
        majors::Error::Connect(_) | majors::Error::Capture(Query { .. } | ChangedMeanwhile { .. })
    )
}

impl From<std::io::Error> for CommandError {
    fn from(error: std::io::Error) -> Self {
        Self::Environment(format!("can't write the output: {error}"))
    }
}

impl From<rehearsal::UnknownSubject> for CommandError {
    fn from(error: rehearsal::UnknownSubject) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<rehearsal::PlanError> for CommandError {
    fn from(error: rehearsal::PlanError) -> Self {
        Self::Rehearse(error.into())
    }
}
