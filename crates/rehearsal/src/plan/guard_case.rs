//! What a guard must see, and what it must not: faults and near misses, one file a guard.
//!
//! Not for: making or judging them (`guard_mutant`). The one fact to know: a fault names the probe that must
//! turn red and, where the probe names offenders, exactly the set that it injects.

use serde::Deserialize;

/// `rehearsal/guard_cases/g_….toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// 1.
    pub format_version: u32,
    /// The guard's id.
    pub guard: String,
    /// Each must turn it red.
    #[serde(default)]
    pub fault: Vec<Fault>,
    /// Each must leave it green.
    #[serde(default)]
    pub near_miss: Vec<NearMiss>,
}

/// One fault.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The probe that must turn red.
    pub probe: String,
    /// The step at which it is made.
    pub step: String,
    /// The moment of that step.
    #[serde(default = "after")]
    pub moment: String,
    /// SQL that makes it.
    #[serde(default)]
    pub sql: String,
    /// What another session does meanwhile.
    #[serde(default)]
    pub beside: Option<Beside>,
    /// What is changed in the inputs document.
    #[serde(default)]
    pub input: Option<InputFault>,
    /// Exactly the offenders that the probe must name; absent: it is red by count or population.
    #[serde(default)]
    pub names: Option<Vec<String>>,
    /// Whether it takes away what the guard ranges over, so that an empty answer would look green.
    #[serde(default)]
    pub vacuity: bool,
    /// Whether the guard must be not measured over it, for what the probe names: it can't be told yet, or not by who asks.
    #[serde(default)]
    pub unmeasured: bool,
}

impl Fault {
    /// What is done, as the case says it.
    pub(crate) fn words(&self) -> String {
        if let Some(beside) = &self.beside {
            let words = format!("{}; beside, as {}: {}", self.sql.trim(), beside.login, beside.sql);
            return words.trim_start_matches("; ").to_owned();
        }
        match &self.input {
            None => self.sql.trim().to_owned(),
            Some(change) if self.sql.is_empty() => {
                format!("inputs {}{} := {}", change.key, change.pointer, change.json)
            }
            Some(change) => format!(
                "{}; inputs {}{} := {}",
                self.sql.trim(),
                change.key,
                change.pointer,
                change.json
            ),
        }
    }
}

/// What a session of its own does in a transaction that stays open while the guard is asked; it sees nothing of
/// what the rehearsal did.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// Who logs in.
    pub login: String,
    /// Statements after `begin`.
    pub sql: String,
}

/// A change of the inputs document.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputFault {
    /// The key.
    pub key: String,
    /// JSON pointer below the key; empty: the whole value.
    #[serde(default)]
    pub pointer: String,
    /// What stands there instead, as JSON; `null` below the key's top takes the member away.
    pub json: String,
}

/// Something close to a fault that is none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NearMiss {
    /// The step at which it is made.
    pub step: String,
    /// The moment of that step.
    #[serde(default = "after")]
    pub moment: String,
    /// SQL that makes it.
    #[serde(default)]
    pub sql: String,
    /// What another session does meanwhile.
    #[serde(default)]
    pub beside: Option<Beside>,
    /// What is changed in the inputs document.
    #[serde(default)]
    pub input: Option<InputFault>,
}

fn after() -> String {
    "after".to_owned()
}

/// Where a fault or near miss is made.
impl CaseFile {
    /// Faults of a step and moment.
    pub fn faults_at<'a>(&'a self, step: &'a str, moment: &'a str) -> impl Iterator<Item = &'a Fault> {
        self.fault
            .iter()
            .filter(move |fault| fault.step == step && fault.moment == moment)
    }

    /// Near misses of a step and moment.
    pub fn near_misses_at<'a>(
        &'a self,
        step: &'a str,
        moment: &'a str,
    ) -> impl Iterator<Item = &'a NearMiss> {
        self.near_miss
            .iter()
            .filter(move |near| near.step == step && near.moment == moment)
    }
}
