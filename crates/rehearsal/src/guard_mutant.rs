//! Guard mutants: every committed fault turns its guard red, and every near miss leaves it green.
//!
//! Not for: which faults there are (`plan/guard_case`). The one fact to know: a fault is made where the guard
//! has just been green, and after the last one the guard is asked again, so that mended is green, too.

use crate::engine::{Run, millis};
use crate::error::RehearseError;
use crate::plan::{Beside, Fault, InputFault};
use crate::validation::Cell;
use guards::{Condition, Inputs, Verdict};
use serde::Serialize;
use sqlx::Connection as _;
use std::time::Instant;

/// How many faults there were, and how many their guards saw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GuardMutants {
    /// Faults of the committed cases.
    pub total: usize,
    /// Seen by the probe that is named, with exactly the offenders that are named.
    pub killed: usize,
    /// The others, those that were never made among them; each is in a finding.
    pub survivors: usize,
    /// Near misses that left their guard green.
    pub near_misses: usize,
}

/// One fault, made where its guard was green.
#[derive(Clone, Debug)]
pub struct GuardFault {
    /// The guard.
    pub guard: String,
    /// The probe that must turn red.
    pub probe: String,
    /// The step.
    pub step: String,
    /// Its moment.
    pub moment: String,
    /// What was done.
    pub fault: String,
    /// Why the guard did not see it; none if it did.
    pub unseen: Option<String>,
}

impl Run<'_> {
    /// Makes the faults and near misses of a cell that is green.
    pub(crate) async fn guard_mutants(
        &mut self,
        cell: &Cell<'_>,
        sound: &Verdict,
    ) -> Result<(), RehearseError> {
        let committed = self.committed;
        let Some(cases) = committed.guard_cases.get(cell.guard) else {
            return Ok(());
        };
        if !matches!(sound, Verdict::Pass { .. }) {
            return Ok(());
        }
        let begun = Instant::now();
        let mut tried = 0;
        for fault in cases.faults_at(cell.step, cell.moment) {
            tried += 1;
            let unseen = self.unseen(cell, fault).await?;
            match &unseen {
                None => self.guard_mutants_killed += 1,
                Some(why) => self.survived(cell.guard, fault, why),
            }
            self.outcome.guard_faults.push(GuardFault {
                guard: cell.guard.to_owned(),
                probe: fault.probe.clone(),
                step: cell.step.to_owned(),
                moment: cell.moment.to_owned(),
                fault: fault.words(),
                unseen,
            });
        }
        for near in cases.near_misses_at(cell.step, cell.moment) {
            tried += 1;
            let inputs = match &near.input {
                None => Ok(self.inputs.clone()),
                Some(change) => changed(&self.inputs, change),
            };
            let found = match inputs {
                Ok(inputs) => {
                    let beside = near.beside.as_ref();
                    self.with_change(cell, None, &near.sql, beside, &inputs).await?
                }
                Err(why) => Err(why),
            };
            match found {
                Ok(Verdict::Pass { .. }) => self.near_misses += 1,
                Ok(verdict) => {
                    self.not_as_it_should(cell.guard, "a near miss", &near.sql, &verdict.reasons());
                }
                Err(why) => self.not_as_it_should(cell.guard, "a near miss", &near.sql, &[why]),
            }
        }
        if tried > 0 {
            let mended = self.measure(cell).await?.verdict;
            if !matches!(mended, Verdict::Pass { .. }) {
                self.not_as_it_should(cell.guard, "mended", "every fault undone", &mended.reasons());
            }
        }
        *self
            .outcome
            .elapsed_ms
            .parts
            .entry("guard_mutants".to_owned())
            .or_default() += millis(begun);
        Ok(())
    }

    /// Why the guard did not see `fault`; nothing if it did.
    async fn unseen(&mut self, cell: &Cell<'_>, fault: &Fault) -> Result<Option<String>, RehearseError> {
        let inputs = match &fault.input {
            None => self.inputs.clone(),
            Some(change) => match changed(&self.inputs, change) {
                Ok(inputs) => inputs,
                Err(why) => return Ok(Some(why)),
            },
        };
        let beside = fault.beside.as_ref();
        // What only defers is the whole guard's verdict.
        let probe = (!fault.unmeasured).then_some(fault.probe.as_str());
        let asked = self.with_change(cell, probe, &fault.sql, beside, &inputs).await?;
        Ok(match asked {
            Err(why) => Some(why),
            Ok(verdict) => overlooked(fault, &verdict),
        })
    }

    /// The verdict with `sql` done, which is undone again; an error if it was refused. Of a change that one probe must
    /// see, that probe alone is asked; of one that none may see, the whole guard.
    pub(crate) async fn with_change(
        &mut self,
        cell: &Cell<'_>,
        probe: Option<&str>,
        sql: &str,
        beside: Option<&Beside>,
        inputs: &Inputs,
    ) -> Result<Result<Verdict, String>, RehearseError> {
        let label = format!("fault of guard `{}`", cell.guard);
        let other = match beside {
            None => None,
            Some(beside) => match self.session.beside(&beside.login, &beside.sql).await? {
                Ok(other) => Some(other),
                Err(why) => return Ok(Err(format!("the session beside it: {why}"))),
            },
        };
        if other.is_some() {
            // Who is connected is read once a transaction.
            self.session
                .harness(&label, "select pg_catalog.pg_stat_clear_snapshot()")
                .await?;
        }
        let savepoint = self.session.savepoint().await?;
        let mut refused = None;
        if !sql.is_empty() {
            let batch = self.session.batch(&label, sql.to_owned()).await?;
            batch.demand_transaction(&label)?;
            refused = batch.error;
        }
        let answer = match (refused, probe) {
            (Some(error), _) => Err(format!("it was refused: {} {}", error.code(), error.message())),
            (None, Some(probe)) => Ok(self.ask_probe(cell, inputs, probe).await),
            (None, None) => Ok(self.ask_guard(cell, inputs).await.verdict),
        };
        self.session.undo_and_look(savepoint, &label).await?;
        if let Some(other) = other {
            // What is still open ends with the connection.
            let _ = other.close().await;
            self.session.until_alone().await?;
        }
        Ok(answer)
    }

    fn survived(&mut self, guard: &str, fault: &Fault, why: &str) {
        let message = format!(
            "guard `{guard}`, probe `{}`, at {} {}: {why}",
            fault.probe, fault.step, fault.moment
        );
        let details = vec![fault.sql.clone()];
        self.finding("GUARD_MUTANT_SURVIVED", None, message, details);
    }

    fn not_as_it_should(&mut self, guard: &str, what: &str, sql: &str, reasons: &[String]) {
        let message = format!("guard `{guard}`, {what} is not green: {}", reasons.join("; "));
        self.finding("GUARD_FAILED", None, message, vec![sql.to_owned()]);
    }

    /// Counts them; a fault whose state was never reached has survived.
    pub(crate) fn judge_guard_mutants(&mut self) {
        let cases = &self.committed.guard_cases;
        if cases.is_empty() || !self.share.has_steps() {
            return;
        }
        let total = cases.values().map(|file| file.fault.len()).sum();
        let killed = self.guard_mutants_killed;
        self.outcome.mutants.guards = Some(GuardMutants {
            total,
            killed,
            survivors: total - killed,
            near_misses: self.near_misses,
        });
        let near: usize = cases.values().map(|file| file.near_miss.len()).sum();
        if killed != total || self.near_misses != near {
            let message = format!(
                "guards saw {killed} of {total} faults and passed {} of {near} near misses",
                self.near_misses
            );
            self.finding("GUARD_MUTANT_SURVIVED", None, message, vec![]);
        }
    }
}

/// The inputs with one change made.
fn changed(inputs: &Inputs, change: &InputFault) -> Result<Inputs, String> {
    let InputFault { key, pointer, json } = change;
    let value: serde_json::Value =
        serde_json::from_str(json).map_err(|error| format!("`{json}`: {error}"))?;
    if pointer.is_empty() {
        return Ok(inputs.with(key, &value));
    }
    let mut document = inputs
        .value(key)
        .ok_or_else(|| format!("the inputs document lacks `{key}`"))?;
    let place = document
        .pointer_mut(pointer)
        .ok_or_else(|| format!("`{key}` has nothing at `{pointer}`"))?;
    *place = value;
    Ok(inputs.with(key, &document))
}

/// Why a verdict does not show `fault`; nothing if it does.
fn overlooked(fault: &Fault, verdict: &Verdict) -> Option<String> {
    if fault.unmeasured {
        let names = fault.names.as_deref().unwrap_or_default().join(", ");
        let expected = format!("probe `{}`: offenders {names}", fault.probe);
        return (!matches!(verdict, Verdict::NotMeasured(why) if *why == expected)).then(|| {
            format!(
                "expected not measured for {expected}, found {}: {}",
                verdict.word(),
                verdict.reasons().join("; ")
            )
        });
    }
    let Verdict::Fail(findings) = verdict else {
        return Some(format!(
            "expected red, found {}: {}",
            verdict.word(),
            verdict.reasons().join("; ")
        ));
    };
    let own = || findings.iter().filter(|finding| finding.probe == fault.probe);
    if own().next().is_none() {
        return Some(format!("another probe is red: {}", verdict.reasons().join("; ")));
    }
    let expected = fault.names.as_ref()?.join(", ");
    let named = own()
        .find(|finding| finding.condition == Condition::OffendersPresent)
        .map(|finding| finding.detail.trim_start_matches("offenders ").to_owned());
    match named {
        Some(named) if named == expected => None,
        named => Some(format!(
            "expected it to name {expected}, found {}",
            named.unwrap_or_else(|| "nobody".to_owned())
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::overlooked;
    use crate::plan::Fault;
    use guards::{ProbeRow, Verdict, judge};

    fn fault(names: Option<&[&str]>) -> Fault {
        let names = names.map(|names| names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>());
        let names = names.map_or(String::new(), |names| format!("names = [{}]", names.join(",")));
        toml::from_str(&format!("probe = \"p\"\nstep = \"S00\"\n{names}")).unwrap()
    }

    fn verdict(expected: i64, offenders: &[&str]) -> Verdict {
        let offenders = offenders.iter().map(|name| (*name).to_owned()).collect();
        judge(
            ["p", "q"],
            &[
                ProbeRow::new("p", expected, 1, 1, offenders),
                ProbeRow::new("q", 1, 1, 1, vec![]),
            ],
        )
    }

    #[test]
    fn exactly_the_named_offenders_are_seen() {
        assert_eq!(
            overlooked(&fault(Some(&["a", "b"])), &verdict(2, &["a", "b"])),
            None
        );
    }

    #[test]
    fn one_offender_more_is_not_the_injected_set() {
        assert!(overlooked(&fault(Some(&["a"])), &verdict(2, &["a", "b"])).is_some());
    }

    #[test]
    fn a_red_probe_without_names_is_seen() {
        assert_eq!(overlooked(&fault(None), &verdict(2, &[])), None);
    }

    #[test]
    fn what_keeps_a_guard_from_being_measured_is_named_and_neither_red_nor_green() {
        let deferred: Fault =
            toml::from_str("probe = \"p\"\nstep = \"S00\"\nunmeasured = true\nnames = [\"a\"]").unwrap();
        let found = verdict(2, &["a"]);
        assert!(overlooked(&deferred, &found).is_some(), "red");
        assert_eq!(
            overlooked(&deferred, &found.deferring(|probe| probe == "p")),
            None
        );
        assert!(overlooked(&deferred, &verdict(1, &[])).is_some(), "green");
        let other = verdict(2, &["a", "b"]).deferring(|probe| probe == "p");
        assert!(overlooked(&deferred, &other).is_some(), "one more");
    }

    #[test]
    fn a_green_guard_has_overlooked_it() {
        assert!(overlooked(&fault(None), &verdict(1, &[])).is_some());
    }

    #[test]
    fn another_probe_does_not_count() {
        let other = judge(
            ["p", "q"],
            &[
                ProbeRow::new("p", 1, 1, 1, vec![]),
                ProbeRow::new("q", 2, 1, 1, vec![]),
            ],
        );
        assert!(overlooked(&fault(None), &other).is_some());
    }
}
