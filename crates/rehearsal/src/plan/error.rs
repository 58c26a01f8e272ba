//! Why a plan can't be rehearsed.

/// Why a plan can't be rehearsed. All of these are findings: somebody changes a file.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A file that is named is not there or can't be read.
    #[error("can't read `{path}`: {source}; run `cargo xtask author`")]
    Unreadable {
        /// Path below the root.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// Bytes that are not those that were committed to the index.
    #[error(
        "`{path}` was changed after it was authored: expected sha256 {expected}, found {found}; run `cargo xtask author` and review the difference"
    )]
    Tampered {
        /// Path below the root.
        path: String,
        /// The digest in the index or the plan.
        expected: String,
        /// The digest of the bytes.
        found: String,
    },
    /// Not the format that this engine reads.
    #[error("`{path}` can't be read as a {what}: {message}")]
    Malformed {
        /// Path below the root.
        path: String,
        /// What it should be.
        what: &'static str,
        /// The parser's words.
        message: String,
    },
    /// Two parts of the plan that do not fit.
    #[error("{0}")]
    Inconsistent(String),
}
