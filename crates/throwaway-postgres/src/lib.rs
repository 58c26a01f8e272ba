//! A Postgres that dies with its handle.
//!
//! Nothing is left behind after success, failure, Ctrl-C, SIGTERM or SIGKILL.
#![forbid(unsafe_code)]

mod account;
mod binaries;
mod cache;
mod connect;
mod error;
mod folder;
mod guard;
mod local;
mod options;
mod pack;
mod server;
mod sweep;

use std::time::Instant;

pub use binaries::SUPPORTED_MAJORS;
pub use error::{StartError, StopError};
pub use local::Cluster;
pub use options::{Options, Provider, RunsIn, Script, Template, default_cache_dir};
pub use server::Server;

use account::Account;
use binaries::Binaries;
use local::Local;
use server::{Backend, Facts};

/// Starts a server and runs the template on it.
///
/// # Errors
/// See [`StartError`]; nothing is left behind then.
pub async fn start(options: &Options) -> Result<Server, StartError> {
    let begun = Instant::now();
    connect::check_environment(&["PGOPTIONS"])?;
    let account = Account::choose()?;
    let binaries = Binaries::find(options.pg_bin.as_deref(), &account)?;
    let reason = format!("`{}` is `{}`", binaries.dir.display(), binaries.version);
    let local = Local::start(options, &account, binaries).await?;
    let facts = Facts::ask(&local.superuser()).await?;
    Ok(Server {
        backend: Backend::Local(local),
        provider: "local",
        reason,
        facts,
        start_elapsed: begun.elapsed(),
    })
}

/// Clears away what killed runs left on this machine; how many folders.
pub async fn sweep() -> usize {
    sweep::local(None).await
}
