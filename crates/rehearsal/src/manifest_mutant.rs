//! Manifest mutants: one value of the manifests changed, as a delta on the control plane that stands.
//!
//! Each must turn something red by name: the exact set, the declared access, or the server's own refusal.
//! Not for: thinking of mutants. The one fact to know: mutants of one object that a check names apart are
//! changed together and judged by name; where what is red is not exactly what was changed, each is run
//! again alone [ruling B17].

mod full;
mod judge;

pub(crate) use full::{mutants_on, rebuilt_on, sound_state};

use crate::engine::Run;
use crate::error::RehearseError;
use crate::plan::ManifestMutant;
use crate::session::{harness_error, joined, renewed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many mutants there were, and how they ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ManifestCounts {
    /// All that were run.
    pub total: usize,
    /// Noticed, by name.
    pub killed: usize,
    /// Those of the killed whose definition the server refused.
    pub refused: usize,
    /// The catalog is the same with them: shown by its fingerprint.
    pub equivalent: usize,
    /// The others; each is a finding that names it.
    pub survivors: usize,
}

/// How a mutant ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MutantEnd {
    /// Its check named it.
    Killed,
    /// The server refused it with this SQLSTATE.
    Refused(String),
    /// The catalog's fingerprint is the same.
    Equivalent,
    /// Nothing noticed; why.
    Survived(String),
}

/// A mutant and its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MutantOutcome {
    /// Its id.
    pub id: String,
    /// What was changed, in the manifests' words.
    pub words: String,
    /// How it ended.
    pub end: MutantEnd,
}

impl Run<'_> {
    /// Runs every mutant under a savepoint, on the draft.
    pub(crate) async fn manifest_mutants(&mut self) -> Result<(), RehearseError> {
        if !self.share.has_proofs() {
            return Ok(());
        }
        self.mutants_of(|_| true).await
    }

    /// The same for those that are wanted.
    async fn mutants_of(&mut self, wanted: impl Fn(&ManifestMutant) -> bool) -> Result<(), RehearseError> {
        let committed = self.committed;
        let mutants: Vec<&ManifestMutant> =
            committed.mutants.iter().filter(|mutant| wanted(mutant)).collect();
        if mutants.is_empty() {
            return Ok(());
        }
        self.progress.step("mutants of the manifests");
        let during = "the base of the manifest mutants";
        let outer = self.session.savepoint().await?;
        for statement in &committed.plan.mutant_base {
            self.session.harness(during, statement).await?;
        }
        let savepoint = format!("mutant_{}", self.session.xid());
        self.session
            .harness(during, &format!("savepoint {savepoint}"))
            .await?;
        let checks = judge::Checks::new(committed);
        let unsound = self.unsound(&mutants, &checks).await?;
        let mut ends = Vec::new();
        for wave in waves(&mutants) {
            self.wave(&wave, &checks, &unsound, &savepoint, &mut ends).await?;
        }
        self.session.undo(outer, "the manifest mutants").await?;
        self.session
            .demand_same_transaction("the manifest mutants")
            .await?;
        self.judge_manifest(ends);
        Ok(())
    }

    /// Checks that are red before anything was changed would be red whatever is.
    async fn unsound(
        &mut self,
        mutants: &[&ManifestMutant],
        checks: &judge::Checks<'_>,
    ) -> Result<BTreeSet<String>, RehearseError> {
        let all: BTreeSet<String> = mutants.iter().map(|mutant| checks.sql(mutant)).collect();
        let mut unsound = BTreeSet::new();
        for sql in all {
            let during = "a check before any mutant";
            if !self.session.texts(during, &sql).await?.is_empty() {
                unsound.insert(sql);
            }
        }
        Ok(unsound)
    }

    async fn wave(
        &mut self,
        wave: &[&ManifestMutant],
        checks: &judge::Checks<'_>,
        unsound: &BTreeSet<String>,
        savepoint: &str,
        ends: &mut Vec<MutantOutcome>,
    ) -> Result<(), RehearseError> {
        let Some(first) = wave.first() else { return Ok(()) };
        let sql = checks.sql(first);
        if unsound.contains(&sql) {
            let why = "its check is red without it".to_owned();
            ends.extend(
                wave.iter()
                    .map(|mutant| ended(mutant, MutantEnd::Survived(why.clone()))),
            );
            return Ok(());
        }
        if wave.len() > 1 {
            let expected: BTreeSet<String> = wave.iter().map(|mutant| mutant.name.clone()).collect();
            if self.noticed(wave, &sql, savepoint).await? == Ok(expected) {
                ends.extend(wave.iter().map(|mutant| ended(mutant, MutantEnd::Killed)));
                return Ok(());
            }
        }
        for mutant in wave {
            let end = self.alone(mutant, &sql, savepoint).await?;
            ends.push(ended(mutant, end));
        }
        Ok(())
    }

    /// One mutant by itself.
    async fn alone(
        &mut self,
        mutant: &ManifestMutant,
        sql: &str,
        savepoint: &str,
    ) -> Result<MutantEnd, RehearseError> {
        let named = match self.noticed(&[mutant], sql, savepoint).await? {
            Ok(named) => named,
            Err((sqlstate, _)) if mutant.or_refused.contains(&sqlstate) => {
                return Ok(MutantEnd::Refused(sqlstate));
            }
            Err((sqlstate, message)) => {
                let why = format!("it could not be applied: {sqlstate} {message}");
                return Ok(MutantEnd::Survived(why));
            }
        };
        if named.contains(&mutant.name) {
            return Ok(MutantEnd::Killed);
        }
        let mutated = self.fingerprint().await?;
        self.session
            .harness("a mutant of the manifests", &renewed(savepoint))
            .await?;
        if self.fingerprint().await? == mutated {
            return Ok(MutantEnd::Equivalent);
        }
        let named: Vec<String> = named.into_iter().collect();
        let red = if named.is_empty() {
            "nothing".to_owned()
        } else {
            named.join(", ")
        };
        Ok(MutantEnd::Survived(format!(
            "expected `{}` of `{}` to name `{}`, it named {red}",
            mutant.check, mutant.object, mutant.name
        )))
    }

    /// Undoes the last change, makes these, and asks the check: what it names, or SQLSTATE and message of
    /// the server's refusal.
    async fn noticed(
        &mut self,
        wave: &[&ManifestMutant],
        check: &str,
        savepoint: &str,
    ) -> Result<Result<BTreeSet<String>, (String, String)>, RehearseError> {
        let ids: Vec<&str> = wave.iter().map(|mutant| mutant.id.as_str()).collect();
        let during = format!("manifest mutant `{}`", ids.join("`, `"));
        let mut sql = renewed(savepoint);
        for mutant in wave {
            sql += &joined(&mutant.delta);
        }
        sql += &format!("{};\n{check}", self.session.mark("check"));
        let batch = self.session.batch(&during, sql).await?;
        batch.demand_transaction(&during)?;
        match (batch.error, batch.marks.is_empty()) {
            (None, _) => Ok(Ok(batch.answers.into_iter().collect())),
            (Some(error), true) => Ok(Err((error.code().to_owned(), error.message().to_owned()))),
            (Some(error), false) => Err(harness_error(&during, &error)),
        }
    }
}

/// Mutants that go together: of one check and object, each named apart, none that the server may refuse.
fn waves<'a>(mutants: &[&'a ManifestMutant]) -> Vec<Vec<&'a ManifestMutant>> {
    let mut waves: Vec<Vec<&ManifestMutant>> = Vec::new();
    for &mutant in mutants {
        let joins = |wave: &&mut Vec<&ManifestMutant>| {
            wave.iter().all(|other| {
                (&other.check, &other.object) == (&mutant.check, &mutant.object)
                    && other.name != mutant.name
                    && other.or_refused.is_empty()
            })
        };
        // Mutants of an object stand in one file, so its waves are among the last.
        let recent = waves.len().saturating_sub(40);
        match waves[recent..].iter_mut().find(joins) {
            Some(wave) if mutant.or_refused.is_empty() => wave.push(mutant),
            _ => waves.push(vec![mutant]),
        }
    }
    waves
}

fn ended(mutant: &ManifestMutant, end: MutantEnd) -> MutantOutcome {
    MutantOutcome {
        id: mutant.id.clone(),
        words: mutant.title(),
        end,
    }
}
