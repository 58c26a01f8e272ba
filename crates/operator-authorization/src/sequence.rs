//! Which package is done, which may start, and what each of the others waits for.
//!
//! Not for: reading state, or starting anything. The one fact to know: the default is HOLD; a package is ready
//! only if everything that it needs was there and was verified.

use crate::code::{Code, Refusal, Refused};
use crate::evidence::{self, Evidence};
use crate::moment::Moment;
use crate::parts::Target;
use crate::people::People;
use crate::reaudit::Reaudited;
use crate::verify::Authorized;
use canonical::{ArtifactDigest, PackageDigest};
use serde::Serialize;
use std::fmt;

/// The class of people who may run a package; exactly one a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner {
    /// Authors.
    T1,
    /// People with authority over the target.
    Operator,
}

impl Runner {
    /// The class of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::T1, Self::Operator]
            .into_iter()
            .find(|runner| runner.to_string() == name)
    }

    /// The slot that its people hold.
    pub(crate) fn slot(self) -> &'static str {
        match self {
            Self::T1 => "author",
            Self::Operator => "operator",
        }
    }
}

impl fmt::Display for Runner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::T1 => "T1",
            Self::Operator => "OPERATOR",
        })
    }
}

/// What a package needs before it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageRule {
    /// `PKG-A`.
    pub id: String,
    /// The package that must be done before; none for the first.
    pub predecessor: Option<String>,
    /// Who may run it.
    pub runner: Runner,
    /// Whether a fresh re-audit must stand before it.
    pub needs_reaudit: bool,
    /// Whether it needs a signed authorization.
    pub needs_authorization: bool,
}

/// Something that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    /// It is not there.
    Absent,
    /// It is there, and refused.
    Refused(Refused),
    /// It is there, and holds.
    Good(T),
}

impl<T> Found<T> {
    /// What holds.
    pub fn good(&self) -> Option<&T> {
        match self {
            Self::Good(good) => Some(good),
            _ => None,
        }
    }
}

impl<T> From<Result<T, Refused>> for Found<T> {
    fn from(result: Result<T, Refused>) -> Self {
        match result {
            Ok(good) => Self::Good(good),
            Err(refused) => Self::Refused(refused),
        }
    }
}

/// What there is of one package.
#[derive(Debug, Clone)]
pub struct PackageState<'a> {
    /// Digest of its bytes, if it has any, and they are whole.
    pub package_sha256: Found<PackageDigest>,
    /// The re-audit before it.
    pub reaudit: Found<Reaudited>,
    /// Its authorization.
    pub authorization: Found<Authorized>,
    /// The record that it was done.
    pub evidence: Found<Evidence>,
    /// Who there is.
    pub people: &'a People,
    /// The instant at which this is asked.
    pub now: &'a Moment,
}

/// Where a package stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Its evidence holds.
    Done,
    /// It may start.
    Ready,
    /// It may not.
    Hold,
}

/// Where a package stands, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The package.
    pub package: String,
    /// Where it stands.
    pub standing: Standing,
    /// What it waits for before it may start; nothing once it may, or is done.
    pub waits_for: Vec<Refusal>,
    /// Why its evidence does not count; nothing if it does, or there is none. An author's package may
    /// start all the same, and be done again.
    pub refused: Vec<Refusal>,
}

/// Where each package stands, in the order of `rules`; a state a rule.
pub fn standing(rules: &[PackageRule], states: &[PackageState<'_>], target: Option<&Target>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    // Of the packages that are done.
    let mut records: Vec<(String, ArtifactDigest)> = Vec::new();
    for (rule, state) in rules.iter().zip(states) {
        let before = rule.predecessor.as_ref().map(|predecessor| {
            let done = records.iter().find(|(package, _)| package == predecessor);
            (predecessor, done.map(|(_, digest)| *digest))
        });
        let waits_for = waits_for(rule, state, before, target);
        let digest = before.and_then(|(_, digest)| digest);
        let (refused, record) = match &state.evidence {
            Found::Absent => (Vec::new(), None),
            Found::Refused(found) => (found.refusals().to_vec(), None),
            Found::Good(evidence) => {
                let refused = evidence::judge(evidence, rule, state, digest, target);
                (refused, evidence.digest().ok())
            }
        };
        let standing = if !waits_for.is_empty() {
            Standing::Hold
        } else if refused.is_empty() {
            record.map_or(Standing::Ready, |record| {
                records.push((rule.id.clone(), record));
                Standing::Done
            })
        } else if rule.runner == Runner::T1 {
            Standing::Ready
        } else {
            Standing::Hold
        };
        lines.push(Line {
            package: rule.id.clone(),
            standing,
            waits_for,
            refused,
        });
    }
    lines
}

fn waits_for(
    rule: &PackageRule,
    state: &PackageState<'_>,
    before: Option<(&String, Option<ArtifactDigest>)>,
    target: Option<&Target>,
) -> Vec<Refusal> {
    let mut waits_for = Vec::new();
    if let Some((predecessor, None)) = before {
        waits_for.push(Code::PredecessorNotDone.because(format!("`{predecessor}` is not done")));
    }
    waits_for.extend(missing(
        &state.package_sha256,
        Code::PackageMissing,
        &format!("`{}` has no bytes yet", rule.id),
    ));
    if rule.needs_reaudit {
        waits_for.extend(missing(
            &state.reaudit,
            Code::ReauditMissing,
            &format!("`{}` needs a fresh re-audit by somebody independent", rule.id),
        ));
    }
    if rule.needs_authorization {
        waits_for.extend(missing(
            &state.authorization,
            Code::AuthorizationMissing,
            &format!("`{}` needs a signed authorization", rule.id),
        ));
    }
    if rule.runner == Runner::Operator && target.is_none() {
        waits_for
            .push(Code::TargetMissing.because(format!("no target was named on which `{}` may run", rule.id)));
    }
    waits_for
}

fn missing<T>(found: &Found<T>, code: Code, message: &str) -> Vec<Refusal> {
    match found {
        Found::Absent => vec![code.because(message)],
        Found::Refused(refused) => refused.refusals().to_vec(),
        Found::Good(_) => Vec::new(),
    }
}

/// A package that may be started; nothing else makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Startable {
    package: String,
}

impl Startable {
    /// Leave for `runner` to start a package, if it is ready.
    pub fn of(
        package: &str,
        runner: Runner,
        rules: &[PackageRule],
        states: &[PackageState<'_>],
        target: Option<&Target>,
    ) -> Result<Self, Refused> {
        let Some(rule) = rules.iter().find(|rule| rule.id == package) else {
            return Err(Code::PackageUnknown
                .because(format!("there is no package `{package}`"))
                .into());
        };
        let mut refusals = Vec::new();
        if rule.runner != runner {
            refusals.push(
                Code::RunnerClassWrong
                    .because(format!("`{package}` is run by {}, not by {runner}", rule.runner)),
            );
        }
        let line = standing(rules, states, target)
            .into_iter()
            .find(|line| line.package == package && line.standing == Standing::Hold);
        if let Some(line) = line {
            refusals.extend(line.waits_for);
            refusals.extend(line.refused);
        }
        Refused::unless_empty(refusals)?;
        Ok(Self {
            package: package.to_owned(),
        })
    }

    /// Which package.
    pub fn package(&self) -> &str {
        &self.package
    }
}
