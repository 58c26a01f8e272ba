//! Keys, signatures and used nonces, from files that are named.
//!
//! The one fact to know: a nonce is used by making a file of its name, which only one of two can do.

use crate::exit::CommandError;
use crate::leave::files::{read, read_text};
use operator_authorization::{AllowedSigners, Code, Refusal, Refused, RevokedKeys, SignatureFile, is_nonce};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Whose signatures count.
#[derive(Debug, clap::Args)]
pub(crate) struct SignatureArgs {
    /// Signature, as `ssh-keygen -Y sign` wrote it; once a signer
    #[arg(long = "signature", value_name = "FILE")]
    pub(crate) signatures: Vec<PathBuf>,
    /// Whose key may sign what, and when, as ssh-keygen(1) says
    #[arg(long, value_name = "FILE")]
    pub(crate) allowed_signers: PathBuf,
    /// Public keys that count no more, a line each
    #[arg(long, value_name = "FILE")]
    pub(crate) revoked: Option<PathBuf>,
}

/// Signatures with their files' names.
pub(crate) struct Signatures(Vec<(String, Vec<u8>)>);

impl Signatures {
    pub(crate) fn read(paths: &[PathBuf]) -> Result<Self, CommandError> {
        paths
            .iter()
            .map(|path| {
                let name = path.file_name().map_or_else(
                    || path.display().to_string(),
                    |name| name.to_string_lossy().into_owned(),
                );
                Ok((name, read(path)?))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Those that lie beside an artifact: `FILE.NAME.sig`.
    pub(crate) fn beside(artifact: &Path) -> Result<Self, CommandError> {
        let (Some(folder), Some(name)) = (artifact.parent(), artifact.file_name()) else {
            return Ok(Self(Vec::new()));
        };
        let prefix = format!("{}.", name.to_string_lossy());
        let unreadable =
            |error| CommandError::Environment(format!("can't read `{}`: {error}", folder.display()));
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let is_signature = path.extension().is_some_and(|extension| extension == "sig");
            let is_its = path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(&prefix));
            if is_signature && is_its {
                paths.push(path);
            }
        }
        paths.sort();
        Self::read(&paths)
    }

    pub(crate) fn files(&self) -> Vec<SignatureFile<'_>> {
        self.0
            .iter()
            .map(|(name, bytes)| SignatureFile { name, bytes })
            .collect()
    }
}

/// Allowed signers and revoked keys; a file that can't be relied on is a refusal, a missing one is not.
pub(crate) fn keys(
    allowed_signers: &Path,
    revoked: Option<&Path>,
) -> Result<Result<(AllowedSigners, RevokedKeys), Refused>, CommandError> {
    let signers = AllowedSigners::parse(&read_text(allowed_signers)?);
    let revoked = match revoked {
        None => Ok(RevokedKeys::default()),
        Some(path) => RevokedKeys::parse(&read(path)?),
    };
    Ok(signers
        .and_then(|signers| Ok((signers, revoked?)))
        .map_err(Refused::from))
}

/// Used nonces, and by what: a folder with a file a nonce.
pub(crate) fn used_nonces(ledger: &Path) -> Result<BTreeMap<String, String>, CommandError> {
    let unreadable = |error| {
        CommandError::Usage(format!(
            "can't read the ledger `{}`: {error}; without it nobody knows what was used, so make an empty \
             folder where nothing was",
            ledger.display()
        ))
    };
    let mut used = BTreeMap::new();
    for entry in std::fs::read_dir(ledger).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .filter(|name| is_nonce(name))
            .ok_or_else(|| {
                CommandError::Usage(format!(
                    "`{}` in the ledger is no nonce: expected files of 32 hex digits alone",
                    path.display()
                ))
            })?;
        used.insert(name, read_text(&path)?.trim_end().to_owned());
    }
    Ok(used)
}

/// Uses a nonce, for this artifact and no other; refused if somebody else was first.
pub(crate) fn use_nonce(ledger: &Path, nonce: &str, by: &str) -> Result<Result<(), Refused>, CommandError> {
    let path = ledger.join(nonce);
    let made = footprint::files::create_new(&path);
    match made.and_then(|mut file| writeln!(file, "{by}").and_then(|()| file.sync_all())) {
        Ok(()) => Ok(Ok(())),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Err(Refused::from(Refusal {
            code: Code::NonceReplayed,
            message: format!("nonce `{nonce}` was used while this was verified"),
        }))),
        Err(error) => Err(CommandError::Environment(format!(
            "can't write `{}`: {error}",
            path.display()
        ))),
    }
}
