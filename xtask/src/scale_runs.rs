//! The record that `bench --guards` writes of the guards on larger estates, and what a rehearsal makes of it.
//!
//! Not for: times, which say something about one machine. The one fact to know: the record is believed as evidence's
//! environment is (`docs/adr/0021-…`); what it can't do is speak of other guards, states or estates than those of
//! this checkout, or leave a cell out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::exit::CommandError;
use crate::rehearse::root;
use fix7_manifest::estate::LEGACY;
use rehearsal::{Committed, Finding, GuardTimes, ScaleRuns, Status};
use serde::{Deserialize, Serialize};

/// The package whose verdict rests on it.
const PACKAGE: &str = "PKG-I";
/// How many times as large the estates of a whole record are.
pub(crate) const TIMES: [u32; 2] = [10, 100];
/// What makes one.
const HOW: &str = "`cargo xtask bench --guards 10,100 --record FILE`";

/// What was asked, and of what bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    format_version: u32,
    kind: String,
    /// Of the server that was asked; records before version 2 do not say.
    #[serde(default)]
    major: u32,
    /// Digests of guards and of what makes their states, by path.
    bytes: BTreeMap<String, String>,
    estates: Vec<Estate>,
}

/// One estate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Estate {
    times: u32,
    /// Objects of the legacy path.
    objects: usize,
    cells: Vec<RecordedCell>,
    /// What went wrong on the way.
    findings: Vec<String>,
}

/// A guard in one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordedCell {
    guard: String,
    step: String,
    moment: String,
    verdict: String,
}

/// Since 2 it says which major was asked.
const FORMAT: u32 = 2;
const KIND: &str = "guards on larger estates";
const GREEN: &str = "pass";

/// A record of these estates.
pub(crate) fn record<'a>(
    committed: &Committed,
    major: u32,
    estates: impl IntoIterator<Item = (u32, usize, &'a GuardTimes)>,
) -> Record {
    let estates = estates.into_iter().map(|(times, objects, found)| Estate {
        times,
        objects,
        cells: found
            .runs
            .iter()
            .map(|run| RecordedCell {
                guard: run.guard.clone(),
                step: run.step.clone(),
                moment: run.moment.clone(),
                verdict: if run.verdict == Status::Pass {
                    GREEN
                } else {
                    "not_green"
                }
                .to_owned(),
            })
            .collect(),
        findings: found
            .findings
            .iter()
            .map(|finding| format!("{}: {}", finding.code, finding.message))
            .collect(),
    });
    Record {
        format_version: FORMAT,
        kind: KIND.to_owned(),
        major,
        bytes: bytes(committed),
        estates: estates.collect(),
    }
}

/// Digests of what a record is bound to: each guard's file, each file that makes a state or is measured in it, and the
/// list of each packet, which makes the states of the cutover.
fn bytes(committed: &Committed) -> BTreeMap<String, String> {
    let plan = &committed.plan;
    let guards = plan.guard.iter().map(|one| (&one.path, &one.sha256));
    let in_states = plan
        .state
        .iter()
        .flat_map(|state| state.guard.iter().map(|one| (&one.path, &one.sha256)));
    let guards = guards
        .chain(in_states)
        .filter_map(|(path, sha256)| Some((path.clone()?, sha256.clone()?)));
    let made = plan.state.iter().flat_map(|state| {
        let file = state.mends.iter().chain(&state.file);
        let file = file.map(|file| (file.path.clone(), file.sha256.clone()));
        let remembered = state.remember.iter();
        file.chain(remembered.map(|one| (one.path.clone(), one.sha256.clone())))
    });
    let packets = plan.packet.iter().flat_map(|packet| &packet.file);
    let lists = packets.filter(|file| file.path.ends_with("/SHA256SUMS"));
    let lists = lists.map(|file| (file.path.clone(), file.sha256.clone()));
    guards.chain(made).chain(lists).collect()
}

/// Cells that ask a server, as guard, step and moment.
fn due(committed: &Committed) -> BTreeSet<(String, String, String)> {
    let plan = &committed.plan;
    let of_steps = plan.guard.iter().filter(|one| one.path.is_some());
    let of_steps = of_steps.map(|one| (one.id.clone(), one.step.clone(), "after".to_owned()));
    let of_states = plan.state.iter().flat_map(|state| {
        let cells = state.guard.iter().filter(|one| one.path.is_some());
        cells.map(|one| (one.id.clone(), state.step.clone(), state.moment.clone()))
    });
    of_steps.chain(of_states).collect()
}

/// Reads a record; what is none is told in one line.
pub(crate) fn read(path: &Path) -> Result<Record, String> {
    let unusable = |why: String| {
        format!(
            "`{}` is no record of guards on larger estates: {why}; {HOW} writes one",
            path.display()
        )
    };
    let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    let record: Record = serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
    if record.format_version == FORMAT && record.kind == KIND {
        return Ok(record);
    }
    Err(unusable(format!(
        "expected version {FORMAT} of `{KIND}`, found version {} of `{}`",
        record.format_version, record.kind
    )))
}

/// What is said where no record is given.
fn without_one() -> ScaleRuns {
    let why = format!(
        "no record of the guards on estates 10 and 100 times as large; {HOW}, then `rehearse --scale-runs FILE`"
    );
    ScaleRuns::not_measured(&why)
}

/// What the record says, if one was given, of what is rehearsed on a server of this major. It is bound to the checkout's
/// bytes; what is authored for another major's server has others.
pub(crate) fn of(
    record: Option<&Record>,
    committed: &Committed,
    major: u32,
) -> Result<(ScaleRuns, Vec<Finding>), CommandError> {
    let Some(record) = record else {
        return Ok((without_one(), Vec::new()));
    };
    if committed.instead.is_empty() {
        return Ok(judge(record, committed, major));
    }
    Ok(judge(record, &rehearsal::load(&root())?, major))
}

/// What `record` says of the guards that are rehearsed on a server of this major; `committed` is the checkout's plan, which
/// is not what was authored for that server.
fn judge(record: &Record, committed: &Committed, major: u32) -> (ScaleRuns, Vec<Finding>) {
    let red = red(record);
    let objects = record.estates.iter().map(|estate| (estate.times, estate.objects));
    let mut judged = ScaleRuns {
        verdict: Status::Pass,
        why: String::new(),
        objects: objects.collect(),
        cells: due(committed).len(),
    };
    if !red.is_empty() {
        judged.verdict = Status::Fail;
        judged.why = "a guard was not green on a larger estate".to_owned();
        let finding = Finding {
            code: "SCALE_RUN_RED".to_owned(),
            package: Some(PACKAGE.to_owned()),
            message: format!("on larger estates, as recorded: {} are not green", red.len()),
            details: red,
        };
        return (judged, vec![finding]);
    }
    if let Some(why) = says_nothing(record, committed, major) {
        judged.verdict = Status::NotMeasured;
        judged.why = format!("{why}; {HOW}");
    }
    (judged, Vec::new())
}

/// Cells that were not green, and what went wrong on the way.
fn red(record: &Record) -> Vec<String> {
    let mut red = Vec::new();
    for estate in &record.estates {
        let cells = estate.cells.iter().filter(|cell| cell.verdict != GREEN);
        let times = estate.times;
        red.extend(cells.map(|cell| format!("{times}x: {} at {} ({})", cell.guard, cell.step, cell.moment)));
        red.extend(
            estate
                .findings
                .iter()
                .map(|finding| format!("{times}x: {finding}")),
        );
    }
    red
}

/// Why it says nothing of these guards; nothing if it does.
fn says_nothing(record: &Record, committed: &Committed, major: u32) -> Option<String> {
    if record.major != major {
        return Some(format!(
            "recorded on PostgreSQL {}, and this is {major}: give both commands the same server",
            record.major
        ));
    }
    let expected = bytes(committed);
    let other = |path: &&String| expected.get(*path) != record.bytes.get(*path);
    let all = expected.keys().chain(record.bytes.keys());
    if let Some(path) = all.filter(other).min() {
        return Some(format!("recorded of other bytes: `{path}` is not what it was"));
    }
    let due = due(committed);
    if due.is_empty() {
        return Some("no cell asks a server".to_owned());
    }
    for times in TIMES {
        let mut estates = record.estates.iter().filter(|estate| estate.times == times);
        let Some(estate) = estates.next() else {
            return Some(format!(
                "nothing is recorded of the estate {times} times as large"
            ));
        };
        if estates.next().is_some() {
            return Some(format!("the estate {times} times as large is recorded twice"));
        }
        let factor = usize::try_from(times).unwrap_or(usize::MAX);
        let objects = LEGACY.len() * factor;
        if estate.objects != objects {
            return Some(format!(
                "the estate {times} times as large: expected {objects} legacy objects, found {}",
                estate.objects
            ));
        }
        let asked: BTreeSet<_> = estate
            .cells
            .iter()
            .map(|cell| (cell.guard.clone(), cell.step.clone(), cell.moment.clone()))
            .collect();
        if let Some((guard, step, moment)) = due.symmetric_difference(&asked).next() {
            let what = if asked.len() < due.len() {
                "was not asked"
            } else {
                "is no cell of the plan"
            };
            return Some(format!("{times}x: {guard} at {step} ({moment}) {what}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Estate, Record, RecordedCell, TIMES, bytes, due, judge, of, read, record};
    use rehearsal::{Committed, GuardTimes, Status};

    const SMALLEST: usize = 262;
    const MAJOR: u32 = 15;

    fn committed() -> Committed {
        rehearsal::load(&crate::rehearse::root()).unwrap()
    }

    fn sound(committed: &Committed) -> Record {
        let cells: Vec<RecordedCell> = due(committed)
            .into_iter()
            .map(|(guard, step, moment)| RecordedCell {
                guard,
                step,
                moment,
                verdict: "pass".to_owned(),
            })
            .collect();
        Record {
            estates: TIMES
                .iter()
                .map(|times| Estate {
                    times: *times,
                    objects: SMALLEST * usize::try_from(*times).unwrap(),
                    cells: cells.clone(),
                    findings: vec![],
                })
                .collect(),
            ..record(committed, MAJOR, std::iter::empty::<(u32, usize, &GuardTimes)>())
        }
    }

    #[test]
    fn a_whole_record_of_these_guards_is_pass() {
        let committed = committed();
        let record = sound(&committed);
        let (judged, findings) = judge(&record, &committed, MAJOR);
        assert_eq!(
            (judged.verdict, judged.why.as_str(), findings.len()),
            (Status::Pass, "", 0)
        );
        assert_eq!(judged.objects[&100], 26_200);
        assert!(
            judged.cells > 100 && bytes(&committed).len() > 35,
            "{}",
            judged.cells
        );
    }

    #[test]
    fn each_thing_that_is_missing_or_other_is_not_measured_and_named() {
        let committed = committed();
        let said = |change: fn(&mut Record)| {
            let mut record = sound(&committed);
            change(&mut record);
            let (judged, findings) = judge(&record, &committed, MAJOR);
            assert_eq!((judged.verdict, findings.len()), (Status::NotMeasured, 0));
            judged.why
        };
        let other = said(|record| record.major = 18);
        assert!(
            other.contains("recorded on PostgreSQL 18, and this is 15"),
            "{other}"
        );
        let path = "rehearsal/guards/g_pgnative.sql";
        assert!(
            said(|record| record
                .bytes
                .values_mut()
                .for_each(|digest| *digest = "0".repeat(64)))
            .contains("other bytes")
        );
        let gone = said(|record| drop(record.bytes.remove("rehearsal/guards/g_pgnative.sql")));
        assert!(gone.contains(path), "{gone}");
        let more = said(|record| drop(record.bytes.insert("another".to_owned(), String::new())));
        assert!(more.contains("`another`"), "{more}");
        let mends = said(|record| drop(record.bytes.remove("rehearsal/states/15_mends.sql")));
        assert!(mends.contains("15_mends.sql"), "{mends}");
        let packet = said(|record| {
            let list = record.bytes.get_mut("rehearsal/packages/PKG-G/SHA256SUMS");
            *list.unwrap() = "0".repeat(64);
        });
        assert!(
            packet.contains("`rehearsal/packages/PKG-G/SHA256SUMS` is not what it was"),
            "{packet}"
        );
        assert!(said(|record| drop(record.estates.pop())).contains("100 times as large"));
        assert!(said(|record| record.estates.push(record.estates[0].clone())).contains("recorded twice"));
        assert!(said(|record| record.estates[0].objects -= 1).contains("expected 2620 legacy objects"));
        assert!(said(|record| drop(record.estates[1].cells.pop())).contains("was not asked"));
    }

    #[test]
    fn a_guard_that_was_not_green_is_a_finding() {
        let committed = committed();
        let mut record = sound(&committed);
        record.estates[1].cells[3].verdict = "not_green".to_owned();
        record.estates[0].findings.push("STATE_NOT_MADE: S15".to_owned());
        let (judged, findings) = judge(&record, &committed, MAJOR);
        assert_eq!(judged.verdict, Status::Fail);
        assert_eq!(findings[0].code, "SCALE_RUN_RED");
        assert_eq!(findings[0].package.as_deref(), Some("PKG-I"));
        assert_eq!(findings[0].details.len(), 2, "{findings:#?}");
    }

    #[test]
    fn what_is_authored_for_another_majors_server_is_not_what_a_record_is_bound_to() {
        let mut record = sound(&committed());
        record.major = 18;
        let mut there = committed();
        let mut files = there.plan.packet.iter_mut().flat_map(|packet| &mut packet.file);
        let list = files.find(|file| file.path.ends_with("/SHA256SUMS")).unwrap();
        list.sha256 = "0".repeat(64);
        let said = |there: &Committed| of(Some(&record), there, 18).unwrap().0;
        assert!(said(&there).why.contains("other bytes"));
        there
            .instead
            .push("rehearsal/packages/PKG-F/SHA256SUMS".to_owned());
        let judged = said(&there);
        assert_eq!((judged.verdict, judged.why.as_str()), (Status::Pass, ""));
    }

    #[test]
    fn what_is_no_record_is_told_in_one_line() {
        let refused = read(&crate::rehearse::root().join("Cargo.toml")).unwrap_err();
        assert!(
            refused.contains("is no record") && refused.contains("bench --guards 10,100"),
            "{refused}"
        );
    }
}
