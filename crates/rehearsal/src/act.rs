//! Acts: what a step does that no migration does, each by somebody.
//!
//! An act is a statement by a persona that must be accepted, or refused with one SQLSTATE; or a
//! query whose rows are probes, judged by the same table as a guard.

use serde::Deserialize;

/// `rehearsal/steps/*.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActFile {
    /// 1; optional.
    #[serde(default)]
    pub format_version: Option<u32>,
    /// In order.
    #[serde(default)]
    pub act: Vec<Act>,
}

/// One act.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// What it is about, in a line; absent: the statement itself.
    #[serde(default)]
    pub name: Option<String>,
    /// Who acts: `owner`, `harness`, a persona, or a role.
    pub persona: String,
    /// The statement.
    pub sql: String,
    /// It must be refused with this SQLSTATE; it then leaves nothing behind.
    #[serde(default)]
    pub expect_sqlstate: Option<String>,
    /// Each row is a probe.
    #[serde(default)]
    pub probes: bool,
    /// The probes that must come back, each once and no other; an act of probes has them.
    #[serde(default)]
    pub expects: Vec<String>,
    /// Keeps the rows under this name.
    #[serde(default)]
    pub remember: Option<String>,
    /// The rows must equal those kept under this name.
    #[serde(default)]
    pub same_as: Option<String>,
    /// The rows must differ from those kept under this name.
    #[serde(default)]
    pub differs_from: Option<String>,
    /// Undone right after it was judged: a proof by trying.
    #[serde(default)]
    pub undo: bool,
}

impl Act {
    /// Whether its rows are what is judged.
    pub(crate) fn asks_for_rows(&self) -> bool {
        self.probes || self.remember.is_some() || self.same_as.is_some() || self.differs_from.is_some()
    }

    /// The name that a report prints.
    pub fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| {
            let line = self.sql.split_whitespace().collect::<Vec<_>>().join(" ");
            line.chars().take(96).collect()
        })
    }
}
