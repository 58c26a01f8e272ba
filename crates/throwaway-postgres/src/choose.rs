//! Which provider serves, and why.
//!
//! Not here: how each one works. The fact to know: `auto` probes and never starts
//! one provider after another has failed to start; a failure to start is an error.

use testcontainers::bollard::Docker;

use crate::account::Account;
use crate::approved::Approved;
use crate::binaries::Binaries;
use crate::container::Container;
use crate::engine::Image;
use crate::local::Local;
use crate::server::Backend;
use crate::{Options, Provider, StartError, engine};

/// A provider's server, up.
pub(crate) struct Chosen {
    pub(crate) backend: Backend,
    pub(crate) provider: &'static str,
    pub(crate) reason: String,
}

/// Starts what the options ask for.
pub(crate) async fn choose(options: &Options) -> Result<Chosen, StartError> {
    match &options.provider {
        Provider::Auto => auto(options).await,
        Provider::Testcontainers => {
            let (docker, image) = probe_engine(options).await?;
            container(options, docker, &format!("asked for; {}", at(options, image))).await
        }
        Provider::Local => {
            let account = Account::choose()?;
            let binaries = Binaries::find(options.pg_bin.as_deref(), options.major, &account)?;
            local(options, &account, binaries, "asked for").await
        }
        Provider::Embedded => embedded(options, "asked for").await,
        Provider::Url(url) => Ok(Chosen {
            backend: Backend::Approved(Box::new(Approved::start(url, options).await?)),
            provider: "url",
            reason: "asked for; its system identifier is approved".to_owned(),
        }),
    }
}

async fn auto(options: &Options) -> Result<Chosen, StartError> {
    // Whoever names a folder of programs wants them run.
    if options.pg_bin.is_some() {
        let account = Account::choose()?;
        let binaries = Binaries::find(options.pg_bin.as_deref(), options.major, &account)?;
        return local(options, &account, binaries, "its folder is named").await;
    }
    let no_container = match probe_engine(options).await {
        Ok((docker, image)) => {
            let why = format!("an engine answers; {}", at(options, image));
            return container(options, docker, &why).await;
        }
        Err(error) => error.to_string(),
    };
    let account = Account::choose()?;
    let no_local = match Binaries::find(options.pg_bin.as_deref(), options.major, &account) {
        Ok(binaries) => {
            let why = format!("no container: {no_container}");
            return local(options, &account, binaries, &why).await;
        }
        Err(error) => error.to_string(),
    };
    let why = format!("no container: {no_container}; no local server: {no_local}");
    match embedded(options, &why).await {
        Err(StartError::Embedded { why }) => Err(StartError::NoPostgres {
            tried: format!("\n  testcontainers: {no_container}\n  local: {no_local}\n  embedded: {why}"),
        }),
        result => result,
    }
}

async fn probe_engine(options: &Options) -> Result<(Docker, Image), StartError> {
    let docker = engine::connect().await?;
    let image = engine::find_image(&docker, &options.image).await?;
    Ok((docker, image))
}

fn at(options: &Options, image: Image) -> String {
    let state = match image {
        Image::AtHand => "at hand",
        Image::Pullable => "pullable",
    };
    format!("image `{}` is {state}", options.image)
}

async fn container(options: &Options, docker: Docker, why: &str) -> Result<Chosen, StartError> {
    Ok(Chosen {
        backend: Backend::Container(Box::new(Container::start(docker, options).await?)),
        provider: "testcontainers",
        reason: why.to_owned(),
    })
}

async fn local(
    options: &Options,
    account: &Account,
    binaries: Binaries,
    why: &str,
) -> Result<Chosen, StartError> {
    let reason = format!(
        "{why}; `{}` is in `{}`, run as user `{}`",
        binaries.version,
        binaries.dir.display(),
        account.name
    );
    Ok(Chosen {
        backend: Backend::Local(Box::new(Local::start(options, account, binaries).await?)),
        provider: "local",
        reason,
    })
}

async fn embedded(options: &Options, why: &str) -> Result<Chosen, StartError> {
    let account = Account::choose()?;
    let dir = crate::embedded::install(options, &account).await?;
    let binaries = Binaries::find(Some(&dir), options.major, &account)?;
    let reason = format!("{why}; installed `{}` in `{}`", binaries.version, dir.display());
    Ok(Chosen {
        backend: Backend::Local(Box::new(Local::start(options, &account, binaries).await?)),
        provider: "embedded",
        reason,
    })
}
