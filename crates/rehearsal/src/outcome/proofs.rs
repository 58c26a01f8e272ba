//! What was tried and refused, or accepted: tests, rows, attacks, mutants.

use crate::guard_mutant::GuardMutants;
use crate::manifest_mutant::ManifestCounts;
use crate::plan::Cause;
use crate::rejection::Rejection;
use crate::schema_mutant::MutantCounts;
use serde::Serialize;

/// The negative suite.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NegativeCounts {
    /// How many tests the specs hold.
    pub tests: usize,
    /// Twins that were accepted and touched a row.
    pub accepted_twins: usize,
    /// Rejections with the expected fingerprint.
    pub rejected: usize,
    /// Rejected statements that were accepted once exactly the named cause was gone.
    pub sole_cause: usize,
    /// What the live schema refuses with that is the sole cause of no test; null if it was not asked.
    pub uncovered: Option<usize>,
    /// Twins that were not accepted, or whose arrangement failed.
    pub arrange_failed: usize,
    /// Rows that must be accepted: each member, disjunct and bound of a CHECK, NULL, each column of a key.
    pub accepted_rows: usize,
    /// Those that were.
    pub accepted: usize,
}

/// The realized rejection of a test, for its snapshot.
#[derive(Clone, Debug)]
pub struct TestOutcome {
    /// The test's id.
    pub id: String,
    /// Its one change.
    pub mutation: String,
    /// What must refuse it.
    pub cause: Cause,
    /// Whether the twin was accepted.
    pub twin_accepted: bool,
    /// Whether it was rejected with the expected fingerprint.
    pub rejected: bool,
    /// Whether the same statement was accepted once its cause was gone.
    pub sole_cause: bool,
    /// What was taken away for that.
    pub removal: Vec<String>,
    /// The SQLSTATE that it must have, on whatever major.
    pub sqlstate: String,
    /// The rejection, if there was one.
    pub rejection: Option<Rejection>,
    /// Why it is red; empty when green.
    pub reasons: Vec<String>,
}

/// The tests of one spec.
#[derive(Clone, Debug)]
pub struct SpecOutcome {
    /// The relation without its schema.
    pub table: String,
    /// In the spec's order.
    pub tests: Vec<TestOutcome>,
    /// Rows that must be accepted, in the spec's order.
    pub accepted: Vec<AcceptOutcome>,
}

/// A row that must be accepted.
#[derive(Clone, Debug)]
pub struct AcceptOutcome {
    /// Its id.
    pub id: String,
    /// The row, for people.
    pub row: String,
    /// The parts of constraints that rest on it.
    pub shows: Vec<String>,
    /// Why it was not accepted; none if it was.
    pub why: Option<String>,
}

/// The attacks.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AttackCounts {
    /// How many families the plan names.
    pub families: usize,
    /// How many attempts were made, or should have been.
    pub attempts: usize,
    /// Attempts that were repelled, and reached their gain once the shield was lowered.
    pub repelled: usize,
    /// The others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub red: Vec<AttackRed>,
}

/// An attempt that is neither repelled nor proven by its twin.
#[derive(Clone, Debug, Serialize)]
pub struct AttackRed {
    /// Its family.
    pub family: String,
    /// Its id.
    pub id: String,
    /// `ATTACK_SUCCEEDED`, `ATTACK_CAUSE_DIFFERS`, `ATTACK_TWIN_REPELLED`, `ATTACK_NOT_MADE` or `ARRANGE_FAILED`.
    pub code: String,
    /// Expected and found.
    pub why: String,
}

/// How one attempt ended, for its snapshot.
#[derive(Clone, Debug)]
pub struct AttackOutcome {
    /// Its family.
    pub family: String,
    /// Its id.
    pub id: String,
    /// Who acted.
    pub personas: String,
    /// Refused, detected, or gains nothing; the code of a red one.
    pub ended: String,
    /// Kind, object and name of the shield that repelled it.
    pub shield: String,
}

/// What was mutated, and what noticed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MutantsOutcome {
    /// Each cause of a negative test taken away; null if the plan has no check for it.
    pub schema: Option<MutantCounts>,
    /// Each fault that a guard must see; null if the plan names none.
    pub guards: Option<GuardMutants>,
    /// Each mutant of the manifests, as a delta; null if they were not reached.
    pub manifest: Option<ManifestCounts>,
}
