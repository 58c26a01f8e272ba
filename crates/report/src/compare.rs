//! Two packets: what one accepts that the other refuses, and what it refuses for another reason.
//!
//! Not for: who is right. The one fact to know: a statement that is no longer tried is listed as well, since
//! a test that is gone refuses nothing; and a statement is what it changes, not the test's name, for a bound
//! that moves keeps its test and moves the value that is tried.

use crate::attempts::attempts;
use evidence::{AcceptedLine, Contents, Exhibits, FingerprintLine, RejectionLine};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A change, by what a reviewer must look at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The base refused it.
    NewlyAccepted,
    /// The base tried it.
    NoLongerTried,
    /// Refused as before, by something else.
    AnotherCause,
    /// The base accepted it, or did not try it.
    NewlyRejected,
    /// A guard, package or world that ended otherwise.
    AnotherVerdict,
    /// Something made wrong that nothing notices any more.
    NewlySurviving,
}

impl Kind {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 6] = [
        Self::NewlyAccepted,
        Self::NoLongerTried,
        Self::AnotherCause,
        Self::NewlyRejected,
        Self::AnotherVerdict,
        Self::NewlySurviving,
    ];

    /// As a heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NewlyAccepted => "Newly accepted",
            Self::NoLongerTried => "No longer tried",
            Self::AnotherCause => "Rejected by another cause",
            Self::NewlyRejected => "Newly rejected",
            Self::AnotherVerdict => "Another verdict",
            Self::NewlySurviving => "Newly surviving mutants",
        }
    }

    /// Whether it loosens something.
    pub const fn is_loosening(self) -> bool {
        matches!(
            self,
            Self::NewlyAccepted | Self::NoLongerTried | Self::NewlySurviving
        )
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What kind.
    pub kind: Kind,
    /// The test, guard, package, world or mutant.
    pub subject: String,
    /// What it is about: the one change of a test.
    pub what: String,
    /// In the base.
    pub base: String,
    /// Here.
    pub here: String,
}

/// All differences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Tree of the base.
    pub base_tree_sha256: String,
    /// The base's verdict.
    pub base_verdict: String,
    /// Files by whose digests the plans differ.
    pub files: Vec<String>,
    /// Statements that both tried.
    pub compared: usize,
    /// Differences, by kind and then by subject.
    pub changes: Vec<Change>,
}

/// Compares a packet with the base's.
pub fn compare(here: &Contents, base: &Contents) -> Comparison {
    let mut changes = Vec::new();
    let empty = Exhibits::default();
    let (mine, theirs) = (
        here.exhibits.as_ref().unwrap_or(&empty),
        base.exhibits.as_ref().unwrap_or(&empty),
    );
    let compared = rejections(&mine.rejections, &theirs.rejections, &mut changes);
    accepted(&mine.accepted, &theirs.accepted, &mut changes);
    attempts(here, base, &mut changes);
    verdicts(here, base, &mut changes);
    survivors(mine, theirs, &mut changes);
    changes.sort_by(|a, b| (a.kind, &a.subject).cmp(&(b.kind, &b.subject)));
    Comparison {
        base_tree_sha256: base.packet.tree_sha256.clone(),
        base_verdict: base.packet.verdict.value.clone(),
        files: files(here, base),
        compared,
        changes,
    }
}

fn rejections(mine: &[RejectionLine], theirs: &[RejectionLine], changes: &mut Vec<Change>) -> usize {
    let (mine, theirs) = (by_statement(mine), by_statement(theirs));
    let mut compared = 0;
    for (statement, line) in &mine {
        let Some(before) = theirs.get(statement) else {
            if line.fingerprint.is_some() {
                changes.push(change(
                    Kind::NewlyRejected,
                    line,
                    "not tried".to_owned(),
                    how(line),
                ));
            } else {
                changes.push(change(
                    Kind::NewlyAccepted,
                    line,
                    "not tried".to_owned(),
                    how(line),
                ));
            }
            continue;
        };
        compared += 1;
        let kind = match (&before.fingerprint, &line.fingerprint) {
            (Some(_), None) => Kind::NewlyAccepted,
            (None, Some(_)) => Kind::NewlyRejected,
            (Some(one), Some(other)) if one != other || before.cause != line.cause => Kind::AnotherCause,
            _ => continue,
        };
        changes.push(change(kind, line, how(before), how(line)));
    }
    for (_, line) in theirs
        .iter()
        .filter(|(statement, _)| !mine.contains_key(*statement))
    {
        changes.push(change(
            Kind::NoLongerTried,
            line,
            how(line),
            "not tried".to_owned(),
        ));
    }
    compared
}

/// Tests by what they change: their names without a number among others alike, the one change, and, should
/// two agree in both, which of them it is.
fn by_statement(lines: &[RejectionLine]) -> BTreeMap<(&str, &str, usize), &RejectionLine> {
    let mut found = BTreeMap::new();
    for line in lines {
        let id = line.id.as_str();
        let alike = match id.rsplit_once('.') {
            Some((stem, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => stem,
            _ => id,
        };
        let mut which = 0;
        while found.contains_key(&(alike, line.mutation.as_str(), which)) {
            which += 1;
        }
        found.insert((alike, line.mutation.as_str(), which), line);
    }
    found
}

/// Rows that must be accepted: one that is refused is newly rejected, whatever the base's verdict over it; one
/// that the base did not try is newly accepted, as far as anybody has shown.
fn accepted(mine: &[AcceptedLine], theirs: &[AcceptedLine], changes: &mut Vec<Change>) {
    fn by_row(lines: &[AcceptedLine]) -> BTreeMap<(&str, &str), &AcceptedLine> {
        let keyed = lines
            .iter()
            .map(|line| ((line.table.as_str(), line.row.as_str()), line));
        keyed.collect()
    }
    let word = |row: &AcceptedLine| match &row.why {
        None => "accepted".to_owned(),
        Some(why) => format!("refused: {why}"),
    };
    let (mine, theirs) = (by_row(mine), by_row(theirs));
    let rows: BTreeSet<_> = mine.keys().chain(theirs.keys()).collect();
    for row in rows {
        let (here, base) = (mine.get(row).copied(), theirs.get(row).copied());
        let ended = |line: Option<&AcceptedLine>| line.map(|line| line.accepted);
        let kind = match (ended(base), ended(here)) {
            (Some(_), None) => Kind::NoLongerTried,
            (Some(true) | None, Some(false)) => Kind::NewlyRejected,
            (Some(false) | None, Some(true)) => Kind::NewlyAccepted,
            _ => continue,
        };
        let Some(line) = here.or(base) else { continue };
        let told = |line: Option<&AcceptedLine>| line.map_or_else(|| "not tried".to_owned(), word);
        changes.push(Change {
            kind,
            subject: line.id.clone(),
            what: line.row.clone(),
            base: told(base),
            here: told(here),
        });
    }
}

fn change(kind: Kind, line: &RejectionLine, base: String, here: String) -> Change {
    Change {
        kind,
        subject: line.id.clone(),
        what: line.mutation.clone(),
        base,
        here,
    }
}

/// How a statement ended.
pub(crate) fn how(line: &RejectionLine) -> String {
    match &line.fingerprint {
        None => "accepted".to_owned(),
        Some(found) => format!("{} by {}", fingerprint(found), line.cause),
    }
}

/// SQLSTATE, phase and reason.
pub(crate) fn fingerprint(found: &FingerprintLine) -> String {
    let mut text = format!("{} {}", found.sqlstate, found.phase);
    if let Some(name) = [&found.reason, &found.constraint, &found.column]
        .into_iter()
        .flatten()
        .next()
    {
        text.push(' ');
        text.push_str(name);
    }
    text
}

/// Guards wherever they are due, packages and worlds, each by its verdict.
fn verdicts(here: &Contents, base: &Contents, changes: &mut Vec<Change>) {
    let of = |contents: &Contents| -> BTreeMap<String, String> {
        let outcome = &contents.outcome;
        let list = |pointer: &str| outcome.pointer(pointer).and_then(|list| list.as_array());
        let word = |value: &serde_json::Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let mut found = BTreeMap::new();
        for package in list("/packages").into_iter().flatten() {
            found.insert(word(package, "id"), word(package, "verdict"));
        }
        for run in list("/guards/runs").into_iter().flatten() {
            let cell = format!(
                "{} at {} {}",
                word(run, "guard"),
                word(run, "step"),
                word(run, "moment")
            );
            found.insert(cell, word(run, "verdict"));
        }
        for world in list("/worlds").into_iter().flatten() {
            found.insert(
                format!("world {}", word(world, "id")),
                world["realized"].to_string(),
            );
        }
        found
    };
    let (mine, theirs) = (of(here), of(base));
    let subjects: BTreeSet<&String> = mine.keys().chain(theirs.keys()).collect();
    for subject in subjects {
        let (base, here) = (theirs.get(subject), mine.get(subject));
        if base != here {
            let word = |found: Option<&String>| found.map_or("not there".to_owned(), Clone::clone);
            changes.push(Change {
                kind: Kind::AnotherVerdict,
                subject: subject.clone(),
                what: String::new(),
                base: word(base),
                here: word(here),
            });
        }
    }
}

fn survivors(mine: &Exhibits, theirs: &Exhibits, changes: &mut Vec<Change>) {
    let survive = |exhibits: &Exhibits| -> BTreeMap<(String, String), String> {
        let found = exhibits.mutants.iter().filter(|line| line.is_missed());
        found
            .map(|line| {
                (
                    (format!("{} {}", line.of, line.id), line.change.clone()),
                    line.by.clone(),
                )
            })
            .collect()
    };
    let before = survive(theirs);
    for ((id, what), by) in survive(mine) {
        if !before.contains_key(&(id.clone(), what.clone())) {
            changes.push(Change {
                kind: Kind::NewlySurviving,
                subject: id,
                what,
                base: "noticed, or not made".to_owned(),
                here: by,
            });
        }
    }
}

/// Paths whose bytes differ, or that only one of the two rehearsed.
fn files(here: &Contents, base: &Contents) -> Vec<String> {
    let of = |contents: &Contents| -> BTreeMap<String, String> {
        let files = contents.plan.files.iter();
        files
            .map(|file| (file.path.clone(), file.sha256.clone()))
            .collect()
    };
    let (mine, theirs) = (of(here), of(base));
    let paths: BTreeSet<&String> = mine.keys().chain(theirs.keys()).collect();
    paths
        .into_iter()
        .filter(|path| mine.get(*path) != theirs.get(*path))
        .cloned()
        .collect()
}
