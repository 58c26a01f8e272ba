//! The record that a package was done: which bytes, where, by whom, after what.
//!
//! Not for: proving it; a record is a link in a chain, and what it says can be measured again. The one fact
//! to know: it holds the digest of the record before it, so a package that is done again makes every later
//! record stale.

use crate::code::{Code, Refusal, Refused};
use crate::document::{self, Fields, Reader};
use crate::moment::Moment;
use crate::parts::{Person, Target, file, shown, text};
use crate::reaudit::is_verdict;
use crate::sequence::{PackageRule, PackageState, Runner};
use canonical::{ArtifactDigest, Node, PackageDigest};
use serde::Serialize;

/// A record, as it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The package.
    pub package: String,
    /// What it came to: `pass`, `fail` or `not_measured`.
    pub verdict: String,
    /// Its bytes.
    #[serde(serialize_with = "shown")]
    pub package_sha256: PackageDigest,
    /// The record of the package before it; none for the first.
    #[serde(serialize_with = "shown_if_any")]
    pub predecessor_evidence_sha256: Option<ArtifactDigest>,
    /// The authorization under which it ran; none where none is needed.
    #[serde(serialize_with = "shown_if_any")]
    pub authorization_sha256: Option<ArtifactDigest>,
    /// Where it ran for good; none where it changes nothing.
    pub target: Option<Target>,
    /// Version of the tools.
    pub tool_version: String,
    /// Class of who ran it.
    #[serde(serialize_with = "shown")]
    pub runner: Runner,
    /// Who ran it.
    pub ran_by: Person,
    /// When it ended.
    #[serde(serialize_with = "shown")]
    pub ended_at: Moment,
}

#[expect(clippy::ref_option, reason = "the signature is serde's")]
fn shown_if_any<T: std::fmt::Display, S: serde::Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        None => serializer.serialize_str(NONE),
        Some(value) => serializer.collect_str(value),
    }
}

const KIND: &str = "package_evidence";
const NONE: &str = "none";

impl Evidence {
    /// Reads a file.
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        document::read(KIND, bytes, read, |found| found.to_file().unwrap_or_default())
    }

    /// The file's text: canonical, with a line feed at its end.
    pub fn to_file(&self) -> Result<String, Refusal> {
        let body = Node::List(vec![
            text("package", &self.package),
            text("verdict", &self.verdict),
            text("package_sha256", self.package_sha256),
            text(
                "predecessor_evidence_sha256",
                or_none(self.predecessor_evidence_sha256),
            ),
            text("authorization_sha256", or_none(self.authorization_sha256)),
            Node::pair(
                "target",
                self.target.as_ref().map_or_else(|| NONE.into(), Target::node),
            ),
            text("tool_version", &self.tool_version),
            text("runner", self.runner),
            Node::pair("ran_by", self.ran_by.node()),
            text("ended_at", &self.ended_at),
        ]);
        file(KIND, &body)
    }

    /// Digest of the file, as `sha256sum` prints it.
    pub fn digest(&self) -> Result<ArtifactDigest, Refusal> {
        self.to_file().map(|text| ArtifactDigest::of(&text))
    }

    /// The same for people.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_else(|error| format!("# not to be shown: {error}\n"))
    }
}

fn or_none(digest: Option<ArtifactDigest>) -> String {
    digest.map_or_else(|| NONE.to_owned(), |digest| digest.to_string())
}

fn read(reader: &mut Reader, node: &Node) -> Option<Evidence> {
    let names = [
        "package",
        "verdict",
        "package_sha256",
        "predecessor_evidence_sha256",
        "authorization_sha256",
        "target",
        "tool_version",
        "runner",
        "ran_by",
        "ended_at",
    ];
    let fields = reader.fields("", node, &names)?;
    let package = reader.name(&fields, "package");
    let verdict = reader.text(&fields, "verdict", "pass, fail or not_measured", is_verdict);
    let package_sha256 = reader.digest(&fields, "package_sha256");
    let predecessor_evidence_sha256 = digest_or_none(reader, &fields, "predecessor_evidence_sha256");
    let authorization_sha256 = digest_or_none(reader, &fields, "authorization_sha256");
    let target = match fields.get("target") {
        Some(Node::Text(text)) if text == NONE => Some(None),
        _ => Target::read(reader, &fields, "target").map(Some),
    };
    let tool_version = reader.name(&fields, "tool_version");
    let runner = reader.text(&fields, "runner", "T1 or OPERATOR", |text| {
        Runner::named(text).is_some()
    });
    let ran_by = Person::read(reader, &fields, "ran_by");
    let ended_at = reader.moment(&fields, "ended_at");
    Some(Evidence {
        package: package?,
        verdict: verdict?,
        package_sha256: package_sha256?,
        predecessor_evidence_sha256: predecessor_evidence_sha256?.parse().ok(),
        authorization_sha256: authorization_sha256?.parse().ok(),
        target: target?,
        tool_version: tool_version?,
        runner: Runner::named(&runner?)?,
        ran_by: ran_by?,
        ended_at: ended_at?,
    })
}

fn digest_or_none(reader: &mut Reader, fields: &Fields<'_>, name: &str) -> Option<String> {
    reader.text(fields, name, "`none` or 64 lower-case hex digits", |text| {
        text == NONE || text.parse::<ArtifactDigest>().is_ok()
    })
}

/// What is wrong with a record, given the record of the package before it.
pub(crate) fn judge(
    evidence: &Evidence,
    rule: &PackageRule,
    state: &PackageState<'_>,
    predecessor: Option<ArtifactDigest>,
    target: Option<&Target>,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut refuse = |code: Code, message: String| refusals.push(code.because(message));
    if evidence.package != rule.id {
        refuse(
            Code::OtherPackage,
            format!(
                "the evidence is of `{}`, expected `{}`",
                evidence.package, rule.id
            ),
        );
    }
    if evidence.verdict != "pass" {
        refuse(
            Code::EvidenceNotPass,
            format!("the evidence says `{}`, expected `pass`", evidence.verdict),
        );
    }
    if state.package_sha256.good() != Some(&evidence.package_sha256) {
        refuse(
            Code::OtherBytes,
            format!(
                "the evidence is of {}, and the package has other bytes",
                evidence.package_sha256
            ),
        );
    }
    if evidence.predecessor_evidence_sha256 != predecessor {
        refuse(
            Code::EvidenceStale,
            format!(
                "the evidence follows {}, that of the package before is {}",
                or_none(evidence.predecessor_evidence_sha256),
                or_none(predecessor)
            ),
        );
    }
    if evidence.ended_at > *state.now {
        refuse(
            Code::EvidenceInFuture,
            format!(
                "the evidence is dated {}, now is {}",
                evidence.ended_at, state.now
            ),
        );
    }
    if evidence.runner != rule.runner {
        refuse(
            Code::RunnerClassWrong,
            format!(
                "the package was run by {}, expected {}",
                evidence.runner, rule.runner
            ),
        );
    }
    if let Some(refusal) = state
        .people
        .judge("runner", &evidence.ran_by, evidence.runner.slot())
    {
        refusals.push(refusal);
    }
    refusals.extend(judge_authorization(evidence, rule, state, target));
    refusals
}

fn judge_authorization(
    evidence: &Evidence,
    rule: &PackageRule,
    state: &PackageState<'_>,
    target: Option<&Target>,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let wanted = target.filter(|_| rule.runner == Runner::Operator);
    if evidence.target.as_ref() != wanted {
        let shown = |target: Option<&Target>| target.map_or_else(|| NONE.to_owned(), ToString::to_string);
        refusals.push(Code::OtherTarget.because(format!(
            "the evidence is of `{}`, expected `{}`",
            shown(evidence.target.as_ref()),
            shown(wanted)
        )));
    }
    let expected = state.authorization.good().and_then(|good| {
        let digest = good.authorization().digest().ok()?;
        Some((digest, good.authorization().operator.principal.clone()))
    });
    let digest = expected.as_ref().map(|(digest, _)| *digest);
    if rule.needs_authorization && (digest.is_none() || evidence.authorization_sha256 != digest) {
        refusals.push(Code::EvidenceOtherAuthorization.because(format!(
            "the package ran under authorization {}, that which holds is {}",
            or_none(evidence.authorization_sha256),
            or_none(digest)
        )));
    } else if let Some((_, operator)) =
        expected.filter(|(_, operator)| *operator != evidence.ran_by.principal)
    {
        refusals.push(Code::EvidenceOtherAuthorization.because(format!(
            "the package was run by `{}`, its authorization is for `{operator}`",
            evidence.ran_by.principal
        )));
    }
    refusals
}
