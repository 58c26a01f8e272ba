//! What a committed run found: a key of the outcome, filled in by the crate that commits.
//!
//! Nothing here commits or connects. The one fact to know: a run that was not asked for is `not_measured`
//! and changes no verdict; one that was asked for and is red makes the whole outcome red.

use crate::chain::ChainOutcome;
use crate::outcome::{Finding, Outcome, Status};
use crate::reads::ReadCounts;
use serde::Serialize;

/// PKG by PKG committed on a disposable cluster, and taken back there.
#[derive(Clone, Debug, Serialize)]
pub struct CommittedRun {
    /// Its verdict.
    pub verdict: Status,
    /// Why it is not measured.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Files that were committed, up and down.
    pub files: usize,
    /// What the server says of their transactions: `committed` if it says so of each.
    pub xid_status: String,
    /// Digest before anything.
    pub before: String,
    /// Digest with everything committed.
    pub applied: String,
    /// Digest after the way back.
    pub after_way_back: String,
    /// Whether the committed state is the rehearsed one, object by object and row by row; null if there was
    /// none to compare with.
    pub same_as_rehearsed: Option<bool>,
    /// The second observer.
    pub dump: DumpOutcome,
    /// Who may do what, over real logins.
    pub logins: LoginsOutcome,
    /// Reads of the application in each state of the cutover, over real logins.
    pub reads: ReadCounts,
    /// The operators' packets, committed one after the other and taken back, with a second client at work.
    pub chain: ChainOutcome,
    /// How long it took, the server's start included.
    pub elapsed_ms: u64,
}

/// What `pg_dump` saw: written by others, it must agree with our fingerprint.
#[derive(Clone, Debug, Serialize)]
pub struct DumpOutcome {
    /// `not_measured` where no `pg_dump` of the server's major is at hand.
    pub verdict: Status,
    /// The program's version, or why there is none.
    pub observer: String,
    /// Lines of the dump with everything committed.
    pub lines: usize,
}

/// The access matrix, tried by roles that logged in.
#[derive(Clone, Debug, Serialize)]
pub struct LoginsOutcome {
    /// Its verdict.
    pub verdict: Status,
    /// Roles that tried.
    pub roles: usize,
    /// Roles × objects × privileges.
    pub cells: usize,
    /// Cells that a login tried.
    pub tried: usize,
    /// Cells that are not as declared; each is a finding.
    pub differences: usize,
}

impl CommittedRun {
    /// None, and why.
    pub fn not_measured(why: &str) -> Self {
        Self {
            verdict: Status::NotMeasured,
            why: why.to_owned(),
            files: 0,
            xid_status: "not_measured".to_owned(),
            before: String::new(),
            applied: String::new(),
            after_way_back: String::new(),
            same_as_rehearsed: None,
            dump: DumpOutcome {
                verdict: Status::NotMeasured,
                observer: String::new(),
                lines: 0,
            },
            logins: LoginsOutcome {
                verdict: Status::NotMeasured,
                roles: 0,
                cells: 0,
                tried: 0,
                differences: 0,
            },
            reads: ReadCounts::default(),
            chain: ChainOutcome::not_measured(why),
            elapsed_ms: 0,
        }
    }
}

impl Default for CommittedRun {
    fn default() -> Self {
        Self::not_measured("not asked for; `cargo xtask rehearse --committed` runs it")
    }
}

impl Outcome {
    /// Takes a committed run in, with what is wrong with it.
    pub fn add_committed(&mut self, run: CommittedRun, findings: Vec<Finding>) {
        for package in &mut self.packages {
            let is_its = |finding: &Finding| finding.package.as_ref() == Some(&package.id);
            if findings.iter().any(is_its) {
                package.verdict = Status::Fail;
            }
        }
        if !findings.is_empty() || run.verdict == Status::Fail {
            self.verdict = Status::Fail;
        } else if run.verdict == Status::NotMeasured && self.verdict == Status::Pass {
            self.verdict = Status::NotMeasured;
        }
        self.findings.extend(findings);
        self.committed = run;
    }
}
