//! A Postgres that dies with its handle.
//!
//! Nothing is left behind after success, failure, Ctrl-C, SIGTERM or SIGKILL.
#![forbid(unsafe_code)]

mod account;
mod approved;
mod binaries;
mod cache;
mod choose;
mod connect;
mod container;
mod embedded;
mod engine;
mod error;
mod folder;
mod guard;
mod interrupt;
mod local;
mod options;
mod pack;
mod server;
mod sweep;

use std::time::{Duration, Instant};

pub use binaries::SUPPORTED_MAJORS;
pub use error::{StartError, StopError};
pub use interrupt::{Interrupted, unless_interrupted};
pub use local::Cluster;
pub use options::{Options, Provider, RunsIn, Script, Template, default_cache_dir};
pub use server::Server;

use server::Facts;

/// Starts a server and runs the template on it.
///
/// # Errors
/// See [`StartError`]; nothing is left behind then.
pub async fn start(options: &Options) -> Result<Server, StartError> {
    let begun = Instant::now();
    connect::check_environment(&["PGOPTIONS"])?;
    let chosen = choose::choose(options).await?;
    let mut server = Server {
        facts: Facts::ask(&chosen.backend.superuser("postgres")).await?,
        backend: chosen.backend,
        provider: chosen.provider,
        reason: chosen.reason,
        start_elapsed: Duration::ZERO,
    };
    server.start_elapsed = begun.elapsed();
    Ok(server)
}

/// Clears away what killed runs left on this machine and in its container engine; how
/// many folders and containers.
pub async fn sweep() -> usize {
    let containers = match engine::connect().await {
        Ok(docker) => engine::sweep(&docker).await,
        Err(_) => 0,
    };
    sweep::local(None).await + containers
}
