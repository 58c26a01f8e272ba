//! What a rehearsal found, as the lists of its packet.
//!
//! Not for: the packet (`crates/evidence`) or finding anything. The one fact to know: what no server says,
//! which packages there are and what each waits for, comes from the manifests.

use crate::exit::CommandError;
use evidence::{
    AcceptedLine, AttackLine, BlockerLine, ChainLine, EdgeLine, Exhibits, FingerprintLine, GuardLine,
    HashLine, MutantLine, PrivilegeLine, ProbeLine, RejectionLine, ReversalLine, TableLine,
};
use fix7_manifest::FIX7;
use fix7_manifest::lane::LANE;
use manifest_model::{Blocker, Package, RunnerClass};
use rehearsal::{AcceptOutcome, GuardRun, MutantEnd, Outcome, Rejection, Status, TestOutcome, WeakenedEnd};

/// All lists.
pub(crate) fn exhibits(outcome: &Outcome) -> Result<Exhibits, CommandError> {
    Ok(Exhibits {
        accepted: accepted(outcome),
        attacks: attacks(outcome),
        blockers: LANE.blockers.iter().map(blocker).collect(),
        chain: FIX7.packages.iter().map(chain_line).collect(),
        closure: shown(outcome, "closure", EdgeLine::from_json)?,
        guards: outcome.guards.runs.iter().map(guard_line).collect(),
        hashes: shown(outcome, "hashes", HashLine::from_json)?,
        mutants: mutants(outcome),
        privileges: privileges(outcome),
        rejections: rejections(outcome),
        reversal: reversal(outcome),
        tables: shown(outcome, "tables", TableLine::from_json)?,
    })
}

fn shown<T>(
    outcome: &Outcome,
    name: &str,
    read: impl Fn(&str) -> Result<T, evidence::Error>,
) -> Result<Vec<T>, CommandError> {
    let texts = outcome.exhibits.get(name).map(Vec::as_slice).unwrap_or_default();
    let lines: Result<Vec<T>, evidence::Error> = texts.iter().map(|text| read(text)).collect();
    Ok(lines?)
}

fn accepted(outcome: &Outcome) -> Vec<AcceptedLine> {
    let line = |table: &str, row: &AcceptOutcome| AcceptedLine {
        table: table.to_owned(),
        id: row.id.clone(),
        row: row.row.clone(),
        shows: row.shows.clone(),
        accepted: row.why.is_none(),
        why: row.why.clone(),
    };
    let specs = outcome.specs.iter();
    specs
        .flat_map(|spec| spec.accepted.iter().map(move |row| line(&spec.table, row)))
        .collect()
}

fn attacks(outcome: &Outcome) -> Vec<AttackLine> {
    let line = |one: &rehearsal::AttackOutcome| AttackLine {
        family: one.family.clone(),
        id: one.id.clone(),
        personas: one.personas.clone(),
        ended: one.ended.clone(),
        shield: one.shield.clone(),
    };
    outcome.attack_outcomes.iter().map(line).collect()
}

fn blocker(blocker: &Blocker) -> BlockerLine {
    BlockerLine {
        id: blocker.id.to_owned(),
        title: blocker.title.to_owned(),
        resolver: blocker.resolver.to_owned(),
        evidence: blocker.evidence.to_owned(),
    }
}

fn chain_line(package: &Package) -> ChainLine {
    let mut waits_for: Vec<String> = package
        .predecessor
        .iter()
        .map(|before| format!("{before} passed"))
        .collect();
    if package.needs_reaudit {
        waits_for.push("a fresh re-audit".to_owned());
    }
    if package.needs_authorization {
        waits_for.push("an operator's authorization".to_owned());
    }
    ChainLine {
        id: package.id.to_owned(),
        title: package.title.to_owned(),
        runner: match package.runner {
            RunnerClass::T1 => "T1",
            RunnerClass::Operator => "OPERATOR",
        }
        .to_owned(),
        steps: package.steps.iter().map(|step| step.label()).collect(),
        waits_for,
    }
}

fn word(status: Status) -> String {
    match status {
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::NotMeasured => "not_measured",
        Status::NotApplicable => "not_applicable",
    }
    .to_owned()
}

fn guard_line(run: &GuardRun) -> GuardLine {
    let probe = |row: &guards::ProbeRow| ProbeLine {
        probe: row.probe.clone(),
        expected: row.expected,
        realized: row.realized,
        population: row.population,
        offenders: row.offenders.clone(),
    };
    GuardLine {
        guard: run.guard.clone(),
        step: run.step.clone(),
        moment: run.moment.clone(),
        verdict: word(run.verdict),
        probes: run.probes.iter().map(probe).collect(),
        reasons: run.reasons.clone(),
    }
}

fn mutants(outcome: &Outcome) -> Vec<MutantLine> {
    let line = |of: &str, id: String, change: String, end: &str, by: String| MutantLine {
        of: of.to_owned(),
        id,
        change,
        end: end.to_owned(),
        by,
    };
    // A rehearsal of some packages does not reach every fault's state: it counts none, and so lists none.
    let counted = outcome.mutants.guards.is_some();
    let mut lines: Vec<MutantLine> = outcome
        .guard_faults
        .iter()
        .filter(|_| counted)
        .map(|fault| {
            let (end, by) = match &fault.unseen {
                None => ("killed", format!("probe {}", fault.probe)),
                Some(why) => ("survived", why.clone()),
            };
            let id = format!("{} at {} {}", fault.guard, fault.step, fault.moment);
            line("guards", id, fault.fault.clone(), end, by)
        })
        .collect();
    lines.extend(outcome.manifest_mutants.iter().map(|mutant| {
        let (end, by) = match &mutant.end {
            MutantEnd::Killed => ("killed", "the exact set names it".to_owned()),
            MutantEnd::Refused(sqlstate) => ("refused", format!("the server, {sqlstate}")),
            MutantEnd::Equivalent => ("equivalent", "the catalog is the same with it".to_owned()),
            MutantEnd::Survived(why) => ("survived", why.clone()),
        };
        line("manifest", mutant.id.clone(), mutant.words.clone(), end, by)
    }));
    lines.extend(outcome.schema_mutants.iter().map(|(cause, is_killed)| {
        let (end, by) = if *is_killed {
            ("killed", "its own test, and the catalog")
        } else {
            ("survived", "not both of its test and the catalog")
        };
        line(
            "schema",
            cause.to_string(),
            "taken away".to_owned(),
            end,
            by.to_owned(),
        )
    }));
    lines.extend(outcome.weakened_outcomes.iter().map(|one| {
        let (end, by) = match &one.end {
            WeakenedEnd::Killed(by) => ("killed", by.clone()),
            WeakenedEnd::CatalogAlone => ("catalog_alone", "the exact set names it".to_owned()),
            WeakenedEnd::ByAccident(why) => ("by_accident", why.clone()),
            WeakenedEnd::Survived(why) => ("survived", why.clone()),
        };
        line("weakened", one.id.clone(), one.words.clone(), end, by)
    }));
    lines
}

fn privileges(outcome: &Outcome) -> Vec<PrivilegeLine> {
    let line = |one: &rehearsal::PrivilegeCount| PrivilegeLine {
        moment: one.moment.to_owned(),
        role: one.role.clone(),
        schema: one.schema.clone(),
        kind: one.kind.clone(),
        privilege: one.privilege.clone(),
        held: one.held,
        of: one.of,
    };
    outcome.privileges.iter().map(line).collect()
}

fn rejections(outcome: &Outcome) -> Vec<RejectionLine> {
    let number = |table: &str| {
        let surfaces = FIX7.surfaces.iter();
        surfaces
            .filter(|surface| surface.table == table)
            .map(|surface| u64::from(surface.number))
            .next()
    };
    let specs = outcome.specs.iter();
    specs
        .flat_map(|spec| {
            let surface_no = number(&spec.table);
            spec.tests
                .iter()
                .map(move |test| rejection(&spec.table, surface_no, test))
        })
        .collect()
}

fn rejection(table: &str, surface_no: Option<u64>, test: &TestOutcome) -> RejectionLine {
    RejectionLine {
        table: table.to_owned(),
        surface_no,
        id: test.id.clone(),
        mutation: test.mutation.clone(),
        cause: test.cause.to_string(),
        twin_accepted: test.twin_accepted,
        rejected: test.rejected,
        sole_cause: test.sole_cause,
        fingerprint: test.rejection.as_ref().map(fingerprint),
        reasons: test.reasons.clone(),
    }
}

/// Without the server's words and its C routine: they differ between majors.
fn fingerprint(found: &Rejection) -> FingerprintLine {
    FingerprintLine {
        sqlstate: found.sqlstate.clone(),
        phase: found.phase.clone(),
        schema: found.schema.clone(),
        table: found.table.clone(),
        column: found.column.clone(),
        constraint: found.constraint.clone(),
        data_type: found.data_type.clone(),
        reason: found.reason.clone(),
    }
}

fn reversal(outcome: &Outcome) -> Vec<ReversalLine> {
    let line = |one: &rehearsal::Reversed| ReversalLine {
        way: one.way.to_owned(),
        package: one.package.clone(),
        step: one.step.clone(),
        does: one.does.to_owned(),
        files: one.files as u64,
        state: one.state.clone(),
        expected: one.expected.clone(),
    };
    outcome.reversal.iter().map(line).collect()
}
