//! Reports of packets that are made here: sound ones, red ones, and ones whose every name is hostile.
//!
//! The one fact to know: each packet goes through the writer and the verifier of `evidence`, so nothing is
//! shown here that no packet could say.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod comparison;
mod forms;
mod hostile;

use evidence::{
    AcceptedLine, AttackLine, BlockerLine, ChainLine, Contents, EdgeLine, Exhibits, FingerprintLine,
    GuardLine, MutantLine, Plan, PlannedFile, PrivilegeLine, ProbeLine, RejectionLine, ReversalLine,
    TableLine, build, open,
};
use serde_json::{Value, json};

/// What a packet of two tables and one guard says; `name` stands wherever an object has one.
pub(crate) struct Rig {
    pub(crate) exhibits: Exhibits,
    pub(crate) findings: Vec<Value>,
    /// Packages of the outcome, beyond the plan's one.
    pub(crate) later: Vec<Value>,
    pub(crate) name: String,
    /// How the first way around ended.
    pub(crate) ended: String,
}

impl Rig {
    pub(crate) fn of(name: &str) -> Self {
        let text = || name.to_owned();
        let privilege = |moment: &str, held| PrivilegeLine {
            moment: moment.to_owned(),
            role: text(),
            schema: text(),
            kind: "relation".to_owned(),
            privilege: "SELECT".to_owned(),
            held,
            of: 3,
        };
        let exhibits = Exhibits {
            accepted: vec![AcceptedLine {
                table: text(),
                id: format!("{name}/accepted/row"),
                row: text(),
                shows: vec![text()],
                accepted: true,
                why: None,
            }],
            attacks: vec![AttackLine {
                family: text(),
                id: text(),
                personas: text(),
                ended: "refused: 42501".to_owned(),
                shield: text(),
            }],
            blockers: vec![BlockerLine {
                id: text(),
                title: text(),
                resolver: text(),
                evidence: text(),
            }],
            chain: vec![
                chain("PKG-A", name, &[]),
                chain("PKG-B", name, &["PKG-A passed", name]),
            ],
            closure: vec![EdgeLine {
                from: text(),
                to: format!("{name}2"),
                kind: text(),
                depth: 1,
                class: text(),
            }],
            guards: vec![guard(name, "S01", "pass"), guard(name, "S02", "not_measured")],
            hashes: vec![],
            mutants: vec![
                mutant("guards", name),
                mutant("manifest", name),
                mutant("schema", &format!("check {name}")),
                MutantLine {
                    by: format!("{name}/one"),
                    ..mutant("weakened", name)
                },
            ],
            privileges: vec![privilege("before", 1), privilege("after", 2)],
            rejections: vec![rejection(name, "one", "23514"), rejection(name, "two", "42501")],
            reversal: vec![ReversalLine {
                way: "draft".to_owned(),
                package: "PKG-A".to_owned(),
                step: text(),
                does: "down".to_owned(),
                files: 1,
                state: Some(text()),
                expected: Some(text()),
            }],
            tables: vec![TableLine {
                name: text(),
                surface_no: Some(1),
                about: Some(text()),
                columns: 2,
                rows: 3,
                refers_to: vec![text()],
            }],
        };
        let finding = json!({"code": name, "package": name, "message": name, "details": [name]});
        Self {
            exhibits,
            findings: vec![finding],
            later: vec![],
            name: text(),
            ended: format!("refused: {name}"),
        }
    }

    /// Gives a rejection another cause, which is then taken away as well.
    pub(crate) fn cause(&mut self, at: usize, cause: &str) {
        self.exhibits.rejections[at].cause = cause.to_owned();
        self.exhibits.mutants.push(mutant("schema", cause));
    }

    /// The packet, written and read again.
    pub(crate) fn contents(&self) -> Contents {
        let count = |good: &dyn Fn(&RejectionLine) -> bool| {
            self.exhibits.rejections.iter().filter(|line| good(line)).count()
        };
        let noticed = |of: &str| {
            let mutants = self.exhibits.mutants.iter();
            mutants
                .filter(|line| line.of == of && line.end == "killed")
                .count()
        };
        let made = |of: &str| self.exhibits.mutants.iter().filter(|line| line.of == of).count();
        let repelled = self
            .exhibits
            .attacks
            .iter()
            .filter(|line| !evidence::is_code(&line.ended))
            .count();
        let is_shut = !evidence::is_code(&self.ended);
        let runs: Vec<Value> = self
            .exhibits
            .guards
            .iter()
            .map(|line| {
                json!({"guard": line.guard, "step": line.step, "moment": line.moment, "verdict": line.verdict})
            })
            .collect();
        let own = json!({"id": "PKG-A", "verdict": "pass", "validation": []});
        let packages = [vec![own], self.later.clone()].concat();
        let mutants = |of: &str| json!({"total": made(of), "killed": noticed(of)});
        let mut schema = mutants("schema");
        schema["weakened"] = mutants("weakened");
        let ended = |end: &str| {
            let mutants = self.exhibits.mutants.iter();
            mutants
                .filter(|line| line.of == "weakened" && line.end == end)
                .count()
        };
        for (key, end) in [("by_accident", "by_accident"), ("survivors", "survived")] {
            schema["weakened"][key] = ended(end).into();
        }
        let outcome = json!({
            "format_version": 1, "verdict": "fail", "shape": "one_transaction",
            "postgres": {"provider": self.name, "version": self.name, "major": 15, "reason": self.name, "build": self.name},
            "packages": packages,
            "packets": [{"package": self.name, "sha256": self.name, "statements": 1, "applied": true, "restored": true,
                "refused": [{"what": self.name, "code": self.name, "as_expected": true}]}],
            "guards": {"total": 1, "green": 0, "red": 0, "not_measured": 1, "runs": runs},
            "rollback": {"before": self.name, "after_apply": self.name, "after_rollback": self.name, "xid_status": self.name},
            "negatives": {
                "tests": self.exhibits.rejections.len(),
                "accepted_twins": count(&|line| line.twin_accepted),
                "rejected": count(&|line| line.rejected && line.fingerprint.is_some()),
                "sole_cause": count(&|line| line.sole_cause),
                "accepted_rows": self.exhibits.accepted.len(),
                "accepted": self.exhibits.accepted.iter().filter(|row| row.accepted).count(),
            },
            "mutants": {"schema": schema, "guards": mutants("guards"), "manifest": mutants("manifest")},
            "attacks": {"attempts": self.exhibits.attacks.len(), "repelled": repelled},
            "bypass": {"vectors": 1, "attempts": 2, "repelled": u8::from(is_shut), "noticed": 1, "red_on_fault": 2, "facts": [
                {"vector": self.name, "id": self.name, "ended": self.ended, "guard": self.name, "probe": self.name, "seen": true},
                {"vector": self.name, "id": format!("{}2", self.name), "ended": "accepted, and noticed", "guard": self.name, "probe": self.name, "seen": true},
            ]},
            "pairs": {"at": self.name, "entrypoints": 2, "executed": 3, "verified": 3, "findings": 1, "readiness": self.name,
                "unmet": [self.name], "gates": 14,
                "of": [
                    {"entrypoint": self.name, "verifier": self.name, "staleness_seconds_max": 86400, "executed": 3, "fresh": 3, "verified": 3},
                    {"entrypoint": format!("{}2", self.name), "verifier": self.name, "staleness_seconds_max": null, "executed": 0, "fresh": 0, "verified": 0},
                ],
                "schedule": [
                    {"verifier": self.name, "staleness_seconds_max": 86400, "verdict": "pass", "fresh": true},
                    {"verifier": self.name, "staleness_seconds_max": 60, "verdict": null, "fresh": false},
                ]},
            "ways_back": [{"kind": self.name, "verdict": "pass", "compared": 1}],
            "worlds": [{"id": self.name, "expected": [self.name], "realized": []}],
            "findings": self.findings,
            "elapsed_ms": {"total": 2000, "apply": 1500},
        });
        let file = |path: &str| PlannedFile {
            path: path.to_owned(),
            sha256: "0".repeat(64),
            size: 1,
        };
        let plan = Plan {
            format_version: 1,
            packages: vec!["PKG-A".to_owned()],
            asked: vec![],
            shape: "auto".to_owned(),
            committed: false,
            estate: false,
            plan: "rehearsal/plan.toml".to_owned(),
            files: vec![file("migrations/01001_a.up.sql"), file("rehearsal/plan.toml")],
        };
        open(&build(&plan, outcome, &self.exhibits).unwrap()).unwrap()
    }
}

fn chain(id: &str, title: &str, waits_for: &[&str]) -> ChainLine {
    ChainLine {
        id: id.to_owned(),
        title: title.to_owned(),
        runner: title.to_owned(),
        steps: vec![title.to_owned()],
        waits_for: waits_for.iter().map(|what| (*what).to_owned()).collect(),
    }
}

fn guard(name: &str, step: &str, verdict: &str) -> GuardLine {
    GuardLine {
        guard: name.to_owned(),
        step: step.to_owned(),
        moment: "after".to_owned(),
        verdict: verdict.to_owned(),
        probes: vec![ProbeLine {
            probe: Some(name.to_owned()),
            expected: Some(1),
            realized: Some(1),
            population: Some(1),
            offenders: Some(vec![]),
        }],
        reasons: vec![name.to_owned()],
    }
}

fn mutant(of: &str, name: &str) -> MutantLine {
    MutantLine {
        of: of.to_owned(),
        id: name.to_owned(),
        change: name.to_owned(),
        end: "killed".to_owned(),
        by: name.to_owned(),
    }
}

pub(crate) fn rejection(name: &str, id: &str, sqlstate: &str) -> RejectionLine {
    RejectionLine {
        table: name.to_owned(),
        surface_no: Some(1),
        id: format!("{name}/{id}"),
        mutation: name.to_owned(),
        cause: format!("check {name}"),
        twin_accepted: true,
        rejected: true,
        sole_cause: true,
        fingerprint: Some(FingerprintLine {
            sqlstate: sqlstate.to_owned(),
            phase: "check".to_owned(),
            constraint: Some(name.to_owned()),
            ..FingerprintLine::default()
        }),
        reasons: vec![],
    }
}
