//! Mutants outside a whole rehearsal: deltas on a draft alone, and one mutant built from nothing.
//!
//! Not for: rendering a mutant; the caller hands over the texts that differ. The one fact to know: rows stay
//! as they were approved, so what a mutated definition is held against is the same on both roads [ruling B17].

use super::judge::Checks;
use super::{MutantEnd, MutantOutcome, ended};
use crate::engine::Run;
use crate::error::RehearseError;
use crate::fingerprint::Fingerprint;
use crate::plan::{Committed, LoadedPackage, ManifestMutant};
use crate::session::joined;
use crate::target::Target;
use std::collections::{BTreeMap, BTreeSet};

/// What a definition may be refused with when it is built from nothing: a row or key that does not fit it,
/// an object that is not its owner's, a reference to no key, a type or operator that does not fit, a body whose
/// volatility forbids what it does.
const REFUSED_FROM_NOTHING: [&str; 10] = [
    "0A000", "23502", "23503", "23505", "23514", "42501", "42804", "42830", "42846", "42883",
];

/// Applies every package of files and runs the mutants of these ids as deltas; then all is rolled back.
pub(crate) async fn mutants_on(
    target: &Target,
    committed: &Committed,
    ids: &BTreeSet<String>,
) -> Result<Vec<MutantOutcome>, RehearseError> {
    let mut nobody = ();
    let mut run = Run::begin(
        &target.options,
        target.postgres.clone(),
        committed,
        &[],
        &mut nobody,
    )
    .await?;
    run.demand_free_target().await?;
    run.create_personas().await?;
    run.applied_without_refusal(&BTreeMap::new()).await?;
    run.mutants_of(|mutant| ids.contains(&mutant.id)).await?;
    run.session.rollback().await?;
    Ok(run.outcome.manifest_mutants)
}

/// The state with every package of files applied, for the mutants that nothing notices.
pub(crate) async fn sound_state(
    target: &Target,
    committed: &Committed,
) -> Result<Fingerprint, RehearseError> {
    let mut nobody = ();
    let mut run = Run::begin(
        &target.options,
        target.postgres.clone(),
        committed,
        &[],
        &mut nobody,
    )
    .await?;
    run.create_personas().await?;
    run.applied_without_refusal(&BTreeMap::new()).await?;
    let state = run.fingerprint().await?;
    run.session.rollback().await?;
    Ok(state)
}

/// Builds one mutant from nothing, with these texts in place of the files of their paths.
pub(crate) async fn rebuilt_on(
    target: &Target,
    committed: &Committed,
    mutant: &ManifestMutant,
    instead: &BTreeMap<String, String>,
    sound: &Fingerprint,
) -> Result<MutantOutcome, RehearseError> {
    let mut nobody = ();
    let mut run = Run::begin(
        &target.options,
        target.postgres.clone(),
        committed,
        &[],
        &mut nobody,
    )
    .await?;
    run.create_personas().await?;
    let end = match run.applied(instead).await? {
        Some((sqlstate, message)) => {
            // A changed body may refuse rows itself, with a reason of the plan.
            let is_reason = committed
                .plan
                .reason
                .iter()
                .any(|reason| reason.sqlstate == sqlstate);
            if is_reason
                || mutant.or_refused.contains(&sqlstate)
                || REFUSED_FROM_NOTHING.contains(&sqlstate.as_str())
            {
                MutantEnd::Refused(sqlstate)
            } else {
                MutantEnd::Survived(format!("it could not be built: {sqlstate} {message}"))
            }
        }
        None => run.judged_from_nothing(mutant, sound).await?,
    };
    run.session.rollback().await?;
    Ok(ended(mutant, end))
}

impl Run<'_> {
    async fn applied_without_refusal(
        &mut self,
        instead: &BTreeMap<String, String>,
    ) -> Result<(), RehearseError> {
        match self.applied(instead).await? {
            None => Ok(()),
            Some((sqlstate, message)) => Err(RehearseError::Harness {
                during: "applying the packages before their mutants".to_owned(),
                sqlstate,
                message,
            }),
        }
    }

    /// Applies every file; SQLSTATE and message of the first refusal.
    async fn applied(
        &mut self,
        instead: &BTreeMap<String, String>,
    ) -> Result<Option<(String, String)>, RehearseError> {
        let committed = self.committed;
        let has_files = |package: &&LoadedPackage| package.package.source.is_some();
        for package in committed.packages.iter().filter(has_files) {
            for step in &package.package.steps {
                for file in package.files.iter().filter(|file| &file.step == step) {
                    let what = format!("`{}`", file.up_path);
                    let sql = instead.get(&file.up_path).unwrap_or(&file.up).clone();
                    let batch = self.session.batch(&what, sql).await?;
                    batch.demand_transaction(&what)?;
                    if let Some(error) = batch.error {
                        return Ok(Some((error.code().to_owned(), error.message().to_owned())));
                    }
                    self.session.demand_same_transaction(&what).await?;
                }
                if let Some(error) = self.session.flush_constraints(step).await? {
                    return Ok(Some((error.code().to_owned(), error.message().to_owned())));
                }
                self.grant_memberships().await?;
            }
        }
        Ok(None)
    }

    async fn judged_from_nothing(
        &mut self,
        mutant: &ManifestMutant,
        sound: &Fingerprint,
    ) -> Result<MutantEnd, RehearseError> {
        let committed = self.committed;
        let found = self.fingerprint().await?;
        let during = format!("manifest mutant `{}`, from nothing", mutant.id);
        self.session
            .harness(&during, &joined(&committed.plan.mutant_base))
            .await?;
        let check = Checks::new(committed).sql(mutant);
        let named = self.session.texts(&during, &check).await?;
        if named.iter().flatten().any(|name| *name == mutant.name) {
            return Ok(MutantEnd::Killed);
        }
        if found == *sound {
            return Ok(MutantEnd::Equivalent);
        }
        let named: Vec<String> = named.into_iter().flatten().collect();
        Ok(MutantEnd::Survived(format!(
            "expected `{}` of `{}` to name `{}`, it named `{}`",
            mutant.check,
            mutant.object,
            mutant.name,
            named.join("`, `")
        )))
    }
}
