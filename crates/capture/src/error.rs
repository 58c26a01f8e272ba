//! What can go wrong, by operation.
//!
//! Not for: verdicts about what was captured. The one fact to know: no message holds a secret: findings
//! name places, URLs are shown without password.

use std::path::PathBuf;

use crate::secrets::Finding;

/// A database could not be captured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The server refused or the connection broke.
    #[error("can't read {section} of the database")]
    Query {
        /// What was being read.
        section: &'static str,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// The server's answer is not what this version expects.
    #[error("the server's answer for {section} has an unexpected shape")]
    Shape {
        /// What was being read.
        section: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A name or text that has no canonical encoding.
    #[error("`{identity}` can't be hashed")]
    Encode {
        /// The object.
        identity: String,
        /// Why.
        #[source]
        source: canonical::EncodeError,
    },
    /// A server older than the oldest supported major.
    #[error("the server is PostgreSQL {found}: expected 15 or later")]
    UnsupportedMajor {
        /// The server's major.
        found: u32,
    },
    /// The role whose SELECT set is wanted does not exist.
    #[error("role `{reader}` does not exist in the cluster: its SELECT set can't be captured")]
    ReaderMissing {
        /// The role.
        reader: String,
    },
    /// A transaction was not read-only, or was given a transaction id.
    #[error(
        "a capture's transaction left a trace while reading {section}: expected a read-only one without a transaction id"
    )]
    LeftTrace {
        /// What was being read.
        section: &'static str,
    },
    /// The database changed between the first and the last read.
    #[error("{section} changed while it was captured; capture again when nobody changes definitions")]
    ChangedMeanwhile {
        /// What differs.
        section: String,
    },
    /// Credentials stand in what would be written.
    #[error("{} found in the database; nothing was written\n{}\nhint: take them out of the database, or capture with --redact, which keeps the digest of each such text only", count(.findings), places(.findings))]
    Credentials {
        /// Where, without the secrets.
        findings: Vec<Finding>,
    },
}

fn count(findings: &[Finding]) -> String {
    match findings.len() {
        1 => "1 credential".to_owned(),
        n => format!("{n} credentials"),
    }
}

fn places(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(|finding| format!("  {finding}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A capture could not be written.
#[derive(Debug, thiserror::Error)]
#[error("can't write the capture to `{path}`; what stood there is unchanged")]
pub struct WriteError {
    /// The folder.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: std::io::Error,
}

/// A capture could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A file is missing or unreadable.
    #[error("can't read `{path}` of the capture")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is no TOML of the expected form.
    #[error("`{path}` is no part of a capture: {message}")]
    Form {
        /// The file.
        path: PathBuf,
        /// Why.
        message: String,
    },
    /// A capture of another format.
    #[error("`{path}` has format version {found}: expected 1; capture again with this version")]
    Version {
        /// The file.
        path: PathBuf,
        /// The version.
        found: i64,
    },
    /// A file that the index does not list, or the reverse.
    #[error(
        "the capture in `{path}` has {what} `{file}`; restore the folder from version control or capture again"
    )]
    Files {
        /// The folder.
        path: PathBuf,
        /// `an unlisted file` or `no file`.
        what: &'static str,
        /// The file.
        file: String,
    },
    /// A file was changed by hand.
    #[error(
        "`{path}` was changed after the capture: expected sha256 {expected}, found {found}; a capture is never edited, capture again"
    )]
    Tampered {
        /// The file.
        path: PathBuf,
        /// Digest in the index.
        expected: String,
        /// Digest of the bytes.
        found: String,
    },
}

/// A capture is of another database than the one it is held against.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the capture is from another database: {what} is `{captured}` in the capture, `{found}` here")]
pub struct ForeignCapture {
    /// What differs: `database`, `system identifier`, `server major`, `capture digest`.
    pub what: &'static str,
    /// In the capture.
    pub captured: String,
    /// In the database.
    pub found: String,
}

/// `capture URL` failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The URL is none.
    #[error("`{url}` is no connection URL: expected `postgres://ROLE@HOST/DATABASE`")]
    Url {
        /// The URL, without its password.
        url: String,
    },
    /// No connection.
    #[error("can't connect to `{url}`")]
    Connect {
        /// The URL, without its password.
        url: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// The database could not be captured.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The folder holds a capture that can't be read.
    #[error("the folder already holds a capture that can't be loaded")]
    Load(#[from] LoadError),
    /// The folder holds a capture of another database.
    #[error("`{path}` holds the capture of another database; choose another name")]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// What differs.
        #[source]
        source: ForeignCapture,
    },
    /// The capture could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The name is none.
    #[error("`{name}` is no name for a capture: expected lower-case letters, digits, `-` and `_`")]
    Name {
        /// The name.
        name: String,
    },
    /// Standard output is gone.
    #[error("can't print")]
    Print(#[from] std::io::Error),
}

impl RunError {
    /// Whether the arguments can't be used.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Url { .. } | Self::Name { .. })
    }

    /// Whether the machine or the server failed, and not the database's content.
    pub fn is_environment(&self) -> bool {
        matches!(
            self,
            Self::Connect { .. }
                | Self::Write(_)
                | Self::Print(_)
                | Self::Capture(CaptureError::Query { .. } | CaptureError::UnsupportedMajor { .. })
        )
    }
}
