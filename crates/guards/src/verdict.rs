//! The verdict rule: one small table of conditions over the probe rows, nothing else.
//!
//! It is a pure function, so that the same table can be written a second time in SQL for people
//! who have psql alone, and the two compared over the same rows [ruling A4].

use crate::probe::ProbeRow;
use serde::Serialize;
use std::fmt;

/// A condition of the table that a row (or an absent row) meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// A declared probe did not come back.
    ProbeMissing,
    /// A probe came back that is not declared.
    ProbeUndeclared,
    /// A probe came back more than once.
    ProbeRepeated,
    /// A column, or an element of `offenders`, is NULL.
    ColumnNull,
    /// The rule ranged over nothing.
    PopulationEmpty,
    /// `expected` and `realized` differ.
    CountDiffers,
    /// Something breaks the rule.
    OffendersPresent,
}

/// One condition that was met, with the words that name its cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which condition.
    pub condition: Condition,
    /// The probe it concerns.
    pub probe: String,
    /// What was expected, what was found.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "probe `{}`: {}", self.probe, self.detail)
    }
}

/// What a guard's run came to. There is no fourth outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every declared probe came back, and no condition was met.
    Pass {
        /// How many things the probes ranged over, in sum.
        examined: i64,
    },
    /// At least one condition was met.
    Fail(Vec<Finding>),
    /// The guard could not be asked; this is never green.
    NotMeasured(String),
}

impl Verdict {
    /// `pass`, `fail` or `not_measured`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pass { .. } => "pass",
            Self::Fail(_) => "fail",
            Self::NotMeasured(_) => "not_measured",
        }
    }

    /// The same, where what the probes that `is_deferred` found only says that it can't be told yet, or not by this login.
    ///
    /// Only what was found defers: a probe that ranged over nothing or did not come back is red, whatever it is about.
    #[must_use]
    pub fn deferring(self, is_deferred: impl Fn(&str) -> bool) -> Self {
        let Self::Fail(findings) = self else {
            return self;
        };
        let defers = |finding: &Finding| {
            let found = matches!(
                finding.condition,
                Condition::OffendersPresent | Condition::CountDiffers
            );
            found && is_deferred(&finding.probe)
        };
        if findings.iter().all(defers) {
            let named = findings
                .iter()
                .filter(|finding| finding.condition == Condition::OffendersPresent);
            let lines: Vec<String> = named.map(ToString::to_string).collect();
            // A count without a name is no answer that could be waited for.
            if !lines.is_empty() {
                return Self::NotMeasured(lines.join("; "));
            }
        }
        Self::Fail(findings)
    }

    /// Why it is not green, a line each; empty when it is.
    pub fn reasons(&self) -> Vec<String> {
        match self {
            Self::Pass { .. } => Vec::new(),
            Self::Fail(findings) => findings.iter().map(ToString::to_string).collect(),
            Self::NotMeasured(why) => vec![why.clone()],
        }
    }
}

/// A verdict, and the rows that it follows from; none where nothing could be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The verdict.
    pub verdict: Verdict,
    /// What came back, row by row.
    pub probes: Vec<ProbeRow>,
}

impl Answered {
    /// It could not be asked.
    pub fn not_measured(why: String) -> Self {
        Self {
            verdict: Verdict::NotMeasured(why),
            probes: Vec::new(),
        }
    }
}

/// Judges `rows` against the `declared` probe names.
///
/// Green only if each declared probe came back once, nothing else came back, no column is NULL,
/// every population is above 0, every `expected` equals its `realized`, and nobody offends.
#[must_use]
pub fn judge<'a>(declared: impl IntoIterator<Item = &'a str>, rows: &[ProbeRow]) -> Verdict {
    let declared: Vec<&str> = declared.into_iter().collect();
    let mut findings: Vec<Finding> = Vec::new();
    let mut meet = |condition, probe: &str, detail: String| {
        findings.push(Finding {
            condition,
            probe: probe.to_owned(),
            detail,
        });
    };
    if declared.is_empty() {
        meet(
            Condition::ProbeMissing,
            "(none)",
            "no probe is declared, expected at least one".to_owned(),
        );
    }
    for name in &declared {
        match rows
            .iter()
            .filter(|row| row.probe.as_deref() == Some(*name))
            .count()
        {
            1 => {}
            0 => meet(
                Condition::ProbeMissing,
                name,
                "declared, but not returned".to_owned(),
            ),
            n => meet(
                Condition::ProbeRepeated,
                name,
                format!("expected one row, found {n}"),
            ),
        }
    }
    for row in rows {
        let name = row.probe.as_deref().unwrap_or("(null)");
        if row.probe.is_some() && !declared.contains(&name) {
            meet(
                Condition::ProbeUndeclared,
                name,
                "returned, but not declared".to_owned(),
            );
        }
        let nulls = row.null_columns();
        if !nulls.is_empty() {
            meet(
                Condition::ColumnNull,
                name,
                format!("column {} is null", nulls.join(", ")),
            );
        }
        if row.population.is_some_and(|population| population <= 0) {
            meet(
                Condition::PopulationEmpty,
                name,
                "population is 0, so nothing was looked at".to_owned(),
            );
        }
        if let (Some(expected), Some(realized)) = (row.expected, row.realized)
            && expected != realized
        {
            meet(
                Condition::CountDiffers,
                name,
                format!("expected {expected}, realized {realized}"),
            );
        }
        let offenders: Vec<&str> = row
            .offenders
            .iter()
            .flatten()
            .flatten()
            .map(String::as_str)
            .collect();
        if !offenders.is_empty() {
            meet(
                Condition::OffendersPresent,
                name,
                format!("offenders {}", abridge(&offenders)),
            );
        }
    }
    if findings.is_empty() {
        Verdict::Pass {
            examined: rows.iter().filter_map(|row| row.population).sum(),
        }
    } else {
        Verdict::Fail(findings)
    }
}

/// The first ten names; a red line of four thousand names is read by nobody.
fn abridge(names: &[&str]) -> String {
    const NAMES_SHOWN: usize = 10;
    let shown = names
        .iter()
        .take(NAMES_SHOWN)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().checked_sub(NAMES_SHOWN) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}
