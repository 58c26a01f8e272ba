//! People of the tests, their keys, and the packages that they run.
//!
//! The one fact to know: `reviewer_too` is another principal of the reviewer's human, and holds every slot.

use operator_authorization::{Moment, Namespaces, PackageRule, People, Runner, Target};
use sha2::{Digest as _, Sha256};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey};

pub(crate) const NAMESPACES: Namespaces<'static> = Namespaces {
    authorization: "tiny-authorization",
    reaudit: "tiny-reaudit",
    rehearsal: "tiny-rehearsal",
};

/// Principal, human, slots.
const PEOPLE: &[(&str, &str, &[&str])] = &[
    ("author", "Ada", &["author"]),
    ("reviewer", "Rut", &["reviewer"]),
    ("owner", "Ole", &["owner"]),
    ("operator", "Olga", &["operator"]),
    ("auditor", "Ann", &["auditor"]),
    (
        "reviewer_too",
        "Rut",
        &["author", "reviewer", "owner", "operator", "auditor"],
    ),
    ("author_too", "Ada", &["operator", "reviewer", "owner", "auditor"]),
    (
        "operator_too",
        "Olga",
        &["auditor", "author", "reviewer", "owner"],
    ),
    ("bystander", "Ben", &["reviewer"]),
    ("author_other", "Abe", &["author"]),
];

pub(crate) fn people() -> People {
    PEOPLE
        .iter()
        .fold(People::default(), |people, (principal, human, slots)| {
            people.with(principal, human, slots.iter().copied())
        })
}

/// A key of this principal's own; another name, another key.
pub(crate) fn key(principal: &str) -> PrivateKey {
    let seed = match principal.strip_prefix("fixed key of ") {
        // As `rehearsal` makes it, which gives nobody the key itself.
        Some(name) => Sha256::digest(format!("the rehearsal key of {name}, which everybody has")).into(),
        None => Sha256::digest(format!("the real key of {principal}")).into(),
    };
    PrivateKey::new(KeypairData::Ed25519(Ed25519Keypair::from_seed(&seed)), principal).unwrap()
}

pub(crate) fn public(principal: &str) -> String {
    key(principal).public_key().to_openssh().unwrap()
}

pub(crate) fn sign(principal: &str, namespace: &str, bytes: &[u8]) -> String {
    key(principal)
        .sign(namespace, HashAlg::Sha512, bytes)
        .unwrap()
        .to_pem(LineEnding::LF)
        .unwrap()
}

/// Everybody's line: both purposes, and three years.
pub(crate) fn allowed_signers() -> String {
    PEOPLE.iter().map(|(principal, ..)| allowed(principal)).collect()
}

pub(crate) fn allowed(principal: &str) -> String {
    format!(
        "{principal} namespaces=\"tiny-authorization,tiny-reaudit\",valid-after=\"20250101Z\",valid-before=\"20280101Z\" {}\n",
        public(principal)
    )
}

pub(crate) fn target() -> Target {
    Target::parse("7300000000000000001/shop").unwrap()
}

pub(crate) fn at(text: &str) -> Moment {
    Moment::parse_lenient(text).unwrap()
}

/// Three packages: an author's, and two of operators, of which the second needs everything.
pub(crate) fn rules() -> Vec<PackageRule> {
    let rule = |id: &str, predecessor: Option<&str>, runner, reaudit, authorization| PackageRule {
        id: id.to_owned(),
        predecessor: predecessor.map(str::to_owned),
        runner,
        needs_reaudit: reaudit,
        needs_authorization: authorization,
    };
    vec![
        rule("DRAFT", None, Runner::T1, false, false),
        rule("APPLY", Some("DRAFT"), Runner::Operator, true, true),
        rule("FREEZE", Some("APPLY"), Runner::Operator, false, true),
    ]
}
