//! The order of packages: a whole chain is done, and each thing that lacks or does not fit holds it.
//!
//! The one fact to know: re-audits and authorizations in the chain are verified ones, made by the cases of
//! their own tests; nothing here can make one otherwise.

use crate::people::{at, people, rules, target};
use crate::{authorization, reaudit};
use canonical::{ArtifactDigest, PackageDigest};
use operator_authorization::{
    Code, Evidence, Found, Line, Moment, PackageRule, PackageState, People, Person, Refused, Runner,
    Standing, Startable, Target, standing,
};
use std::sync::LazyLock;

static PEOPLE: LazyLock<People> = LazyLock::new(people);
static NOW: LazyLock<Moment> = LazyLock::new(|| at("2026-03-02T12:00:00Z"));

/// A chain of three packages, and where it is to run.
pub(crate) struct Case {
    rules: Vec<PackageRule>,
    states: Vec<PackageState<'static>>,
    target: Option<Target>,
}

fn person(principal: &str) -> Person {
    PEOPLE.person(principal).unwrap()
}

fn bytes(package: &str) -> PackageDigest {
    PackageDigest::of(package)
}

fn done<'state>(state: &'state mut PackageState<'_>) -> &'state mut Evidence {
    match &mut state.evidence {
        Found::Good(evidence) => evidence,
        other => panic!("{other:?}"),
    }
}

impl Case {
    /// DRAFT and APPLY done, FREEZE authorized and ready.
    fn good() -> Self {
        let authorized = authorization::Case::good().verify().unwrap();
        let mut freeze = authorization::Case::good();
        freeze.files = authorization::packet_files("FREEZE", "author", "1.2.3", "\"table:a\", \"table:b\"");
        let packet = operator_authorization::Packet::read(&freeze.files).unwrap();
        freeze.artifact.package = "FREEZE".to_owned();
        freeze.artifact.scope.package = "FREEZE".to_owned();
        freeze.artifact.approved_package_sha256 = packet.digest;
        freeze.artifact.proof.read_back_sha256 = packet.digest;
        let first = Evidence {
            package: "DRAFT".to_owned(),
            verdict: "pass".to_owned(),
            package_sha256: bytes("DRAFT"),
            predecessor_evidence_sha256: None,
            authorization_sha256: None,
            target: None,
            tool_version: "1.2.3".to_owned(),
            runner: Runner::T1,
            ran_by: person("author"),
            ended_at: at("2026-02-27T12:00:00Z"),
        };
        let second = Evidence {
            package: "APPLY".to_owned(),
            package_sha256: bytes("APPLY"),
            predecessor_evidence_sha256: Some(first.digest().unwrap()),
            authorization_sha256: Some(authorized.authorization().digest().unwrap()),
            target: Some(target()),
            runner: Runner::Operator,
            ran_by: person("operator"),
            ended_at: at("2026-03-01T10:00:00Z"),
            ..first.clone()
        };
        let state = |package| PackageState {
            package_sha256: Found::Good(bytes(package)),
            reaudit: Found::Absent,
            authorization: Found::Absent,
            evidence: Found::Absent,
            people: &PEOPLE,
            now: &NOW,
        };
        Self {
            rules: rules(),
            states: vec![
                PackageState {
                    evidence: Found::Good(first),
                    ..state("DRAFT")
                },
                PackageState {
                    reaudit: Found::from(reaudit::Case::good().verify()),
                    authorization: Found::Good(authorized),
                    evidence: Found::Good(second),
                    ..state("APPLY")
                },
                PackageState {
                    authorization: Found::from(freeze.verify()),
                    ..state("FREEZE")
                },
            ],
            target: Some(target()),
        }
    }

    fn lines(&self) -> Vec<Line> {
        standing(&self.rules, &self.states, self.target.as_ref())
    }

    fn standings(&self) -> Vec<Standing> {
        self.lines().iter().map(|line| line.standing).collect()
    }

    fn start(&self, package: &str, runner: Runner) -> Result<Startable, Refused> {
        Startable::of(package, runner, &self.rules, &self.states, self.target.as_ref())
    }
}

type Mutant = (Code, &'static str, &'static str, fn(&mut Case));

/// Each changes one thing of the chain; the package is the first that it holds, or, for an author's, has
/// done again.
pub(crate) const MUTANTS: &[Mutant] = &[
    (
        Code::PredecessorNotDone,
        "nothing was recorded of the package before",
        "FREEZE",
        |case| {
            case.states[1].evidence = Found::Absent;
        },
    ),
    (Code::PackageMissing, "no packet was written", "FREEZE", |case| {
        case.states[2].package_sha256 = Found::Absent;
    }),
    (
        Code::PacketNotWhole,
        "its packet is not whole",
        "FREEZE",
        |case| {
            let nothing = std::collections::BTreeMap::<String, Vec<u8>>::new();
            let broken = operator_authorization::Packet::read(&nothing);
            case.states[2].package_sha256 = Found::from(broken.map(|packet| packet.digest));
        },
    ),
    (
        Code::AuthorizationMissing,
        "nobody authorized it",
        "FREEZE",
        |case| {
            case.states[2].authorization = Found::Absent;
        },
    ),
    (Code::Expired, "its authorization was refused", "FREEZE", |case| {
        let mut late = authorization::Case::good();
        late.now = at("2026-03-01T18:00:00Z");
        case.states[2].authorization = Found::from(late.verify());
    }),
    (Code::ReauditMissing, "nobody audited it", "APPLY", |case| {
        case.states[1].reaudit = Found::Absent;
    }),
    (
        Code::ReauditFoundSomething,
        "its re-audit was refused",
        "APPLY",
        |case| {
            let mut found = reaudit::Case::good();
            found.record.verdict = "fail".to_owned();
            case.states[1].reaudit = Found::from(found.verify());
        },
    ),
    (Code::EvidenceNotPass, "it failed", "APPLY", |case| {
        done(&mut case.states[1]).verdict = "fail".to_owned();
    }),
    (Code::EvidenceNotPass, "it was not measured", "DRAFT", |case| {
        done(&mut case.states[0]).verdict = "not_measured".to_owned();
    }),
    (Code::EvidenceInFuture, "it is of tomorrow", "DRAFT", |case| {
        done(&mut case.states[0]).ended_at = at("2026-03-02T12:00:00.000001Z");
    }),
    (
        Code::EvidenceStale,
        "the package before was done again",
        "APPLY",
        |case| {
            done(&mut case.states[0]).ended_at = at("2026-03-02T12:00:00Z");
        },
    ),
    (Code::OtherBytes, "the package changed since", "DRAFT", |case| {
        case.states[0].package_sha256 = Found::Good(bytes("DRAFT, changed"));
    }),
    (
        Code::OtherPackage,
        "the evidence is another package's",
        "APPLY",
        |case| {
            done(&mut case.states[1]).package = "FREEZE".to_owned();
        },
    ),
    (Code::OtherTarget, "it was done elsewhere", "APPLY", |case| {
        done(&mut case.states[1]).target = Target::parse("7300000000000000002/shop");
    }),
    (
        Code::OtherTarget,
        "an author did it to a target",
        "DRAFT",
        |case| {
            done(&mut case.states[0]).target = Some(target());
        },
    ),
    (
        Code::RunnerClassWrong,
        "an author ran what is an operator's",
        "APPLY",
        |case| {
            let evidence = done(&mut case.states[1]);
            evidence.runner = Runner::T1;
            // Holds both slots, so that the class alone is wrong.
            evidence.ran_by = person("operator");
            case.states[1].people = Box::leak(Box::new(people().with(
                "operator",
                "Olga",
                ["author", "operator"],
            )));
        },
    ),
    (
        Code::SlotNotHeld,
        "by an author who holds no such slot",
        "DRAFT",
        |case| {
            done(&mut case.states[0]).ran_by = person("auditor");
        },
    ),
    (
        Code::PrincipalUnknown,
        "by somebody whom nobody knows",
        "DRAFT",
        |case| {
            done(&mut case.states[0]).ran_by.principal = "nobody".to_owned();
        },
    ),
    (
        Code::EvidenceOtherAuthorization,
        "under another authorization",
        "APPLY",
        |case| {
            done(&mut case.states[1]).authorization_sha256 = Some(ArtifactDigest::of("another"));
        },
    ),
    (Code::EvidenceOtherAuthorization, "under none", "APPLY", |case| {
        done(&mut case.states[1]).authorization_sha256 = None;
    }),
    (
        Code::EvidenceOtherAuthorization,
        "by another operator than it names",
        "APPLY",
        |case| {
            done(&mut case.states[1]).ran_by = person("author_too");
        },
    ),
    (Code::Malformed, "its record says nothing", "APPLY", |case| {
        case.states[1].evidence = Found::from(Evidence::read(b"\n"));
    }),
    (Code::TargetMissing, "no target was named", "APPLY", |case| {
        case.target = None;
        case.states[1].evidence = Found::Absent;
    }),
];

#[test]
fn a_package_is_done_ready_or_held() {
    assert_eq!(
        Case::good().standings(),
        [Standing::Done, Standing::Done, Standing::Ready]
    );
    assert_eq!(
        Case::good().start("FREEZE", Runner::Operator).unwrap().package(),
        "FREEZE"
    );
}

#[test]
fn nothing_at_all_is_hold_for_all_but_the_first() {
    let mut case = Case::good();
    for state in &mut case.states {
        state.reaudit = Found::Absent;
        state.authorization = Found::Absent;
        state.evidence = Found::Absent;
    }
    assert_eq!(
        case.standings(),
        [Standing::Ready, Standing::Hold, Standing::Hold]
    );
}

#[test]
fn each_mutant_holds_its_package_for_its_reason_and_all_that_follow() {
    for (code, what, package, mutate) in MUTANTS {
        let mut case = Case::good();
        mutate(&mut case);
        let lines = case.lines();
        let at = lines.iter().position(|line| line.package == *package).unwrap();
        let line = &lines[at];
        assert_ne!(line.standing, Standing::Done, "{what}");
        let codes: Vec<Code> = line
            .waits_for
            .iter()
            .chain(&line.refused)
            .map(|refusal| refusal.code)
            .collect();
        assert!(
            !codes.is_empty() && codes.iter().all(|found| found == code),
            "{what}: {codes:?}"
        );
        for later in &lines[at + 1..] {
            assert_eq!(later.standing, Standing::Hold, "{what}: {}", later.package);
            assert!(
                later
                    .waits_for
                    .iter()
                    .any(|refusal| refusal.code == Code::PredecessorNotDone),
                "{what}"
            );
        }
        let rule = &case.rules[at];
        match case.start(package, rule.runner) {
            Ok(_) => assert_eq!(
                rule.runner,
                Runner::T1,
                "{what}: an operator's package would start"
            ),
            Err(refused) => assert_eq!(refused.codes(), [*code], "{what}"),
        }
    }
}

#[test]
fn a_command_of_the_other_class_starts_nothing() {
    let case = Case::good();
    let codes = |package, runner| case.start(package, runner).unwrap_err().codes();
    assert_eq!(codes("FREEZE", Runner::T1), [Code::RunnerClassWrong]);
    assert_eq!(codes("DRAFT", Runner::Operator), [Code::RunnerClassWrong]);
    assert_eq!(codes("THAW", Runner::Operator), [Code::PackageUnknown]);
}
