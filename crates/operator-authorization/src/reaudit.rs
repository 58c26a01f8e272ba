//! The record of a re-audit: somebody independent looked at these bytes, after the package before them was done.
//!
//! Not for: re-auditing. The one fact to know: a record binds the package's digest and the evidence of its
//! predecessor, so it can be older than neither, whatever date it bears.

use crate::Target;
use crate::code::{Code, Refusal, Refused};
use crate::document::{self, Reader};
use crate::moment::Moment;
use crate::parts::{Person, file, shown, text};
use crate::sequence::PackageRule;
use crate::signature::{Purpose, SignatureFile, Trust, fingerprint, signer};
use crate::verify::rehearsal_target;
use canonical::{ArtifactDigest, Node, PackageDigest};
use serde::Serialize;

/// A record, as it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reaudit {
    /// The package that it lets start.
    pub package: String,
    /// The bytes that were audited.
    #[serde(serialize_with = "shown")]
    pub audited_package_sha256: PackageDigest,
    /// Evidence of the package before, as it was at the time.
    #[serde(serialize_with = "shown")]
    pub predecessor_evidence_sha256: ArtifactDigest,
    /// Version of the tools that wrote the package.
    pub tool_version: String,
    /// Who audited, and signs.
    pub auditor: Person,
    /// Who wrote the package.
    pub author: Person,
    /// Who is to run it.
    pub operator: Person,
    /// When it was audited.
    #[serde(serialize_with = "shown")]
    pub audited_at: Moment,
    /// What it came to: `pass`, or anything else.
    pub verdict: String,
}

/// What a record is judged by, besides people and keys.
#[derive(Debug, Clone, Copy)]
pub struct Audited<'a> {
    /// The package that is to start.
    pub rule: &'a PackageRule,
    /// Its bytes.
    pub package_sha256: PackageDigest,
    /// Evidence of the package before.
    pub predecessor_evidence_sha256: ArtifactDigest,
    /// What the record must be newer than: the predecessor's evidence, and the packet.
    pub newer_than: &'a Moment,
    /// Principal who wrote the package.
    pub author: &'a str,
    /// Version of the tools at hand.
    pub tool_version: &'a str,
    /// Where the package is to be run; none where it runs nowhere for good.
    pub target: Option<&'a Target>,
}

/// A record that was verified; nothing else makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaudited {
    reaudit: Reaudit,
    keys: Vec<String>,
}

impl Reaudited {
    /// Fingerprints of the keys with which the auditor signed, as `ssh-keygen -l` prints them.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// What was verified.
    pub fn reaudit(&self) -> &Reaudit {
        &self.reaudit
    }
}

const KIND: &str = "reaudit";

impl Reaudit {
    /// Reads a file.
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        document::read(KIND, bytes, read, |found| found.to_file().unwrap_or_default())
    }

    /// The file's text: canonical, with a line feed at its end.
    pub fn to_file(&self) -> Result<String, Refusal> {
        let body = Node::List(vec![
            text("package", &self.package),
            text("audited_package_sha256", self.audited_package_sha256),
            text("predecessor_evidence_sha256", self.predecessor_evidence_sha256),
            text("tool_version", &self.tool_version),
            Node::pair("auditor", self.auditor.node()),
            Node::pair("author", self.author.node()),
            Node::pair("operator", self.operator.node()),
            text("audited_at", &self.audited_at),
            text("verdict", &self.verdict),
        ]);
        file(KIND, &body)
    }

    /// The same for people.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_else(|error| format!("# not to be shown: {error}\n"))
    }
}

fn read(reader: &mut Reader, node: &Node) -> Option<Reaudit> {
    let names = [
        "package",
        "audited_package_sha256",
        "predecessor_evidence_sha256",
        "tool_version",
        "auditor",
        "author",
        "operator",
        "audited_at",
        "verdict",
    ];
    let fields = reader.fields("", node, &names)?;
    let package = reader.name(&fields, "package");
    let audited_package_sha256 = reader.digest(&fields, "audited_package_sha256");
    let predecessor_evidence_sha256 = reader.digest(&fields, "predecessor_evidence_sha256");
    let tool_version = reader.name(&fields, "tool_version");
    let [auditor, author, operator] =
        ["auditor", "author", "operator"].map(|name| Person::read(reader, &fields, name));
    let audited_at = reader.moment(&fields, "audited_at");
    let verdict = reader.text(&fields, "verdict", "pass, fail or not_measured", is_verdict);
    Some(Reaudit {
        package: package?,
        audited_package_sha256: audited_package_sha256?,
        predecessor_evidence_sha256: predecessor_evidence_sha256?,
        tool_version: tool_version?,
        auditor: auditor?,
        author: author?,
        operator: operator?,
        audited_at: audited_at?,
        verdict: verdict?,
    })
}

pub(crate) fn is_verdict(text: &str) -> bool {
    matches!(text, "pass" | "fail" | "not_measured")
}

/// Reads and judges a record: its auditor must have signed these bytes.
pub fn verify_reaudit(
    bytes: &[u8],
    signatures: &[SignatureFile<'_>],
    trust: &Trust<'_>,
    audited: &Audited<'_>,
) -> Result<Reaudited, Refused> {
    let reaudit = Reaudit::read(bytes)?;
    let mut refusals = judge(&reaudit, trust, audited);
    refusals.extend(judge_people(&reaudit, trust, audited));
    refusals.extend(judge_signatures(&reaudit, bytes, signatures, trust));
    Refused::unless_empty(refusals)?;
    let keys = signatures.iter().filter_map(|file| fingerprint(*file)).collect();
    Ok(Reaudited { reaudit, keys })
}

/// What is wrong with a record that nobody has signed yet.
pub fn judge_unsigned_reaudit(
    reaudit: &Reaudit,
    trust: &Trust<'_>,
    audited: &Audited<'_>,
) -> Result<(), Refused> {
    let mut refusals = judge(reaudit, trust, audited);
    // A record of a finding is a good record.
    refusals.retain(|refusal| refusal.code != Code::ReauditFoundSomething);
    refusals.extend(judge_people(reaudit, trust, audited));
    Refused::unless_empty(refusals)
}

fn judge(reaudit: &Reaudit, trust: &Trust<'_>, audited: &Audited<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if reaudit.package != audited.rule.id {
        refusals.push(Code::OtherPackage.because(format!(
            "it is of `{}`, the package is `{}`",
            reaudit.package, audited.rule.id
        )));
    }
    if reaudit.audited_package_sha256 != audited.package_sha256 {
        refusals.push(Code::OtherBytes.because(format!(
            "it is of {}, the package is {}: have it audited again",
            reaudit.audited_package_sha256, audited.package_sha256
        )));
    }
    if reaudit.predecessor_evidence_sha256 != audited.predecessor_evidence_sha256 {
        refusals.push(Code::ReauditStale.because(format!(
            "it follows the evidence {}, that of the package before is {}: a fresh one is needed",
            reaudit.predecessor_evidence_sha256, audited.predecessor_evidence_sha256
        )));
    }
    if reaudit.audited_at <= *audited.newer_than {
        refusals.push(Code::ReauditStale.because(format!(
            "it was made at {}: expected one after {}",
            reaudit.audited_at, audited.newer_than
        )));
    }
    if reaudit.audited_at > *trust.now {
        refusals.push(Code::ReauditInFuture.because(format!(
            "it is dated {}, now is {}",
            reaudit.audited_at, trust.now
        )));
    }
    if reaudit.tool_version != audited.tool_version {
        refusals.push(Code::OtherToolVersion.because(format!(
            "it is for tools {}, these are {}",
            reaudit.tool_version, audited.tool_version
        )));
    }
    if reaudit.verdict != "pass" {
        refusals.push(
            Code::ReauditFoundSomething
                .because(format!("its verdict is `{}`, expected `pass`", reaudit.verdict)),
        );
    }
    if let (Purpose::Rehearsal { system_identifier }, Some(target)) = (trust.purpose, audited.target)
        && target.system_identifier != system_identifier
    {
        refusals.push(rehearsal_target(target, system_identifier));
    }
    refusals
}

fn judge_people(reaudit: &Reaudit, trust: &Trust<'_>, audited: &Audited<'_>) -> Vec<Refusal> {
    let Reaudit {
        auditor,
        author,
        operator,
        ..
    } = reaudit;
    let runner = audited.rule.runner.slot();
    let mut refusals: Vec<Refusal> = [
        ("auditor", auditor, "auditor"),
        ("author", author, "author"),
        ("operator", operator, runner),
    ]
    .into_iter()
    .filter_map(|(role, person, slot)| trust.people.judge(role, person, slot))
    .collect();
    if author.principal != audited.author {
        refusals.push(Code::OtherAuthor.because(format!(
            "it names author `{}`, the package `{}`",
            author.principal, audited.author
        )));
    }
    for (role, person) in [("author", author), ("operator", operator)] {
        if person.human == auditor.human {
            refusals.push(Code::ReauditNotIndependent.because(format!(
                "auditor `{}` and {role} `{}` are one human, `{}`",
                auditor.principal, person.principal, auditor.human
            )));
        }
    }
    refusals
}

fn judge_signatures(
    reaudit: &Reaudit,
    bytes: &[u8],
    signatures: &[SignatureFile<'_>],
    trust: &Trust<'_>,
) -> Vec<Refusal> {
    let namespace = match trust.purpose {
        Purpose::Production => trust.namespaces.reaudit,
        Purpose::Rehearsal { .. } => trust.namespaces.rehearsal,
    };
    let auditor = &reaudit.auditor.principal;
    let mut refusals = Vec::new();
    for file in signatures {
        match signer(bytes, *file, namespace, trust) {
            Err(refusal) => refusals.push(refusal),
            Ok(principal) if principal == *auditor => {}
            Ok(principal) => refusals.push(Code::SignerNotNamed.because(format!(
                "`{}` is by `{principal}`: expected auditor `{auditor}`",
                file.name
            ))),
        }
    }
    if signatures.is_empty() {
        refusals.push(Code::SignatureMissing.because(format!(
            "auditor `{auditor}` has not signed: `ssh-keygen -Y sign -n {namespace} -f KEY < FILE > FILE.{auditor}.sig`"
        )));
    }
    refusals
}
