//! Whether an authorization holds, here and now.
//!
//! Not for: whether its package may start (`sequence`). The one fact to know: everything is judged when it is
//! verified, not when it was signed, since a signature stays good when the world around it does not; and all
//! reasons are told together.

use crate::approval;
use crate::artifact::Authorization;
use crate::code::{Code, Refusal, Refused};
use crate::packet::Packet;
use crate::parts::{Person, Proof, Target};
use crate::sequence::{PackageRule, Runner};
use crate::signature::{Purpose, SignatureFile, Trust};
use std::collections::{BTreeMap, BTreeSet};

/// What an authorization is judged by, besides people and keys.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// All packages.
    pub packages: &'a [PackageRule],
    /// The packet, as read back.
    pub packet: &'a Packet,
    /// Where it is to be run.
    pub target: &'a Target,
    /// Version of the tools at hand.
    pub tool_version: &'a str,
    /// The control epoch there.
    pub epoch: u64,
    /// Nonces that were used, and by what.
    pub used_nonces: &'a BTreeMap<String, String>,
    /// Identities of the sealed authority scope.
    pub known_objects: &'a BTreeSet<String>,
    /// Those among them that no package may open.
    pub forbidden_objects: &'a BTreeSet<String>,
}

/// An authorization that was verified; nothing else makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorized {
    authorization: Authorization,
}

impl Authorized {
    /// What was verified.
    pub fn authorization(&self) -> &Authorization {
        &self.authorization
    }
}

/// Reads and judges an authorization: both its reviewer and its owner must have signed these bytes.
pub fn verify(
    bytes: &[u8],
    signatures: &[SignatureFile<'_>],
    trust: &Trust<'_>,
    expected: &Expected<'_>,
) -> Result<Authorized, Refused> {
    let authorization = Authorization::read(bytes)?;
    let mut refusals = judge(&authorization, trust, expected);
    refusals.extend(judge_window(&authorization, trust, expected));
    refusals.extend(approval::judge_signatures(
        &authorization,
        bytes,
        signatures,
        trust,
    ));
    Refused::unless_empty(refusals)?;
    Ok(Authorized { authorization })
}

/// What is wrong with an authorization that nobody has signed yet.
pub fn judge_unsigned(
    authorization: &Authorization,
    trust: &Trust<'_>,
    expected: &Expected<'_>,
) -> Result<(), Refused> {
    let mut refusals = judge(authorization, trust, expected);
    if authorization.expiry <= *trust.now {
        refusals.push(expired(authorization, trust));
    }
    Refused::unless_empty(refusals)
}

fn judge(artifact: &Authorization, trust: &Trust<'_>, expected: &Expected<'_>) -> Vec<Refusal> {
    let mut refusals = judge_package(artifact, expected);
    refusals.extend(judge_scope(artifact, expected));
    refusals.extend(judge_proof(artifact));
    refusals.extend(judge_target(artifact, trust, expected));
    refusals.extend(judge_people(artifact, trust, expected));
    if artifact.expiry <= artifact.not_before {
        refusals.push(Code::WindowEmpty.because(format!(
            "it ends at {} and begins at {}: expected an end after the begin",
            artifact.expiry, artifact.not_before
        )));
    }
    refusals
}

fn judge_package(artifact: &Authorization, expected: &Expected<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let package = &artifact.package;
    match expected.packages.iter().find(|rule| rule.id == *package) {
        None => refusals.push(Code::PackageUnknown.because(format!("there is no package `{package}`"))),
        Some(rule) if !rule.needs_authorization || rule.runner != Runner::Operator => {
            refusals.push(
                Code::PackageNeedsNoAuthorization
                    .because(format!("`{package}` is run by {}, without one", rule.runner)),
            );
        }
        Some(_) => {
            for (what, found) in [
                ("its scope is of", &artifact.scope.package),
                ("the packet is of", &expected.packet.package),
            ] {
                if found != package {
                    refusals.push(
                        Code::OtherPackage
                            .because(format!("it authorizes `{package}`, and {what} `{found}`")),
                    );
                }
            }
        }
    }
    if artifact.approved_package_sha256 != expected.packet.digest {
        refusals.push(Code::OtherBytes.because(format!(
            "it approves {}, the packet is {}: have the packet reviewed again",
            artifact.approved_package_sha256, expected.packet.digest
        )));
    }
    if artifact.tool_version != expected.tool_version || expected.packet.tool_version != expected.tool_version
    {
        refusals.push(Code::OtherToolVersion.because(format!(
            "it is for tools {}, the packet was written by {}, these are {}",
            artifact.tool_version, expected.packet.tool_version, expected.tool_version
        )));
    }
    refusals
}

fn judge_scope(artifact: &Authorization, expected: &Expected<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let realized: BTreeSet<&String> = artifact.scope.objects.iter().collect();
    let declared: BTreeSet<&String> = expected.packet.objects.iter().collect();
    if realized.is_empty() {
        return vec![Code::ScopeEmpty.because("its scope holds no object: expected those of the packet")];
    }
    for object in &realized {
        if expected.forbidden_objects.contains(*object) {
            refusals.push(Code::ScopeForbiddenObject.because(format!("`{object}` is opened by no package")));
        } else if !expected.known_objects.contains(*object) {
            refusals.push(
                Code::ScopeUnknownObject
                    .because(format!("`{object}` is no identity of the sealed authority scope")),
            );
        }
    }
    for object in realized.difference(&declared) {
        refusals.push(Code::ScopeWidened.because(format!("`{object}` is not touched by the packet")));
    }
    for object in declared.difference(&realized) {
        refusals.push(Code::ScopeNarrowed.because(format!(
            "`{object}` is touched by the packet, and not in the scope"
        )));
    }
    refusals
}

/// Against the artifact's own scope and digest: that these are the packet's, is asked beside it.
fn judge_proof(artifact: &Authorization) -> Option<Refusal> {
    let proof = &artifact.proof;
    let holds = Proof::over(&artifact.scope.objects, artifact.approved_package_sha256);
    let is_good = holds.is_ok_and(|holds| holds == *proof);
    (!is_good).then(|| {
        Code::ProofDoesNotHold.because(format!(
            "it says {} expected, {} realized, {} missing, {} unexpected, objects {}, read back {}: expected \
             what its scope and the digest that it approves give",
            proof.expected,
            proof.realized,
            proof.missing,
            proof.unexpected,
            proof.object_set_sha256,
            proof.read_back_sha256
        ))
    })
}

fn judge_target(artifact: &Authorization, trust: &Trust<'_>, expected: &Expected<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if artifact.target != *expected.target {
        refusals.push(Code::OtherTarget.because(format!(
            "it is for `{}`, the target is `{}`",
            artifact.target, expected.target
        )));
    }
    if let Purpose::Rehearsal { system_identifier } = trust.purpose
        && artifact.target.system_identifier != system_identifier
    {
        refusals.push(rehearsal_target(&artifact.target, system_identifier));
    }
    if artifact.epoch != expected.epoch {
        refusals.push(Code::OtherEpoch.because(format!(
            "it is for control epoch {}, the target is at {}",
            artifact.epoch, expected.epoch
        )));
    }
    refusals
}

pub(crate) fn rehearsal_target(found: &Target, throwaway: &str) -> Refusal {
    Code::RehearsalTarget.because(format!(
        "a rehearsal's signature opens the throwaway cluster `{throwaway}` alone, the target is `{found}`"
    ))
}

fn judge_people(artifact: &Authorization, trust: &Trust<'_>, expected: &Expected<'_>) -> Vec<Refusal> {
    let Authorization {
        author,
        reviewer,
        owner,
        operator,
        ..
    } = artifact;
    let mut refusals: Vec<Refusal> = [
        ("author", author),
        ("reviewer", reviewer),
        ("owner", owner),
        ("operator", operator),
    ]
    .into_iter()
    .filter_map(|(role, person)| trust.people.judge(role, person, role))
    .collect();
    for (one, person, other, second) in [
        ("reviewer", reviewer, "owner", owner),
        ("reviewer", reviewer, "author", author),
        ("owner", owner, "author", author),
    ] {
        if person.human == second.human {
            refusals.push(same_human(one, person, other, second));
        }
    }
    if operator.human == author.human {
        refusals.push(Code::RunnerClassWrong.because(format!(
            "operator `{}` and author `{}` are one human, `{}`: a package of operators is run by no author",
            operator.principal, author.principal, author.human
        )));
    }
    if author.principal != expected.packet.author {
        refusals.push(Code::OtherAuthor.because(format!(
            "it names author `{}`, the packet `{}`",
            author.principal, expected.packet.author
        )));
    }
    refusals
}

fn same_human(one: &str, person: &Person, other: &str, second: &Person) -> Refusal {
    Code::SameHuman.because(format!(
        "{one} `{}` and {other} `{}` are one human, `{}`: expected two",
        person.principal, second.principal, person.human
    ))
}

fn judge_window(artifact: &Authorization, trust: &Trust<'_>, expected: &Expected<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let is_window = artifact.not_before < artifact.expiry;
    if is_window && *trust.now < artifact.not_before {
        refusals.push(Code::NotYetValid.because(format!(
            "it is valid from {}, now is {}",
            artifact.not_before, trust.now
        )));
    }
    if is_window && *trust.now >= artifact.expiry {
        refusals.push(expired(artifact, trust));
    }
    if let Some(by) = expected.used_nonces.get(&artifact.nonce) {
        refusals.push(Code::NonceReplayed.because(format!(
            "nonce `{}` was used by {by}: each run needs an authorization of its own",
            artifact.nonce
        )));
    }
    refusals
}

fn expired(artifact: &Authorization, trust: &Trust<'_>) -> Refusal {
    Code::Expired.because(format!("it expired at {}, now is {}", artifact.expiry, trust.now))
}
