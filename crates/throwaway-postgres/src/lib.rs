//! A Postgres that dies with its handle.
//!
//! For rehearsals and tests: a server of majors 15 to 18 from whatever this machine has,
//! durability off, and nothing left behind after success, failure, Ctrl-C, SIGTERM or
//! SIGKILL. Not for data that anybody wants to keep.
//!
//! ```no_run
//! use throwaway_postgres::{Options, Script, Template, default_cache_dir, start};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let server = start(&Options {
//!     cache_dir: default_cache_dir(),
//!     template: Some(Template {
//!         database: "estate".into(),
//!         scripts: vec![Script::cluster("roles.sql", "create role reader login")],
//!     }),
//!     ..Options::default()
//! })
//! .await?;
//! eprintln!("{}: {}", server.provider(), server.reason());
//! let _as_reader = server.connect_options_as("estate", "reader");
//! server.stop().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # How nothing is left
//! | provider | while it runs | should that fail |
//! | --- | --- | --- |
//! | `local`, `embedded` | `/bin/sh` runs `guard.sh` on a pipe that we hold: at its end it stops the server and removes the folder | the next start sweeps folders whose `owner.lock` nobody holds |
//! | `testcontainers` | a process in the container waits on a stream that we hold, then stops it; the engine removes what has ended | the next start sweeps containers whose labelled owner is gone |
//! | a URL | [`Server::stop`] or dropping the handle drops what was made | the next start there sweeps what is marked with an advisory lock that nobody holds |
//!
//! The guard is a shell and not a re-exec of ourselves, so no `main` needs a first line for
//! it, and test binaries are served like any other. A tool that may be given a URL runs its
//! work in [`unless_interrupted`], so that Ctrl-C drops the handle; the other providers do
//! not need it. All of this needs a runtime with I/O and time; current-thread will do.
//!
//! The fact to know: a URL's password is in sqlx's options, and their `Debug` prints it.
#![forbid(unsafe_code)]

mod account;
mod approved;
mod binaries;
mod cache;
mod choose;
mod connect;
mod container;
mod disposable;
mod door;
mod embedded;
mod engine;
mod error;
mod folder;
mod for_tests;
mod guard;
mod interrupt;
mod local;
mod options;
mod pack;
mod restore;
mod server;
mod share;
mod sweep;

use std::time::{Duration, Instant};

pub use binaries::SUPPORTED_MAJORS;
pub use disposable::{Client, Disposable};
pub use door::open;
pub use error::{StartError, StopError};
pub use for_tests::{Survey, programs, survey};
pub use interrupt::{Interrupted, unless_interrupted};
pub use local::Cluster;
pub use options::{Options, Provider, RunsIn, Script, Template, default_cache_dir};
pub use restore::{RestoreError, restore};
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
    match options.major {
        Some(asked) if server.version_num() / 10_000 != asked => {
            let found = format!("{} ({})", server.version(), server.provider());
            // The answer is that it is another one; what can't be taken down now, the next start sweeps.
            let _ = server.stop().await;
            Err(StartError::OtherMajor { asked, found })
        }
        _ => Ok(server),
    }
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
