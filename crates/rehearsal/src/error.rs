//! Why a rehearsal ended without an outcome, and whose turn it is.
//!
//! A finding (a guard that is red, a step that does not return) is no error: it stands in the
//! outcome. An error is what leaves nothing to report on.

use crate::plan::PlanError;
use std::path::PathBuf;

/// What ended the rehearsal.
#[derive(Debug, thiserror::Error)]
pub enum RehearseError {
    /// The committed files can't be rehearsed.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// No server.
    #[error(transparent)]
    Start(#[from] throwaway_postgres::StartError),
    /// The server did not end as it should.
    #[error("the throwaway server did not stop: {0}")]
    Stop(String),
    /// A major that the generated SQL was never tried on.
    #[error(
        "server has major {found}, expected one of 15, 16, 17, 18; choose another with `--postgres` or `--pg-bin`"
    )]
    UnsupportedMajor {
        /// The server's major.
        found: u32,
    },
    /// Roles are the cluster's: a role of that name makes CREATE ROLE fail, or wait for another
    /// rehearsal.
    #[error(
        "role `{role}` exists in this cluster already, expected none of that name; rehearse on a throwaway server, or drop the role"
    )]
    RoleExists {
        /// The role.
        role: String,
    },
    /// Somebody rehearses in the same database.
    #[error(
        "another rehearsal runs in database `{database}` of this server; wait for it, or rehearse on a throwaway server"
    )]
    AnotherRehearsal {
        /// The database.
        database: String,
    },
    /// The server ended the session, or the connection broke.
    #[error(
        "connection to the server was lost during {during}: {message}; the server rolls the transaction back by itself"
    )]
    ConnectionLost {
        /// What ran.
        during: String,
        /// The driver's or server's words.
        message: String,
    },
    /// Disk, memory or locks ran out.
    #[error(
        "the server ran out of resources during {during}: {sqlstate} {message}; give it more room and rehearse again"
    )]
    OutOfResources {
        /// What ran.
        during: String,
        /// Class 53 or 58.
        sqlstate: String,
        /// The server's words.
        message: String,
    },
    /// The disk of the throwaway folder is full.
    #[error(
        "no room left in `{}`, where the throwaway server lies: {said}; free some there, or name a roomier folder by `--temp-dir DIR`", folder.display()
    )]
    NoRoom {
        /// Parent of the throwaway folder.
        folder: PathBuf,
        /// The server's words.
        said: String,
    },
    /// The second server's share has no thread.
    #[error("no thread for {name}: {said}; free some, or rehearse with `--servers 1`")]
    NoThread {
        /// What it was for.
        name: String,
        /// The system's words.
        said: String,
    },
    /// A statement ended the transaction that contains everything.
    #[error(
        "{during} ended the rehearsal's transaction ({message}): a COMMIT or ROLLBACK stands in it; remove it, what it committed is gone with the server"
    )]
    TransactionEscaped {
        /// The statement or file.
        during: String,
        /// How it was seen.
        message: String,
    },
    /// A statement of the harness itself failed.
    #[error("{during} failed: {sqlstate} {message}")]
    Harness {
        /// What ran.
        during: String,
        /// SQLSTATE, if the server answered.
        sqlstate: String,
        /// The server's words.
        message: String,
    },
}

impl RehearseError {
    /// Whether the machine or the server is at fault rather than a committed file.
    pub fn is_environment(&self) -> bool {
        match self {
            Self::Plan(_) | Self::TransactionEscaped { .. } | Self::Harness { .. } => false,
            Self::Start(_)
            | Self::Stop(_)
            | Self::UnsupportedMajor { .. }
            | Self::RoleExists { .. }
            | Self::AnotherRehearsal { .. }
            | Self::ConnectionLost { .. }
            | Self::OutOfResources { .. }
            | Self::NoRoom { .. }
            | Self::NoThread { .. } => true,
        }
    }
}
