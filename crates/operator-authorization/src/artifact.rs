//! The authorization: leave for one operator to run one package, in these bytes, on one target, once.
//!
//! Not for: deciding whether it holds (`verify`). The one fact to know: it opens nothing but the running of
//! one package; there is no field for anything else, and an unknown field is refused.

use crate::code::{Refusal, Refused};
use crate::document::{self, Reader};
use crate::moment::Moment;
use crate::parts::{Person, Proof, Scope, Target, file, shown, text};
use canonical::{ArtifactDigest, Node, PackageDigest};
use serde::Serialize;

/// An authorization, as it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Authorization {
    /// The package that may be run.
    pub package: String,
    /// The bytes that were reviewed.
    #[serde(serialize_with = "shown")]
    pub approved_package_sha256: PackageDigest,
    /// Version of the tools that wrote the package.
    pub tool_version: String,
    /// Control epoch at which it may be run.
    pub epoch: u64,
    /// First instant at which it is valid.
    #[serde(serialize_with = "shown")]
    pub not_before: Moment,
    /// First instant at which it is valid no more.
    #[serde(serialize_with = "shown")]
    pub expiry: Moment,
    /// 32 hex digits that no other authorization has.
    pub nonce: String,
    /// Who wrote the package.
    pub author: Person,
    /// Who reviewed it, and signs.
    pub reviewer: Person,
    /// Who answers for the target, and signs.
    pub owner: Person,
    /// Who may run it.
    pub operator: Person,
    /// Where it may be run.
    pub target: Target,
    /// What it may touch.
    pub scope: Scope,
    /// That the package was read back when this was written.
    pub proof: Proof,
}

const KIND: &str = "operator_authorization";

impl Authorization {
    /// Reads a file.
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        document::read(KIND, bytes, read, |found| found.to_file().unwrap_or_default())
    }

    /// The file's text: canonical, with a line feed at its end.
    ///
    /// # Errors
    ///
    /// A field holds U+0000.
    pub fn to_file(&self) -> Result<String, Refusal> {
        file(KIND, &self.node())
    }

    /// Digest of the file, as `sha256sum` prints it.
    pub fn digest(&self) -> Result<ArtifactDigest, Refusal> {
        self.to_file().map(|text| ArtifactDigest::of(&text))
    }

    /// The same for people.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_else(|error| format!("# not to be shown: {error}\n"))
    }

    fn node(&self) -> Node {
        Node::List(vec![
            Node::pair("package", self.package.as_str().into()),
            text("approved_package_sha256", self.approved_package_sha256),
            text("tool_version", &self.tool_version),
            text("epoch", self.epoch),
            text("not_before", &self.not_before),
            text("expiry", &self.expiry),
            text("nonce", &self.nonce),
            Node::pair("author", self.author.node()),
            Node::pair("reviewer", self.reviewer.node()),
            Node::pair("owner", self.owner.node()),
            Node::pair("operator", self.operator.node()),
            Node::pair("target", self.target.node()),
            Node::pair("scope", self.scope.node()),
            Node::pair("proof", self.proof.node()),
        ])
    }
}

const FIELDS: [&str; 14] = [
    "package",
    "approved_package_sha256",
    "tool_version",
    "epoch",
    "not_before",
    "expiry",
    "nonce",
    "author",
    "reviewer",
    "owner",
    "operator",
    "target",
    "scope",
    "proof",
];

fn read(reader: &mut Reader, node: &Node) -> Option<Authorization> {
    let fields = reader.fields("", node, &FIELDS)?;
    let package = reader.name(&fields, "package");
    let approved_package_sha256 = reader.digest(&fields, "approved_package_sha256");
    let tool_version = reader.name(&fields, "tool_version");
    let epoch = reader.number(&fields, "epoch");
    let not_before = reader.moment(&fields, "not_before");
    let expiry = reader.moment(&fields, "expiry");
    let nonce = reader.text(&fields, "nonce", "32 lower-case hex digits", is_nonce);
    let [author, reviewer, owner, operator] =
        ["author", "reviewer", "owner", "operator"].map(|name| Person::read(reader, &fields, name));
    let target = Target::read(reader, &fields, "target");
    let scope = Scope::read(reader, &fields);
    let proof = Proof::read(reader, &fields);
    Some(Authorization {
        package: package?,
        approved_package_sha256: approved_package_sha256?,
        tool_version: tool_version?,
        epoch: epoch?,
        not_before: not_before?,
        expiry: expiry?,
        nonce: nonce?,
        author: author?,
        reviewer: reviewer?,
        owner: owner?,
        operator: operator?,
        target: target?,
        scope: scope?,
        proof: proof?,
    })
}

/// Whether it is a nonce: 32 lower-case hex digits.
pub fn is_nonce(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
