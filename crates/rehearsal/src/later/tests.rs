//! One change of a sound outcome at a time, and what becomes of the package that rests on it.

use super::{RepointOutcome, ScaleRuns};
use crate::bypass::BypassOutcome;
use crate::outcome::{Finding, GuardRun, Outcome, PackageOutcome, PacketOutcome, Status};
use crate::plan::{LaterGuard, LaterPackage, Need};
use crate::reads::ReadCounts;
use crate::scan::{PairOutcome, PairsOutcome, ScheduledOutcome};
use std::collections::BTreeMap;

fn run(guard: &str, step: &str) -> GuardRun {
    GuardRun {
        guard: guard.to_owned(),
        step: step.to_owned(),
        moment: "after".to_owned(),
        verdict: Status::Pass,
        reasons: vec![],
        probes: vec![],
    }
}

fn later(id: &str, step: &str, guards: &[(&str, &str)], rests_on: &[Need]) -> LaterPackage {
    LaterPackage {
        id: id.to_owned(),
        steps: vec![step.to_owned()],
        guard: guards
            .iter()
            .map(|(id, step)| LaterGuard {
                id: (*id).to_owned(),
                step: (*step).to_owned(),
            })
            .collect(),
        rests_on: rests_on.to_vec(),
    }
}

fn green() -> RepointOutcome {
    RepointOutcome {
        verdict: Status::Pass,
        ..RepointOutcome::not_measured("")
    }
}

fn scale() -> ScaleRuns {
    ScaleRuns {
        verdict: Status::Pass,
        ..ScaleRuns::not_measured("")
    }
}

/// One package rehearsed, one packet run, D, E and I after them, with everything measured and green.
fn sound() -> Outcome {
    let mut packet = PacketOutcome::new("E", "");
    (packet.parts, packet.applied, packet.restored) = (3, true, true);
    let mut outcome = Outcome {
        verdict: Status::Pass,
        packages: vec![PackageOutcome {
            id: "C".to_owned(),
            verdict: Status::Pass,
            validation: vec![],
            rests_on: vec![],
        }],
        packets: vec![packet],
        reads: ReadCounts {
            states: 1,
            tried: 2,
            preserved: 2,
        },
        bypass: Some(BypassOutcome {
            vectors: 1,
            attempts: 2,
            repelled: 1,
            noticed: 1,
            red_on_fault: 2,
            facts: vec![],
        }),
        pairs: Some(PairsOutcome {
            at: "S9 after".to_owned(),
            entrypoints: 1,
            executed: 1,
            verified: 1,
            findings: 1,
            readiness: "BLOCKED".to_owned(),
            unmet: vec![],
            gates: 1,
            blocked_in: 3,
            of: vec![PairOutcome {
                executed: 1,
                fresh: 1,
                verified: 1,
                ..PairOutcome::default()
            }],
            schedule: vec![ScheduledOutcome::default()],
        }),
        ..Outcome::default()
    };
    outcome.guards.runs = vec![
        run("one", "S0"),
        run("one", "S5"),
        run("two", "S4"),
        run("one", "S9"),
        run("two", "S9"),
    ];
    let packages = [
        later("D", "S0", &[("one", "S0")], &[Need::Repoint, Need::Reads]),
        later("E", "S5", &[("two", "S4")], &[Need::Packet]),
        later(
            "I",
            "S9",
            &[("one", "S9"), ("two", "S9")],
            &[Need::EveryGuard, Need::Pairs, Need::Bypass, Need::ScaleRuns],
        ),
    ];
    outcome.set_later(&packages, &BTreeMap::new());
    outcome.add_repoint(green(), vec![]);
    outcome.add_scale_runs(scale(), vec![]);
    outcome
}

fn verdict(outcome: &Outcome, id: &str) -> Status {
    let mut packages = outcome.packages.iter();
    packages.find(|package| package.id == id).unwrap().verdict
}

/// One thing about the sound outcome is changed: what becomes of a package, and of the whole.
fn changed(id: &str, change: impl FnOnce(&mut Outcome)) -> (Status, Status) {
    let mut outcome = sound();
    change(&mut outcome);
    outcome.judge_later();
    (verdict(&outcome, id), outcome.verdict)
}

const UNSAID: (Status, Status) = (Status::NotMeasured, Status::Pass);
const RED: (Status, Status) = (Status::Fail, Status::Fail);

#[test]
fn everything_measured_and_green_is_pass() {
    let outcome = sound();
    assert_eq!(outcome.verdict, Status::Pass);
    for id in ["C", "D", "E", "I"] {
        assert_eq!(verdict(&outcome, id), Status::Pass, "{id}");
    }
    assert_eq!(outcome.packages.len(), 4, "judged again, each stands there once");
    let own = &outcome.packages[2].validation;
    assert_eq!(
        own.len(),
        2,
        "a guard that is named at another step counts: {own:?}"
    );
}

#[test]
fn what_nobody_measured_is_no_pass() {
    let without = |why| RepointOutcome::not_measured(why);
    assert_eq!(changed("D", |outcome| outcome.repoint = without("no")), UNSAID);
    assert_eq!(
        changed("D", |outcome| outcome.packages[0].verdict = Status::NotMeasured),
        UNSAID
    );
    assert_eq!(
        changed("D", |outcome| outcome.reads = ReadCounts::default()),
        UNSAID
    );
    assert_eq!(changed("E", |outcome| outcome.packets.clear()), UNSAID);
    assert_eq!(
        changed("I", |outcome| outcome.scale_runs = ScaleRuns::default()),
        UNSAID
    );
    assert_eq!(changed("I", |outcome| outcome.bypass = None), UNSAID);
    assert_eq!(
        changed("I", |outcome| outcome.bypass = Some(BypassOutcome::default())),
        UNSAID
    );
    assert_eq!(changed("I", |outcome| outcome.pairs = None), UNSAID);
    let pairs =
        |change: fn(&mut PairsOutcome)| changed("I", |outcome| outcome.pairs.iter_mut().for_each(change));
    assert_eq!(pairs(|pairs| pairs.at = "activated".to_owned()), UNSAID);
    assert_eq!(pairs(|pairs| pairs.blocked_in = 0), UNSAID);
    assert_eq!(
        changed("I", |outcome| outcome.guards.runs.push(run("third", "S4"))),
        UNSAID
    );
    for (id, at) in [("D", 0), ("E", 2), ("I", 4)] {
        let unmeasured = changed(id, |outcome| {
            outcome.guards.runs[at].verdict = Status::NotMeasured;
        });
        assert_eq!(unmeasured, UNSAID, "{id}");
        let gone = changed(id, |outcome| drop(outcome.guards.runs.remove(at)));
        assert_eq!(gone, UNSAID, "{id}");
    }
}

#[test]
fn what_is_not_as_it_should_be_is_red() {
    let lost = ReadCounts {
        states: 1,
        tried: 2,
        preserved: 1,
    };
    assert_eq!(changed("D", |outcome| outcome.reads = lost), RED);
    let open =
        |change: fn(&mut BypassOutcome)| changed("I", |outcome| outcome.bypass.iter_mut().for_each(change));
    assert_eq!(open(|bypass| bypass.repelled = 0), RED);
    assert_eq!(open(|bypass| bypass.red_on_fault = 1), RED);
    let pairs =
        |change: fn(&mut PairsOutcome)| changed("I", |outcome| outcome.pairs.iter_mut().for_each(change));
    assert_eq!(pairs(|pairs| pairs.readiness = "READY".to_owned()), RED);
    assert_eq!(pairs(|pairs| pairs.verified = 0), RED);
    for (id, at) in [("D", 0), ("E", 2), ("I", 4)] {
        let red = changed(id, |outcome| outcome.guards.runs[at].verdict = Status::Fail);
        assert_eq!(red, RED, "{id}");
    }
}

#[test]
fn a_finding_of_its_own_is_red() {
    for id in ["D", "I"] {
        let finding = Finding {
            code: "CAPTURE_STALE".to_owned(),
            package: Some(id.to_owned()),
            message: String::new(),
            details: vec![],
        };
        let mut outcome = sound();
        if id == "D" {
            outcome.add_repoint(green(), vec![finding]);
        } else {
            outcome.add_scale_runs(scale(), vec![finding]);
        }
        assert_eq!((verdict(&outcome, id), outcome.verdict), RED);
    }
}

#[test]
fn a_packet_that_was_not_taken_back_takes_the_pass_from_all() {
    let (own, whole) = changed("E", |outcome| outcome.packets[0].restored = false);
    assert_eq!((own, whole), (Status::NotMeasured, Status::NotMeasured));
}
