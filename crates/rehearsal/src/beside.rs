//! One rehearsal on two servers at once: steps on the first, proofs on the second, one outcome.
//!
//! A session is one process of the server, so a rehearsal in one transaction leaves every other core idle.
//! What is only tried and undone needs no guard beside it, so it has a transaction of its own, on a server of
//! its own, since roles are a cluster's, and on a thread of its own, or it would wait while the client reads the
//! other's answers. The one fact to know: the second must have come to the same state,
//! object by object and row by row, or what it proves is about something else.

use crate::engine::{How, Progress, rehearse_share};
use crate::error::RehearseError;
use crate::outcome::{Finding, Outcome};
use crate::packages::residue_lines;
use crate::plan::Committed;
use crate::share::{Share, of_two};
use crate::target::Target;
use guards::Fixture;
use std::cell::RefCell;
use tokio::sync::mpsc::UnboundedSender;

/// A run that went through its rollback gate and was not judged yet.
pub(crate) struct Ended {
    /// What it did of the rehearsal.
    pub(crate) share: Share,
    pub(crate) outcome: Outcome,
    /// Packages that ran.
    pub(crate) measured: Vec<String>,
}

/// Both shares, each in a transaction that is rolled back.
pub(crate) async fn rehearse_beside(
    steps: &Target,
    proofs: impl Future<Output = Result<Ended, RehearseError>>,
    committed: &Committed,
    fixtures: &[Fixture],
    progress: &mut dyn Progress,
) -> Result<Outcome, RehearseError> {
    let how = How {
        share: of_two(committed.has_packets()).0,
        keeper: None,
    };
    // Both are large, and live side by side.
    let steps = Box::pin(rehearse_share(steps, committed, fixtures, &[], progress, how));
    let (steps, proofs) = futures_util::future::try_join(steps, Box::pin(proofs)).await?;
    Ok(steps.joined(proofs).judged(committed))
}

/// The share of the second server.
pub(crate) async fn proofs_on(
    target: &Target,
    committed: &Committed,
    progress: &mut dyn Progress,
) -> Result<Ended, RehearseError> {
    let how = How {
        share: of_two(committed.has_packets()).1,
        keeper: None,
    };
    Box::pin(rehearse_share(target, committed, &[], &[], progress, how)).await
}

impl Ended {
    pub(crate) fn judged(self, committed: &Committed) -> Outcome {
        let Self {
            mut outcome,
            measured,
            ..
        } = self;
        // A package is measured as a whole or not at all.
        let measured = if committed.is_whole() {
            measured
        } else {
            Vec::new()
        };
        outcome.judge(&measured, &committed.inapplicable, &committed.plan.later);
        outcome
    }

    /// Steps, with the proofs of the other server. A package was measured if both ran it.
    fn joined(mut self, proofs: Self) -> Self {
        self.measured.retain(|id| proofs.measured.contains(id));
        let differing = self.outcome.came_to_another_state(&proofs.outcome);
        let outcome = &mut self.outcome;
        let other = proofs.outcome;
        outcome.postgres.reason += if proofs.share.has_proofs() {
            "; a second one like it has the proofs"
        } else {
            "; a second one like it has the negative suite"
        };
        outcome.negatives = other.negatives;
        outcome.specs = other.specs;
        outcome.mutants.schema = other.mutants.schema;
        outcome.schema_mutants = other.schema_mutants;
        outcome.weakened_outcomes = other.weakened_outcomes;
        if proofs.share.has_proofs() {
            outcome.mutants.manifest = other.mutants.manifest;
            outcome.manifest_mutants = other.manifest_mutants;
            outcome.access = other.access;
            outcome.attacks = other.attacks;
            outcome.attack_outcomes = other.attack_outcomes;
        }
        outcome.packets.extend(other.packets);
        outcome.authorization += other.authorization;
        if outcome.rollback.xid_status == "aborted" {
            outcome.rollback.xid_status = other.rollback.xid_status;
        }
        // A file that both were refused is one finding.
        let news = other
            .findings
            .into_iter()
            .filter(|finding| !outcome.findings.contains(finding))
            .collect::<Vec<_>>();
        outcome.findings.extend(news);
        outcome.findings.extend(differing);
        for (part, ms) in other.elapsed_ms.parts {
            let known = outcome.elapsed_ms.parts.entry(part).or_default();
            *known = ms.max(*known);
        }
        self
    }
}

impl Outcome {
    /// That another server, which proves things about this one's state, has another state.
    fn came_to_another_state(&self, other: &Self) -> Option<Finding> {
        let (Some(here), Some(there)) = (&self.applied, &other.applied) else {
            // One of the two did not come so far, and said so.
            return None;
        };
        let residue = here.differences(there);
        (!residue.is_empty()).then(|| Finding {
            code: "SERVERS_DIFFER".to_owned(),
            package: None,
            message: format!(
                "the packages came to another state on the second server, expected the same, found {} differences",
                residue.len()
            ),
            details: residue_lines(&residue),
        })
    }
}

/// Lets two runs tell one listener which stage begins.
pub(crate) struct Shared<'a, 'b>(pub(crate) &'a RefCell<&'b mut dyn Progress>);

impl Progress for Shared<'_, '_> {
    fn step(&mut self, what: &str) {
        self.0.borrow_mut().step(what);
    }
}

/// Tells a listener on another thread.
pub(crate) struct Relay(pub(crate) UnboundedSender<String>);

impl Progress for Relay {
    fn step(&mut self, what: &str) {
        // A listener that is gone need not hear.
        drop(self.0.send(what.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::Ended;
    use crate::fingerprint::Fingerprint;
    use crate::outcome::{Applied, AuthorizationCounts, Finding, Outcome, PacketOutcome};
    use crate::share::Share;

    fn ended(applied: &str, findings: &[&str], measured: &[&str]) -> Ended {
        let mut outcome = Outcome {
            applied: Some(Applied {
                before: Fingerprint::of(&[]),
                after: Fingerprint::of(&[applied]),
            }),
            ..Outcome::default()
        };
        outcome.rollback.xid_status = "aborted".to_owned();
        let finding = |code: &&str| Finding {
            code: (*code).to_owned(),
            package: None,
            message: String::new(),
            details: vec![],
        };
        outcome.findings = findings.iter().map(finding).collect();
        Ended {
            share: Share::Proofs,
            outcome,
            measured: measured.iter().map(|id| (*id).to_owned()).collect(),
        }
    }

    fn codes(ended: &Ended) -> Vec<&str> {
        ended
            .outcome
            .findings
            .iter()
            .map(|finding| finding.code.as_str())
            .collect()
    }

    const SOUND: &str = "relation\u{1f}b\u{1f}x";

    #[test]
    fn one_finding_of_both_is_told_once() {
        let joined = ended(SOUND, &["ONE"], &[]).joined(ended(SOUND, &["ONE", "TWO"], &[]));
        assert_eq!(codes(&joined), ["ONE", "TWO"]);
    }

    #[test]
    fn packets_and_leave_of_both_are_told() {
        let of = |package: &str, verified, refused| {
            let mut ended = ended(SOUND, &[], &[]);
            ended.outcome.packets.push(PacketOutcome::new(package, "digest"));
            ended.outcome.authorization = AuthorizationCounts { verified, refused };
            ended
        };
        let outcome = of("F", 1, 17).joined(of("E", 2, 30)).outcome;
        let packages: Vec<&str> = outcome.packets.iter().map(|one| one.package.as_str()).collect();
        assert_eq!(packages, ["F", "E"]);
        assert_eq!(
            (outcome.authorization.verified, outcome.authorization.refused),
            (3, 47)
        );
    }

    #[test]
    fn a_package_is_measured_where_both_ran_it() {
        let joined = ended(SOUND, &[], &["A", "B"]).joined(ended(SOUND, &[], &["A"]));
        assert_eq!(joined.measured, ["A"]);
    }

    #[test]
    fn another_state_is_a_finding() {
        let joined = ended(SOUND, &[], &[]).joined(ended("relation\u{1f}b\u{1f}y", &[], &[]));
        assert_eq!(codes(&joined), ["SERVERS_DIFFER"]);
    }

    #[test]
    fn both_transactions_must_be_aborted() {
        let mut proofs = ended(SOUND, &[], &[]);
        proofs.outcome.rollback.xid_status = "committed".to_owned();
        let joined = ended(SOUND, &[], &[]).joined(proofs);
        assert_eq!(joined.outcome.rollback.xid_status, "committed");
    }
}
