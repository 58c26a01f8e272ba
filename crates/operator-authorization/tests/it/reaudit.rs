//! Records of re-audits: a good one passes, and each reason to refuse is met by changing one thing.
//!
//! The one fact to know: forms and signatures are judged by the code that judges authorizations; here stand
//! what only a re-audit must be, and that its signature is judged at all.

use crate::people::{NAMESPACES, allowed_signers, at, key, people, rules, sign, target};
use canonical::{ArtifactDigest, PackageDigest};
use operator_authorization::{
    AllowedSigners, Audited, Code, Moment, PackageRule, People, Purpose, Reaudit, Reaudited, Refused,
    RevokedKeys, SignatureFile, Trust, judge_unsigned_reaudit, verify_reaudit,
};
use ssh_key::HashAlg;

/// A record, and the world around it.
pub(crate) struct Case {
    pub(crate) record: Reaudit,
    signers: Vec<(&'static str, &'static str)>,
    edit: Option<fn(String) -> String>,
    people: People,
    rule: PackageRule,
    package_sha256: PackageDigest,
    predecessor: ArtifactDigest,
    newer_than: Moment,
    now: Moment,
    purpose: Purpose<'static>,
}

impl Case {
    pub(crate) fn good() -> Self {
        let people = people();
        let person = |principal| people.person(principal).unwrap();
        Self {
            record: Reaudit {
                package: "APPLY".to_owned(),
                audited_package_sha256: PackageDigest::of("APPLY"),
                predecessor_evidence_sha256: ArtifactDigest::of("DRAFT is done"),
                tool_version: "1.2.3".to_owned(),
                auditor: person("auditor"),
                author: person("author"),
                operator: person("operator"),
                audited_at: at("2026-02-28T12:00:00Z"),
                verdict: "pass".to_owned(),
            },
            signers: vec![("auditor", NAMESPACES.reaudit)],
            edit: None,
            people,
            rule: rules().remove(1),
            package_sha256: PackageDigest::of("APPLY"),
            predecessor: ArtifactDigest::of("DRAFT is done"),
            newer_than: at("2026-02-27T12:00:00Z"),
            now: at("2026-03-01T09:00:00Z"),
            purpose: Purpose::Production,
        }
    }

    fn with_trust<T>(&self, judge: impl FnOnce(&Trust<'_>, &Audited<'_>) -> T) -> T {
        let trust = Trust {
            signers: &AllowedSigners::parse(&allowed_signers()).unwrap(),
            revoked: &RevokedKeys::default(),
            people: &self.people,
            namespaces: NAMESPACES,
            purpose: self.purpose,
            now: &self.now,
        };
        let audited = Audited {
            rule: &self.rule,
            package_sha256: self.package_sha256,
            predecessor_evidence_sha256: self.predecessor,
            newer_than: &self.newer_than,
            author: "author",
            tool_version: "1.2.3",
            target: Some(&target()),
        };
        judge(&trust, &audited)
    }

    pub(crate) fn verify(&self) -> Result<Reaudited, Refused> {
        let text = self.record.to_file().unwrap();
        let signatures: Vec<String> = self
            .signers
            .iter()
            .map(|(principal, namespace)| sign(principal, namespace, text.as_bytes()))
            .collect();
        let files: Vec<SignatureFile<'_>> = signatures
            .iter()
            .map(|text| SignatureFile {
                name: "a signature",
                bytes: text.as_bytes(),
            })
            .collect();
        let text = self.edit.map_or(text.clone(), |edit| edit(text));
        self.with_trust(|trust, audited| verify_reaudit(text.as_bytes(), &files, trust, audited))
    }

    fn audited_by(&mut self, principal: &'static str) {
        self.record.auditor = self.people.person(principal).unwrap();
        self.signers[0].0 = principal;
    }
}

type Mutant = (Code, &'static str, fn(&mut Case));

/// Each changes one thing of a good record or of the world around it.
pub(crate) const MUTANTS: &[Mutant] = &[
    (Code::FieldInvalid, "a verdict that is none", |case| {
        case.record.verdict = "probably".to_owned();
    }),
    (Code::OtherPackage, "of another package", |case| {
        case.record.package = "FREEZE".to_owned();
    }),
    (Code::OtherBytes, "of other bytes", |case| {
        case.package_sha256 = PackageDigest::of("APPLY, changed");
    }),
    (Code::OtherToolVersion, "by other tools", |case| {
        case.record.tool_version = "1.2.4".to_owned();
    }),
    (Code::ReauditStale, "the package before was done again", |case| {
        case.predecessor = ArtifactDigest::of("DRAFT is done again");
    }),
    (Code::ReauditStale, "at the instant that it must follow", |case| {
        case.newer_than = case.record.audited_at.clone();
    }),
    (Code::ReauditInFuture, "of tomorrow", |case| {
        case.record.audited_at = at("2026-03-01T09:00:00.000001Z");
    }),
    (Code::ReauditFoundSomething, "it found something", |case| {
        case.record.verdict = "fail".to_owned();
    }),
    (Code::ReauditFoundSomething, "it could not look", |case| {
        case.record.verdict = "not_measured".to_owned();
    }),
    (
        Code::ReauditNotIndependent,
        "by the author, under another principal",
        |case| {
            case.audited_by("author_too");
        },
    ),
    (
        Code::ReauditNotIndependent,
        "by the operator, under another principal",
        |case| {
            case.audited_by("operator_too");
        },
    ),
    (Code::OtherAuthor, "names another author", |case| {
        case.record.author = case.people.person("reviewer_too").unwrap();
    }),
    (Code::SlotNotHeld, "by somebody who is no auditor", |case| {
        case.audited_by("bystander");
    }),
    (
        Code::HumanMismatch,
        "an operator under another human's name",
        |case| {
            case.record.operator.human = "Otto".to_owned();
        },
    ),
    (Code::SignatureMissing, "nobody signed", |case| {
        case.signers.clear();
    }),
    (Code::SignatureInvalid, "changed after the signing", |case| {
        case.edit = Some(|text| text.replacen("2026-02-28T12", "2026-02-28T13", 1));
    }),
    (Code::WrongNamespace, "signed as an authorization", |case| {
        case.signers[0].1 = NAMESPACES.authorization;
    }),
    (Code::SignerNotNamed, "signed by somebody else", |case| {
        case.signers[0].0 = "bystander";
    }),
    (
        Code::RehearsalTarget,
        "for a target that is no throwaway",
        |case| {
            case.purpose = Purpose::Rehearsal {
                system_identifier: "7300000000000000009",
            };
            // The signature is none of a rehearsal's either, so this one is looked at unsigned.
            case.signers.clear();
        },
    ),
];

#[test]
fn a_good_record_passes() {
    let case = Case::good();
    let verified = case.verify().unwrap();
    assert_eq!(*verified.reaudit(), case.record);
    let auditor = key(case.signers[0].0).fingerprint(HashAlg::Sha256).to_string();
    assert_eq!(verified.keys(), [auditor]);
}

#[test]
fn each_mutant_is_refused_for_its_reason_and_no_other() {
    for (code, what, mutate) in MUTANTS {
        let mut case = Case::good();
        mutate(&mut case);
        let result = if *code == Code::RehearsalTarget {
            case.with_trust(|trust, audited| judge_unsigned_reaudit(&case.record, trust, audited))
        } else {
            case.verify().map(|_| ())
        };
        match result {
            Ok(()) => panic!("{what}: accepted, expected {code}"),
            Err(refused) => assert_eq!(refused.codes(), [*code], "{what}: {refused}"),
        }
    }
}

#[test]
fn a_record_of_a_finding_may_be_written_and_lets_nothing_start() {
    let mut case = Case::good();
    case.record.verdict = "fail".to_owned();
    case.with_trust(|trust, audited| judge_unsigned_reaudit(&case.record, trust, audited))
        .unwrap();
    assert_eq!(case.verify().unwrap_err().codes(), [Code::ReauditFoundSomething]);
}
