//! Packages that no rehearsal applies by itself: each one's guards, and what its verdict rests on besides them.
//!
//! Not for: measuring any of it. The one fact to know: a package is `pass` only if every guard that is named for it was
//! green wherever it was due, and everything else that the plan lists for it was measured and holds.

use crate::outcome::{Finding, Outcome, PackageOutcome, Status, Validation};
use crate::plan::{LaterPackage, Need};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Something besides guards that a package's verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rest {
    /// What.
    pub what: Need,
    /// Its verdict.
    pub verdict: Status,
    /// Why it is not `pass`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// The database that was rehearsed on, read before any package, against what was rehearsed [ruling A3].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RepointOutcome {
    /// Its verdict.
    pub verdict: Status,
    /// Why it is not measured.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Digest of the capture from which what was rehearsed is authored.
    pub rehearsed_sha256: String,
    /// Digest of what is there.
    pub live_sha256: String,
    /// Reads of the application that were compared in both directions.
    pub reads: usize,
    /// Files of packages that were authored from what is there, and compared.
    pub files: usize,
    /// Legacy views by what becomes of them.
    pub views: BTreeMap<String, usize>,
}

impl RepointOutcome {
    /// None, and why.
    pub fn not_measured(why: &str) -> Self {
        Self {
            verdict: Status::NotMeasured,
            why: why.to_owned(),
            rehearsed_sha256: String::new(),
            live_sha256: String::new(),
            reads: 0,
            files: 0,
            views: BTreeMap::new(),
        }
    }
}

impl Default for RepointOutcome {
    fn default() -> Self {
        Self::not_measured("nobody asked what is there before the packages")
    }
}

/// The guards on estates so many times as large, as a record says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScaleRuns {
    /// Its verdict.
    pub verdict: Status,
    /// Why it is not `pass`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Legacy objects of each estate, by how many times as large it is.
    pub objects: BTreeMap<u32, usize>,
    /// Guards, steps and moments that were green on each.
    pub cells: usize,
}

impl ScaleRuns {
    /// None, and why.
    pub fn not_measured(why: &str) -> Self {
        Self {
            verdict: Status::NotMeasured,
            why: why.to_owned(),
            objects: BTreeMap::new(),
            cells: 0,
        }
    }
}

impl Default for ScaleRuns {
    fn default() -> Self {
        Self::not_measured("no record of the guards on larger estates was given")
    }
}

/// What each later package is judged by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Later {
    packages: Vec<LaterPackage>,
    inapplicable: BTreeMap<String, String>,
}

impl Outcome {
    /// Takes in what a database says of itself before the packages, with what is wrong with it.
    pub fn add_repoint(&mut self, repoint: RepointOutcome, findings: Vec<Finding>) {
        self.repoint = repoint;
        self.take(findings);
    }

    /// Takes in what a record says of the guards on larger estates.
    pub fn add_scale_runs(&mut self, scale: ScaleRuns, findings: Vec<Finding>) {
        self.scale_runs = scale;
        self.take(findings);
    }

    fn take(&mut self, findings: Vec<Finding>) {
        if !findings.is_empty() {
            self.verdict = Status::Fail;
        }
        self.findings.extend(findings);
        self.judge_later();
    }

    /// Sets what later packages are judged by, and judges them.
    pub(crate) fn set_later(&mut self, packages: &[LaterPackage], inapplicable: &BTreeMap<String, String>) {
        self.later = Later {
            packages: packages.to_vec(),
            inapplicable: inapplicable.clone(),
        };
        self.judge_later();
    }

    /// Gives each later package its verdict. One that is not measured takes nothing from the whole, a packet that was
    /// not run to its end, or not taken back, does.
    fn judge_later(&mut self) {
        let later = std::mem::take(&mut self.later);
        let is_later = |id: &str| later.packages.iter().any(|package| package.id == id);
        self.packages.retain(|package| !is_later(&package.id));
        let mut judged = Vec::new();
        for package in &later.packages {
            judged.push(self.judge_one(package, &later.inapplicable));
            let own = self.packets.iter().find(|packet| packet.package == package.id);
            if own.is_some_and(|packet| !packet.is_whole()) && self.verdict == Status::Pass {
                self.verdict = Status::NotMeasured;
            }
        }
        if judged.iter().any(|package| package.verdict == Status::Fail) {
            self.verdict = Status::Fail;
        }
        self.packages.extend(judged);
        self.later = later;
    }

    fn judge_one(&self, package: &LaterPackage, inapplicable: &BTreeMap<String, String>) -> PackageOutcome {
        let validation = self.cells_of(package);
        let rests_on: Vec<Rest> = package
            .rests_on
            .iter()
            .map(|need| self.rest(*need, package))
            .collect();
        let mut findings = self.findings.iter();
        let verdicts = || {
            let rests = rests_on.iter().map(|rest| rest.verdict);
            validation.iter().map(|cell| cell.verdict).chain(rests)
        };
        let verdict = if findings.any(|finding| finding.package.as_deref() == Some(&package.id))
            || verdicts().any(|verdict| verdict == Status::Fail)
        {
            Status::Fail
        } else if !inapplicable.is_empty() {
            Status::NotApplicable
        } else if !validation.is_empty()
            && !rests_on.is_empty()
            && verdicts().all(|verdict| verdict == Status::Pass)
        {
            Status::Pass
        } else {
            Status::NotMeasured
        };
        PackageOutcome {
            id: package.id.clone(),
            verdict,
            validation,
            rests_on,
        }
    }

    /// Every run at the package's steps, and every guard that is named for it, whether it ran or not.
    fn cells_of(&self, package: &LaterPackage) -> Vec<Validation> {
        let is_named = |guard: &str, step: &str| {
            let mut named = package.guard.iter();
            named.any(|one| one.id == guard && one.step == step)
        };
        let runs = self.guards.runs.iter();
        let runs = runs.filter(|run| package.steps.contains(&run.step) || is_named(&run.guard, &run.step));
        let mut cells: Vec<Validation> = runs
            .map(|run| Validation {
                guard: run.guard.clone(),
                step: format!("{} {}", run.step, run.moment),
                verdict: run.verdict,
                examined: 0,
                reasons: run.reasons.clone(),
            })
            .collect();
        let ran = |id: &str, step: &str| {
            let mut runs = self.guards.runs.iter();
            runs.any(|run| run.guard == id && run.step == step)
        };
        let missing = package.guard.iter().filter(|one| !ran(&one.id, &one.step));
        cells.extend(missing.map(|one| Validation {
            guard: one.id.clone(),
            step: one.step.clone(),
            verdict: Status::NotMeasured,
            examined: 0,
            reasons: vec![format!("it is named for {} and never ran", package.id)],
        }));
        cells
    }

    fn rest(&self, need: Need, package: &LaterPackage) -> Rest {
        let (verdict, why) = match need {
            Need::Packet => self.packet_of(package),
            Need::Repoint => self.repoint_of(),
            Need::Reads => self.reads_preserved(),
            Need::EveryGuard => self.every_guard_at(package),
            Need::Pairs => self.pairs_at(package),
            Need::Bypass => self.bypasses_shut(),
            Need::ScaleRuns => (self.scale_runs.verdict, self.scale_runs.why.clone()),
        };
        Rest {
            what: need,
            verdict,
            why,
        }
    }

    fn packet_of(&self, package: &LaterPackage) -> (Status, String) {
        match self.packets.iter().find(|packet| packet.package == package.id) {
            Some(packet) if packet.is_whole() => pass(),
            Some(_) => not_measured("its packet was not applied to its end and taken back"),
            None => not_measured("its packet was not run"),
        }
    }

    /// Two measurements: what was rehearsed, and what is there. The second says nothing where the first is not green.
    fn repoint_of(&self) -> (Status, String) {
        if self.repoint.verdict != Status::Pass {
            return (self.repoint.verdict, self.repoint.why.clone());
        }
        match self
            .packages
            .iter()
            .find(|package| package.verdict != Status::Pass)
        {
            Some(package) => not_measured(&format!("{}, which was rehearsed, is not pass", package.id)),
            None if self.packages.is_empty() => not_measured("nothing was rehearsed"),
            None => pass(),
        }
    }

    fn reads_preserved(&self) -> (Status, String) {
        let reads = &self.reads;
        if reads.preserved < reads.tried {
            let lost = reads.tried - reads.preserved;
            (Status::Fail, format!("{lost} reads are lost"))
        } else if reads.tried == 0 {
            not_measured("no read was tried")
        } else {
            pass()
        }
    }

    /// Every guard that is due anywhere was asked at this package's steps.
    fn every_guard_at(&self, package: &LaterPackage) -> (Status, String) {
        let names = |here: bool| -> BTreeSet<&str> {
            let runs = self.guards.runs.iter();
            let runs = runs.filter(|run| !here || package.steps.contains(&run.step));
            runs.map(|run| run.guard.as_str()).collect()
        };
        let (all, here) = (names(false), names(true));
        let missing: Vec<&str> = all.difference(&here).copied().collect();
        if all.is_empty() {
            not_measured("no guard was asked")
        } else if missing.is_empty() {
            pass()
        } else {
            not_measured(&format!("not asked there: {}", missing.join(", ")))
        }
    }

    fn pairs_at(&self, package: &LaterPackage) -> (Status, String) {
        let Some(pairs) = &self.pairs else {
            return not_measured("no verifier ran on schedule");
        };
        let is_here = package
            .steps
            .iter()
            .any(|step| pairs.at.split(' ').next() == Some(step));
        if !is_here {
            return not_measured(&format!("the gates were last looked at in {}", pairs.at));
        }
        if let Some(wrong) = pairs.wrong() {
            return (Status::Fail, wrong);
        }
        if pairs.blocked_in == 0 {
            return not_measured("no state was asked whether it is ready");
        }
        pass()
    }

    fn bypasses_shut(&self) -> (Status, String) {
        let Some(bypass) = &self.bypass else {
            return not_measured("no way around was tried");
        };
        let tried = bypass.attempts;
        if tried == 0 {
            not_measured("no way around was tried")
        } else if bypass.repelled + bypass.noticed != tried || bypass.red_on_fault != tried {
            let why = format!(
                "of {tried} attempts {} were repelled, {} noticed, {} red while open",
                bypass.repelled, bypass.noticed, bypass.red_on_fault
            );
            (Status::Fail, why)
        } else {
            pass()
        }
    }
}

fn pass() -> (Status, String) {
    (Status::Pass, String::new())
}

fn not_measured(why: &str) -> (Status, String) {
    (Status::NotMeasured, why.to_owned())
}

#[cfg(test)]
mod tests;
