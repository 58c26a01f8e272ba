//! What a rehearsal found: the value behind both the summary and `--format json`.
//!
//! Keys are added by later formats, never renamed. The one fact to know: `verdict` is computed
//! from the rest in one place, [`Outcome::judge`], and is `pass` only if everything was measured.

mod guards;
mod packets;
mod proofs;

pub use guards::{GuardRun, GuardsOutcome, Validation};
pub use packets::{AuthorizationCounts, PacketOutcome, PacketRefusal};
pub use proofs::{
    AcceptOutcome, AttackCounts, AttackOutcome, AttackRed, MutantsOutcome, NegativeCounts, SpecOutcome,
    TestOutcome,
};

use crate::access::AccessOutcome;
use crate::bypass::BypassOutcome;
use crate::committed_run::CommittedRun;
use crate::exhibit::{PrivilegeCount, Reversed};
use crate::fingerprint::{Fingerprint, Residue};
use crate::guard_mutant::GuardFault;
use crate::later::{Later, RepointOutcome, Rest, ScaleRuns};
use crate::manifest_mutant::MutantOutcome;
use crate::plan::{Cause, LaterPackage};
use crate::reads::ReadCounts;
use crate::scan::PairsOutcome;
use crate::weakened::WeakenedOutcome;
use serde::Serialize;
use std::collections::BTreeMap;

/// Three outcomes; there is no fourth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Measured, and as it should be.
    Pass,
    /// Measured, and not as it should be.
    Fail,
    /// Not measured, or not in full.
    #[default]
    NotMeasured,
    /// There is nothing in this database that it could be about; never green.
    NotApplicable,
}

/// One finding: something is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable code, like `ROLLBACK_DID_NOT_RESTORE`.
    pub code: String,
    /// The package it counts against; none for the rehearsal as a whole.
    pub package: Option<String>,
    /// The thing, what was expected, what was found.
    pub message: String,
    /// Lines below it.
    pub details: Vec<String>,
}

/// The server.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PostgresInfo {
    /// How it was come by.
    pub provider: String,
    /// Its version.
    pub version: String,
    /// Its major.
    pub major: u32,
    /// Why it was come by so.
    pub reason: String,
    /// What the server says of its own build.
    pub build: String,
}

/// A package's verdict.
#[derive(Clone, Debug, Serialize)]
pub struct PackageOutcome {
    /// Its id.
    pub id: String,
    /// Its verdict.
    pub verdict: Status,
    /// Its guards, a cell each.
    pub validation: Vec<Validation>,
    /// What else its verdict rests on; absent where it is its guards alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rests_on: Vec<Rest>,
}

/// The rollback gate.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RollbackOutcome {
    /// Digest before anything.
    pub before: String,
    /// Digest with the packages applied.
    pub after_apply: String,
    /// Digest after the rollback.
    pub after_rollback: String,
    /// What a second connection reads of the transaction: `aborted`.
    pub xid_status: String,
    /// Facts in the first fingerprint.
    pub facts: usize,
    /// What the rollback left, by object.
    pub residue: Vec<Residue>,
}

/// Who applied the packages.
#[derive(Clone, Debug, Serialize)]
pub struct AppliedAs {
    /// The login.
    pub login: String,
    /// Whether it is a superuser.
    pub superuser: bool,
    /// How many files it applied.
    pub files: usize,
}

/// One way back, and how far the state returned.
#[derive(Clone, Debug, Serialize)]
pub struct WayBack {
    /// `draft`, `sealed`, `activated`.
    pub kind: &'static str,
    /// Its verdict.
    pub verdict: Status,
    /// How many states were compared, or refusals counted.
    pub compared: usize,
}

/// A world's end.
#[derive(Clone, Debug, Serialize)]
pub struct WorldOutcome {
    /// Its id.
    pub id: String,
    /// Codes it must end in.
    pub expected: Vec<String>,
    /// Codes it ended in.
    pub realized: Vec<String>,
}

/// Times, in milliseconds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ElapsedMs {
    /// Until the server answered.
    pub postgres_start: u64,
    /// From the start to the end.
    pub total: u64,
    /// Parts of the total, by name.
    #[serde(flatten)]
    pub parts: BTreeMap<String, u64>,
}

/// The database that was rehearsed on, where it is not the reference estate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EstateInfo {
    /// Name of the capture that it was compared with; none if its roles came from a globals file.
    pub capture: Option<String>,
    /// Digest of that capture: what joins this measurement with one on the live database [ruling A3].
    pub capture_sha256: Option<String>,
}

/// What applying the files did.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The state before the first file.
    pub before: Fingerprint,
    /// The state after the last.
    pub after: Fingerprint,
}

impl Applied {
    /// What another run of the same files, on another cluster, came to otherwise.
    ///
    /// Each cluster loads its estate at a moment of its own, so rows that differed before, and that neither
    /// run touched, are no difference between the runs.
    pub fn differences(&self, other: &Self) -> Vec<Residue> {
        let differed = self.before.residue(&other.before);
        let touched: Vec<Residue> = [self, other]
            .into_iter()
            .flat_map(|run| run.before.residue(&run.after))
            .collect();
        let is_touched = |one: &Residue| {
            let same = |other: &Residue| (&other.kind, &other.identity) == (&one.kind, &one.identity);
            touched.iter().any(same)
        };
        let mut residue = self.after.residue(&other.after);
        residue.retain(|one| one.kind != "rows" || !differed.contains(one) || is_touched(one));
        residue
    }
}

/// Everything a rehearsal found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// 1.
    pub format_version: u32,
    /// The verdict over all.
    pub verdict: Status,
    /// `one_transaction`, or `committed` where it was kept as it went and is dropped.
    pub shape: &'static str,
    /// The server.
    pub postgres: PostgresInfo,
    /// The restored database; null for the reference estate.
    pub estate: Option<EstateInfo>,
    /// Files in whose place rows of this server's own estate were rehearsed; empty where the committed
    /// capture is of this server's major.
    pub authored_for_server: Vec<String>,
    /// What it was narrowed to; absent where it was not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// Packages that nobody asked for, which people are told in a line; the JSON has their verdicts.
    #[serde(skip)]
    pub unasked: Vec<String>,
    /// Realized counts; null where nothing was counted.
    pub counts: BTreeMap<String, Option<i64>>,
    /// The packages.
    pub packages: Vec<PackageOutcome>,
    /// The guards, wherever they are due.
    pub guards: GuardsOutcome,
    /// The rollback gate.
    pub rollback: RollbackOutcome,
    /// The negative suite.
    pub negatives: NegativeCounts,
    /// Mutants.
    pub mutants: MutantsOutcome,
    /// Who applied the packages; each must come to the same state.
    pub applied_as: Vec<AppliedAs>,
    /// Who may do what: declared, predicted, attempted.
    pub access: AccessOutcome,
    /// What each entry point did, recomputed by the verifier that is paired with it; none where nothing is scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs: Option<PairsOutcome>,
    /// Ways around the cutover; none where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bypass: Option<BypassOutcome>,
    /// The application's reads, tried in the states of a cutover.
    pub reads: ReadCounts,
    /// The attacks.
    pub attacks: AttackCounts,
    /// Packets of operators that were run.
    pub packets: Vec<PacketOutcome>,
    /// Leave to run them.
    pub authorization: AuthorizationCounts,
    /// What the database said of itself before the packages.
    pub repoint: RepointOutcome,
    /// The guards on larger estates, by a record that was given.
    pub scale_runs: ScaleRuns,
    /// The packages, committed on a disposable cluster.
    pub committed: CommittedRun,
    /// The ways back.
    pub ways_back: Vec<WayBack>,
    /// The worlds.
    pub worlds: Vec<WorldOutcome>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Times.
    pub elapsed_ms: ElapsedMs,
    /// What packages after the plan's are judged by.
    #[serde(skip)]
    pub(crate) later: Later,
    /// Realized rejections, for snapshots; too long for the JSON.
    #[serde(skip)]
    pub specs: Vec<SpecOutcome>,
    /// What applying every file did, for whoever applies them again.
    #[serde(skip)]
    pub applied: Option<Applied>,
    /// How each mutant of the manifests ended.
    #[serde(skip)]
    pub manifest_mutants: Vec<MutantOutcome>,
    /// How each attempt ended, for snapshots.
    #[serde(skip)]
    pub attack_outcomes: Vec<AttackOutcome>,
    /// Each fault that a guard had to see.
    #[serde(skip)]
    pub guard_faults: Vec<GuardFault>,
    /// Whether the catalog noticed each cause that was taken away.
    #[serde(skip)]
    pub schema_mutants: Vec<(Cause, bool)>,
    /// What noticed each object with one part changed.
    #[serde(skip)]
    pub weakened_outcomes: Vec<WeakenedOutcome>,
    /// Every step up and down, in order, and the state that it came to.
    #[serde(skip)]
    pub reversal: Vec<Reversed>,
    /// Who could do what, before the packages and after the seal.
    #[serde(skip)]
    pub privileges: Vec<PrivilegeCount>,
    /// What the plan asks to be shown, by name: JSON texts in the order in which they came.
    #[serde(skip)]
    pub exhibits: BTreeMap<String, Vec<String>>,
}

impl Outcome {
    /// Sets each package's verdict and the whole one. `measured` are the packages that ran.
    /// `inapplicable` are those that have no subject in this database.
    /// `later` are packages that a rehearsal does not apply by itself.
    pub(crate) fn judge(
        &mut self,
        measured: &[String],
        inapplicable: &BTreeMap<String, String>,
        later: &[LaterPackage],
    ) {
        self.guards.count();
        self.packets.sort_by(|a, b| a.package.cmp(&b.package));
        let findings = &self.findings;
        for package in &mut self.packages {
            let red = findings
                .iter()
                .any(|finding| finding.package.as_deref() == Some(&package.id));
            let verdicts = || package.validation.iter().map(|cell| cell.verdict);
            package.verdict = if red || verdicts().any(|verdict| verdict == Status::Fail) {
                Status::Fail
            } else if inapplicable.contains_key(&package.id) {
                Status::NotApplicable
            } else if !measured.contains(&package.id) || verdicts().any(|verdict| verdict != Status::Pass) {
                Status::NotMeasured
            } else {
                Status::Pass
            };
        }
        let all = |status| self.packages.iter().any(|package| package.verdict == status);
        self.verdict = if !findings.is_empty() || all(Status::Fail) {
            Status::Fail
        } else if self.packages.is_empty() || all(Status::NotMeasured) || all(Status::NotApplicable) {
            Status::NotMeasured
        } else {
            Status::Pass
        };
        self.set_later(later, inapplicable);
    }
}
