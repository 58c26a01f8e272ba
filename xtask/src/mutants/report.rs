//! What a run of mutants found, one shard or all of them merged.
//!
//! The one fact to know: a report is complete only if it holds every mutant of the committed plan, each
//! once; a shard by itself says which it is and claims no more.

use crate::exit::CommandError;
use rehearsal::{MutantEnd, MutantOutcome};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Lines that people are shown of each kind.
const SHOWN: usize = 20;

/// How one mutant ended, on one road or both.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    /// In the manifests' words.
    words: String,
    /// As a delta.
    delta: MutantEnd,
    /// Built from nothing; absent without `--full`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from_nothing: Option<MutantEnd>,
}

impl Entry {
    pub(super) fn of(outcome: MutantOutcome) -> Self {
        Self {
            words: outcome.words,
            delta: outcome.end,
            from_nothing: None,
        }
    }

    fn disagrees(&self) -> bool {
        let other = self.from_nothing.as_ref();
        other.is_some_and(|other| verdict(other) != verdict(&self.delta))
    }
}

/// Three verdicts: a refusal notices a mutant like a check does.
fn verdict(end: &MutantEnd) -> &'static str {
    match end {
        MutantEnd::Killed | MutantEnd::Refused(_) => "killed",
        MutantEnd::Equivalent => "equivalent",
        MutantEnd::Survived(_) => "survived",
    }
}

/// The report, as `--format json` prints it and `--merge` reads it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    format_version: u32,
    /// `2/8`; `1/1` for all of them.
    shard: String,
    /// Whether each was also built from nothing.
    full: bool,
    /// Mutants of the plan.
    of: usize,
    /// Mutants of this report.
    total: usize,
    killed: usize,
    survivors: usize,
    equivalent: usize,
    /// Mutants whose two roads end differently.
    disagreements: usize,
    mutants: BTreeMap<String, Entry>,
}

impl Report {
    pub(super) fn new(
        (number, shards): (usize, usize),
        full: bool,
        of: usize,
        mutants: BTreeMap<String, Entry>,
    ) -> Self {
        let count = |wanted| {
            let ends = mutants.values().map(|entry| verdict(&entry.delta));
            ends.filter(|verdict| *verdict == wanted).count()
        };
        Self {
            format_version: 1,
            shard: format!("{number}/{shards}"),
            full,
            of,
            total: mutants.len(),
            killed: count("killed"),
            survivors: count("survived"),
            equivalent: count("equivalent"),
            disagreements: mutants.values().filter(|entry| entry.disagrees()).count(),
            mutants,
        }
    }

    /// Something was run, nothing survived on either road, and both agree.
    pub(super) fn is_green(&self) -> bool {
        self.total > 0
            && self.disagreements == 0
            && self.mutants.values().all(|entry| {
                let ends = [Some(&entry.delta), entry.from_nothing.as_ref()];
                ends.into_iter().flatten().all(|end| verdict(end) != "survived")
                    && entry.from_nothing.is_some() == self.full
            })
    }

    pub(super) fn json(&self) -> Result<String, CommandError> {
        serde_json::to_string_pretty(self).map_err(|error| CommandError::Environment(error.to_string()))
    }

    pub(super) fn summary(&self) -> String {
        let mut text = String::new();
        let roads = if self.full {
            format!(
                "as deltas and from nothing, {} of which disagree",
                self.disagreements
            )
        } else {
            "as deltas".to_owned()
        };
        let _ = writeln!(
            text,
            "{} of {} manifest mutants (shard {}), {roads}: {} killed, {} equivalent, {} survived",
            self.total, self.of, self.shard, self.killed, self.equivalent, self.survivors
        );
        let red: Vec<String> = self
            .mutants
            .values()
            .filter_map(|entry| {
                if entry.disagrees() {
                    return Some(format!(
                        "{}: as a delta {:?}, from nothing {:?}",
                        entry.words, entry.delta, entry.from_nothing
                    ));
                }
                match &entry.delta {
                    MutantEnd::Survived(why) => Some(format!("{}: {why}", entry.words)),
                    _ => None,
                }
            })
            .collect();
        for line in red.iter().take(SHOWN) {
            let _ = writeln!(text, "  {line}");
        }
        if red.len() > SHOWN {
            let _ = writeln!(
                text,
                "  and {} more; `--format json` prints all",
                red.len() - SHOWN
            );
        }
        let _ = writeln!(text, "\n{}", if self.is_green() { "PASS" } else { "FAIL" });
        text
    }
}

/// The shards as one report: each mutant of the plan once, and all of them.
pub(super) fn merge(files: &[PathBuf], ids: &[&str]) -> Result<Report, CommandError> {
    let mut merged: BTreeMap<String, Entry> = BTreeMap::new();
    let mut full = None;
    for path in files {
        let wrong = |why: String| CommandError::Finding(format!("`{}`: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let report: Report = serde_json::from_str(&text)
            .map_err(|error| wrong(format!("expected the JSON of `cargo xtask mutants`: {error}")))?;
        if *full.get_or_insert(report.full) != report.full {
            return Err(wrong(
                "expected all shards with `--full` or all without, found both".to_owned(),
            ));
        }
        for (id, entry) in report.mutants {
            if merged.insert(id.clone(), entry).is_some() {
                return Err(wrong(format!(
                    "overlaps another shard: `{id}` is in both, expected each mutant once"
                )));
            }
        }
    }
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    let found: BTreeSet<&str> = merged.keys().map(String::as_str).collect();
    if let Some(id) = found.difference(&known).next() {
        return Err(CommandError::Finding(format!(
            "the shards hold `{id}`, which the plan does not; they are of another plan"
        )));
    }
    if let Some(id) = known.difference(&found).next() {
        return Err(CommandError::Finding(format!(
            "the shards leave a gap: {} of {} mutants are in none, the first is `{id}`",
            known.len() - found.len(),
            known.len()
        )));
    }
    Ok(Report::new((1, 1), full.unwrap_or(false), ids.len(), merged))
}
