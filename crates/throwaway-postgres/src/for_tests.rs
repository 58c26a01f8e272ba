//! What tests take: a server of whatever kind this machine has, or the programs of one.
//!
//! Not for rehearsals, which say themselves what they want. The one fact to know: a machine
//! without a Postgres installs one for all test processes, once, as the embedded provider does;
//! `THROWAWAY_POSTGRES_BIN` makes every test take the programs of that folder instead.

use std::path::PathBuf;

use crate::account::Account;
use crate::binaries::Binaries;
use crate::{Options, Provider, StartError, default_cache_dir, embedded, engine};

impl Options {
    /// For a test that needs a server and does not care which: the machine's own, which is up in a
    /// tenth of the time of a container, else what `auto` finds. Ready clusters are shared with
    /// all other tests.
    pub fn for_tests() -> Self {
        let options = Self {
            cache_dir: default_cache_dir(),
            ..Self::default()
        };
        Self {
            provider: match own(&options) {
                Ok(_) => Provider::Local,
                Err(_) => Provider::Auto,
            },
            ..options
        }
    }

    /// For a test that needs the server's folder, socket or programs on this machine: its own, else
    /// an installed one, run by the local provider. No container will do.
    ///
    /// # Errors
    /// None is found, and none can be installed.
    pub fn for_local_tests() -> Result<Self, StartError> {
        let options = Self::for_tests();
        Ok(Self {
            provider: Provider::Local,
            pg_bin: Some(programs(&options)?),
            ..options
        })
    }
}

/// The folder of `initdb` and `postgres` that the local provider would run; where there is none,
/// they are installed. Blocks, and needs no runtime.
///
/// # Errors
/// None is found, and none can be installed.
pub fn programs(options: &Options) -> Result<PathBuf, StartError> {
    let not_found = match own(options) {
        Ok(binaries) => return Ok(binaries.dir),
        Err(error) if options.pg_bin.is_some() => return Err(error),
        Err(error) => error,
    };
    let account = Account::choose()?;
    // A thread of its own: the caller may be inside a runtime.
    let installed = std::thread::scope(|scope| {
        let install = || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(StartError::io("start a runtime for", "an installation"))?
                .block_on(embedded::install(options, &account))
        };
        scope.spawn(install).join()
    });
    match installed {
        Ok(Err(StartError::Embedded { why })) => Err(StartError::NoPostgres {
            tried: format!("\n  local: {not_found}\n  embedded: {why}"),
        }),
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// What this machine offers to `auto`, for people: a sentence each, or why not.
#[derive(Debug)]
pub struct Survey {
    /// An engine with the image.
    pub container: Result<String, StartError>,
    /// Programs of its own.
    pub local: Result<String, StartError>,
}

/// Looks around, and starts and installs nothing.
pub async fn survey(options: &Options) -> Survey {
    let container = async {
        let docker = engine::connect().await?;
        engine::find_image(&docker, &options.image).await?;
        Ok(format!("image `{}`", options.image))
    };
    Survey {
        container: container.await,
        local: own(options).map(|own| format!("`{}` in `{}`", own.version, own.dir.display())),
    }
}

fn own(options: &Options) -> Result<Binaries, StartError> {
    Binaries::find(options.pg_bin.as_deref(), options.major, &Account::choose()?)
}
