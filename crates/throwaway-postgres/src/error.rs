//! What can go wrong, one enum an operation.
//!
//! Not here: exit codes; every [`StartError`] is "the environment" to a command.
//! The fact to know: no message may hold a password, so URLs never enter one.

use std::io;
use std::path::PathBuf;

/// Why no server was started. Nothing is left behind by then.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No provider of `auto` could serve.
    #[error(
        "no PostgreSQL to be had: {tried}\n\nhint: install PostgreSQL 15 to 18 (`apt-get install postgresql`, `brew install postgresql@17`), or start Docker, or name a folder with `initdb` and `postgres` by `--pg-bin DIR`"
    )]
    NoPostgres {
        /// Each provider and why it could not.
        tried: String,
    },
    /// No `initdb` and `postgres` on this machine.
    #[error(
        "found no `initdb` and `postgres` in {looked}; install PostgreSQL 15 to 18, or name their folder by `--pg-bin DIR`"
    )]
    NoBinaries {
        /// The places that were looked at.
        looked: String,
    },
    /// Servers were found, but none of a supported major.
    #[error(
        "unsupported PostgreSQL: found {found}, supported are majors 15, 16, 17 and 18; install one of them, or name its folder by `--pg-bin DIR`"
    )]
    UnsupportedMajor {
        /// Versions, and where they were found.
        found: String,
    },
    /// A server of another major than the one that was asked for.
    #[error(
        "expected PostgreSQL {asked}, found {found}; install {asked}, fetch it by `scripts/fetch-postgres {asked}`, name its folder by `--pg-bin DIR` or its image by `--image NAME:TAG`"
    )]
    OtherMajor {
        /// The major that was asked for.
        asked: u32,
        /// Versions, and where they were found.
        found: String,
    },
    /// A program could not be run by the account that must run it.
    #[error("`{}` can't be run as user `{account}`: {source}", program.display())]
    Program {
        /// The program.
        program: PathBuf,
        /// Who tried to run it.
        account: String,
        /// The reason.
        source: io::Error,
    },
    /// Root may not run a server, and there is no other account to drop to.
    #[error(
        "PostgreSQL refuses to run as root, and `/etc/passwd` has neither a user `postgres` nor `nobody`"
    )]
    NoAccount,
    /// No parent folder for the throwaway folder fits.
    #[error("no place for a throwaway folder: {tried}")]
    NoPlace {
        /// Each candidate and why it does not fit.
        tried: String,
    },
    /// The disk, or the memory, that holds the throwaway folder is full.
    #[error(
        "no room for a throwaway server in `{}`: {said}; free some there, or name a roomier folder by `--temp-dir DIR`", parent.display()
    )]
    NoRoom {
        /// Parent of the throwaway folder.
        parent: PathBuf,
        /// What could not be written, in the system's or the server's words.
        said: String,
    },
    /// A file operation failed.
    #[error("can't {doing} `{}`: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// `initdb` failed.
    #[error("`initdb` failed, its last lines:\n{log}")]
    Initdb {
        /// End of its output.
        log: String,
    },
    /// The server ended while it was waited for.
    #[error("the server ended while starting, its last lines:\n{log}")]
    ServerEnded {
        /// End of its log.
        log: String,
    },
    /// The server did not answer in time.
    #[error("the server did not answer within {waited_s} s, its last lines:\n{log}")]
    Timeout {
        /// Seconds that were waited.
        waited_s: u64,
        /// End of its log.
        log: String,
    },
    /// A connection or a query of the harness failed.
    #[error("can't {doing}: {source}")]
    Query {
        /// What was being done.
        doing: &'static str,
        /// The reason.
        source: sqlx::Error,
    },
    /// A script of the template was refused.
    #[error("template script `{script}` failed with `{sqlstate}`: {message}")]
    Template {
        /// Name of the script.
        script: String,
        /// SQLSTATE, or `-` when the connection was lost.
        sqlstate: String,
        /// The server's message.
        message: String,
    },
    /// A script of the template creates a role that the cluster has already.
    #[error(
        "template script `{script}` failed with `42710`: {message} in the cluster; roles belong to the whole cluster: choose a cluster without it, or drop it there"
    )]
    RoleExists {
        /// Name of the script.
        script: String,
        /// The server's message, such as `role "x" already exists`.
        message: String,
    },
    /// The environment holds a variable that every connection would obey.
    #[error("the environment sets `{variable}`, which would change every connection to the server; unset it")]
    Environment {
        /// Name of the variable.
        variable: &'static str,
    },
    /// The container engine did not answer.
    #[error("no container engine: {why}; start Docker, or use `--postgres local`")]
    NoEngine {
        /// What its client said.
        why: String,
    },
    /// The image is neither at hand nor to be had.
    #[error(
        "image `{image}` is neither at hand nor pullable: {why}; name another by `THROWAWAY_POSTGRES_IMAGE`"
    )]
    NoImage {
        /// Name and tag.
        image: String,
        /// What the engine said.
        why: String,
    },
    /// The container did not become a server.
    #[error("container of `{image}` failed: {why}")]
    Container {
        /// Name and tag.
        image: String,
        /// The reason, with the end of its log when there is one.
        why: String,
    },
    /// The embedded provider could not install a server.
    #[error("can't install an embedded PostgreSQL: {why}")]
    Embedded {
        /// The reason.
        why: String,
    },
    /// The URL does not parse.
    #[error("the URL of the server does not parse: {why}")]
    Url {
        /// The reason, without the URL.
        why: String,
    },
    /// Somebody else's throwaway things are on the approved server.
    #[error("another run uses the approved server at this moment; wait for it, or use a server of your own")]
    Busy,
    /// A person has not approved the server that the URL names.
    #[error(
        "the server's system identifier is `{found}`, approved is {approved}; if this server may be rehearsed on, say `--approve-target {found}`"
    )]
    NotApproved {
        /// What the server says.
        found: String,
        /// What was approved: `nothing`, or an identifier in backticks.
        approved: String,
    },
}

/// Why a server could not be taken down as promised.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// Its folder is still there.
    #[error(
        "the throwaway folder `{}` is still there; the next start sweeps it", folder.display()
    )]
    LeftBehind {
        /// The folder.
        folder: PathBuf,
    },
    /// The container could not be removed.
    #[error("can't remove the container: {why}; the next start sweeps it")]
    Container {
        /// What the engine said.
        why: String,
    },
    /// Databases or roles could not be dropped from an approved server.
    #[error("can't drop what was made on the approved server: {source}; the next start sweeps it")]
    Approved {
        /// The reason.
        source: sqlx::Error,
    },
}

impl StartError {
    /// An [`StartError::Io`] in the making, for `map_err`.
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }

    /// A [`StartError::Query`] in the making, for `map_err`.
    pub(crate) fn query(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Query { doing, source }
    }
}
