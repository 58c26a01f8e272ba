//! One signature of `ssh-keygen -Y sign`: whose it is, and whether it holds.
//!
//! Not for: what the signer had to be (`verify`, `reaudit`). The one fact to know: the name comes from the key's
//! line in `allowed_signers`, never from the artifact or the file's name.

use crate::code::{Code, Refusal};
use crate::moment::Moment;
use crate::people::People;
use crate::rehearsal;
use crate::signers::{AllowedSigners, RevokedKeys};
use ssh_key::{Algorithm, Error, HashAlg, PublicKey, SshSig};

/// Namespaces of signatures, one a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Namespaces<'a> {
    /// Authorizations for a real target.
    pub authorization: &'a str,
    /// Records of re-audits for a real target.
    pub reaudit: &'a str,
    /// Either, for a throwaway database alone.
    pub rehearsal: &'a str,
}

/// What the artifact is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// A real target.
    Production,
    /// The throwaway database of this system identifier, and no other.
    Rehearsal {
        /// Of the server that the caller made.
        system_identifier: &'a str,
    },
}

/// What signatures are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'a> {
    /// Whose key may sign what.
    pub signers: &'a AllowedSigners,
    /// Keys that count no more.
    pub revoked: &'a RevokedKeys,
    /// Who there is.
    pub people: &'a People,
    /// Names of the purposes.
    pub namespaces: Namespaces<'a>,
    /// Real target, or throwaway.
    pub purpose: Purpose<'a>,
    /// The instant at which all of this is asked.
    pub now: &'a Moment,
}

/// A signature file, and what to call it in messages.
#[derive(Debug, Clone, Copy)]
pub struct SignatureFile<'a> {
    /// For messages: the file's name.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// The principal who signed `bytes`.
pub(crate) fn signer(
    bytes: &[u8],
    file: SignatureFile<'_>,
    namespace: &str,
    trust: &Trust<'_>,
) -> Result<String, Refusal> {
    let name = file.name;
    let signature = SshSig::from_pem(file.bytes).map_err(|error| unreadable(name, &error))?;
    let key = signature.public_key();
    if key.algorithm() != Algorithm::Ed25519 {
        return Err(Code::KeyTypeUnsupported.because(format!(
            "`{name}`: its key is {}, expected ssh-ed25519",
            key.algorithm()
        )));
    }
    if signature.namespace() != namespace {
        return Err(Code::WrongNamespace.because(format!(
            "`{name}` was made for `{}`, expected `{namespace}`: sign with `ssh-keygen -Y sign -n {namespace}`",
            signature.namespace()
        )));
    }
    if trust.purpose == Purpose::Production && rehearsal::is_known(key, trust) {
        return Err(Code::RehearsalKey.because(format!(
            "`{name}` was made with a key for rehearsals, which everybody has: sign with your own"
        )));
    }
    if trust.revoked.holds(key) {
        return Err(Code::KeyRevoked.because(format!("`{name}` was made with a key that was revoked")));
    }
    let mut refused = None;
    let mut found = None;
    for line in trust.signers.of(key) {
        match line.refuses(namespace, trust.now) {
            None => found = Some(line),
            Some(refusal) => refused = Some(refusal),
        }
    }
    let Some(line) = found else {
        return Err(refused.unwrap_or_else(|| {
            Code::KeyUnknown.because(format!(
                "`{name}` was made with a key that no line of the allowed signers has"
            ))
        }));
    };
    PublicKey::from(key.clone())
        .verify(namespace, bytes, &signature)
        .map_err(|_| {
            Code::SignatureInvalid.because(format!(
                "`{name}` is not of these bytes: they, or it, were changed after the signing; expected the \
                 file that was signed"
            ))
        })?;
    Ok(line.principal.clone())
}

/// The key's fingerprint, as `ssh-keygen -l` prints it; none of what is no signature.
pub(crate) fn fingerprint(file: SignatureFile<'_>) -> Option<String> {
    let signature = SshSig::from_pem(file.bytes).ok()?;
    let key = PublicKey::from(signature.public_key().clone());
    Some(key.fingerprint(HashAlg::Sha256).to_string())
}

fn unreadable(name: &str, error: &Error) -> Refusal {
    match error {
        Error::AlgorithmUnknown | Error::AlgorithmUnsupported { .. } => Code::KeyTypeUnsupported.because(
            format!("`{name}`: its key is of a type that is not accepted, expected ssh-ed25519"),
        ),
        _ => Code::SignatureMalformed.because(format!(
            "`{name}` is no signature of `ssh-keygen -Y sign`: {error}"
        )),
    }
}
