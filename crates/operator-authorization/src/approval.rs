//! Whether those who must approve an authorization have signed it, and nobody else.
//!
//! Not for: a single signature (`signature`). The one fact to know: both its reviewer and its owner sign the
//! same bytes, since a name in an artifact is no approval.

use crate::artifact::Authorization;
use crate::code::{Code, Refusal};
use crate::signature::{Purpose, SignatureFile, Trust, signer};
use std::collections::BTreeSet;

/// What is wrong with the signatures of an authorization.
pub(crate) fn judge_signatures(
    artifact: &Authorization,
    bytes: &[u8],
    signatures: &[SignatureFile<'_>],
    trust: &Trust<'_>,
) -> Vec<Refusal> {
    let namespace = match trust.purpose {
        Purpose::Production => trust.namespaces.authorization,
        Purpose::Rehearsal { .. } => trust.namespaces.rehearsal,
    };
    let mut refusals = Vec::new();
    let mut signed = BTreeSet::new();
    for file in signatures {
        match signer(bytes, *file, namespace, trust) {
            Err(refusal) => refusals.push(refusal),
            Ok(principal) => match judge_signer(artifact, file.name, &principal, trust) {
                Some(refusal) => refusals.push(refusal),
                None => {
                    signed.insert(principal);
                }
            },
        }
    }
    // A signature that was refused has been told of, and is not missing as well.
    if refusals.is_empty() {
        for (role, person) in [("reviewer", &artifact.reviewer), ("owner", &artifact.owner)] {
            if !signed.contains(&person.principal) {
                refusals.push(Code::SignatureMissing.because(format!(
                    "{role} `{}` has not signed: `ssh-keygen -Y sign -n {namespace} -f KEY < FILE > FILE.{}.sig`",
                    person.principal, person.principal
                )));
            }
        }
    }
    refusals
}

/// Who signed must be whom the artifact names for it, and no author under another name.
fn judge_signer(artifact: &Authorization, file: &str, principal: &str, trust: &Trust<'_>) -> Option<Refusal> {
    let human = trust.people.person(principal).map(|person| person.human);
    if principal == artifact.author.principal || human.as_ref() == Some(&artifact.author.human) {
        return Some(Code::SignedByAuthor.because(format!(
            "`{file}` is by the author, `{}`: nobody approves their own work",
            artifact.author.human
        )));
    }
    if ![&artifact.reviewer.principal, &artifact.owner.principal].contains(&&principal.to_owned()) {
        return Some(Code::SignerNotNamed.because(format!(
            "`{file}` is by `{principal}`: expected reviewer `{}` or owner `{}`",
            artifact.reviewer.principal, artifact.owner.principal
        )));
    }
    None
}
