//! Keys with which rehearsals sign: fixed, and everybody's.
//!
//! Not for: any real target, ever. The one fact to know: the seed of a key is the digest of a public
//! sentence, so nobody can take one for a secret, and a rehearsal's bytes are the same each time.

use crate::code::{Code, Refusal};
use crate::people::People;
use crate::signature::{Namespaces, Trust};
use crate::signers::{AllowedSigners, Line};
use sha2::{Digest as _, Sha256};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::public::KeyData;
use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey};
use std::collections::BTreeSet;

/// Signs `bytes` as `principal` would in a rehearsal: in its namespace, and in no other.
pub fn sign(principal: &str, namespaces: Namespaces<'_>, bytes: &[u8]) -> Result<String, Refusal> {
    let refused = |error: ssh_key::Error| Code::SignatureMalformed.because(error.to_string());
    let key = PrivateKey::new(KeypairData::Ed25519(keypair(principal)), principal).map_err(refused)?;
    key.sign(namespaces.rehearsal, HashAlg::Sha512, bytes)
        .and_then(|signature| signature.to_pem(LineEnding::LF))
        .map_err(refused)
}

/// The fixed public key of a principal, as a line of `allowed_signers` holds it.
pub fn public_key(principal: &str) -> Result<String, Refusal> {
    PublicKey::from(key(principal))
        .to_openssh()
        .map_err(|error| Code::SignatureMalformed.because(error.to_string()))
}

/// The signers of a rehearsal: each principal with their fixed key.
pub fn signers(people: &People, namespaces: Namespaces<'_>) -> AllowedSigners {
    let line = |principal: &str| Line {
        principal: principal.to_owned(),
        key: key(principal),
        namespaces: BTreeSet::from([namespaces.rehearsal.to_owned()]),
        valid_after: None,
        valid_before: None,
    };
    AllowedSigners {
        lines: people.principals().map(line).collect(),
    }
}

/// Whether this is the fixed key of anybody who is known, or allowed to sign.
pub(crate) fn is_known(candidate: &KeyData, trust: &Trust<'_>) -> bool {
    let allowed = trust.signers.lines.iter().map(|line| line.principal.as_str());
    trust
        .people
        .principals()
        .chain(allowed)
        .any(|principal| key(principal) == *candidate)
}

fn key(principal: &str) -> KeyData {
    KeyData::Ed25519(keypair(principal).public)
}

fn keypair(principal: &str) -> Ed25519Keypair {
    let sentence = format!("the rehearsal key of {principal}, which everybody has");
    Ed25519Keypair::from_seed(&Sha256::digest(sentence.as_bytes()).into())
}
