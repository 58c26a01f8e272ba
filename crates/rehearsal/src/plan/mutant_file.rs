//! Mutants of the manifests: what each changes on the control plane that stands, and what must notice.
//!
//! It is read and checked here, and run elsewhere. The one fact to know: `name` is a promise: a
//! mutant of which the check names something else is not killed.

use super::error::PlanError;
use super::{Committed, OWN_KINDS};
use serde::Deserialize;
use std::collections::BTreeSet;

/// A file of `rehearsal/mutants/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MutantFile {
    /// 1.
    pub format_version: u32,
    /// Its mutants.
    #[serde(default)]
    pub mutant: Vec<ManifestMutant>,
}

/// One value of the manifests changed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestMutant {
    /// Stable, unique.
    pub id: String,
    /// What is changed, as the manifests call it.
    pub subject: String,
    /// How.
    pub words: String,
    /// Statements that change it, as the harness.
    pub delta: Vec<String>,
    /// SQLSTATEs with which the server may refuse the change itself, which notices it too.
    #[serde(default)]
    pub or_refused: Vec<String>,
    /// What must notice: a check of the plan, or a kind of object whose declared access is compared.
    pub check: String,
    /// What the check is asked about.
    pub object: String,
    /// What it must name.
    pub name: String,
}

impl ManifestMutant {
    /// What a person reads: `surface #07 policy_rule_manifest: column rule nullable flipped`.
    pub fn title(&self) -> String {
        format!("{}: {}", self.subject, self.words)
    }
}

impl Committed {
    /// Each mutant is the only one of its id, and names a check that there is.
    pub(super) fn demand_known_mutants(&self) -> Result<(), PlanError> {
        let mut ids = BTreeSet::new();
        for mutant in &self.mutants {
            if !ids.insert(&mutant.id) {
                return Err(PlanError::Inconsistent(format!(
                    "two mutants have the id `{}`, expected one",
                    mutant.id
                )));
            }
            let check = mutant.check.as_str();
            let is_access = OWN_KINDS.contains(&check) && self.access.is_some();
            if !is_access && !self.plan.mutant_check.iter().any(|known| known.name == check) {
                return Err(PlanError::Inconsistent(format!(
                    "mutant `{}` names the check `{check}`, which the plan lacks",
                    mutant.id
                )));
            }
        }
        Ok(())
    }
}
