//! An attack file: attempts against what the packages made, each with the shield that repels it.
//!
//! It holds no rule. The one fact to know: an attack is refused, or detected, or gains nothing; which
//! of the three is told by `refused` and `detect`, and never by both.

use serde::Deserialize;

/// `rehearsal/attacks/FAMILY.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttackFile {
    /// 1.
    pub format_version: u32,
    /// Name of the family; of its snapshot, too.
    pub family: String,
    /// What its attempts are after.
    pub title: String,
    /// The attempts.
    #[serde(default)]
    pub attack: Vec<Attack>,
}

/// One attempt.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// Unique in its family.
    pub id: String,
    /// What the attacker hopes for.
    pub what: String,
    /// The state in which it is tried.
    pub stage: Stage,
    /// Statements of the harness before it.
    #[serde(default)]
    pub arrange: Vec<String>,
    /// What is tried, in order.
    pub act: Vec<AttackAct>,
    /// How the server refuses the last act.
    #[serde(default)]
    pub refused: Option<Refused>,
    /// A query, empty before, that names what is wrong after the acts, a text a row.
    #[serde(default)]
    pub detect: Option<String>,
    /// What repels it.
    pub shield: Shield,
    /// Statements of the harness that lower the shield.
    pub lower: Vec<String>,
    /// A query that has a row only if the attacker got what they hoped for.
    pub gain: String,
}

/// One statement of the attacker.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttackAct {
    /// Who: `owner`, `harness`, a persona, or a role.
    pub persona: String,
    /// What.
    pub sql: String,
}

/// In which state an attack is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// After the acts of the packages.
    Sealed,
    /// After the acts of the steps that no package lists.
    Activated,
    /// In the state of the last step.
    Cutover,
}

/// The refusal that is expected of the last act.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// SQLSTATE.
    pub sqlstate: String,
    /// Reason code; absent: none.
    #[serde(default)]
    pub reason: Option<String>,
    /// Constraint; absent: none.
    #[serde(default)]
    pub constraint: Option<String>,
}

/// What repels an attack.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shield {
    /// Kind.
    pub kind: String,
    /// The object that carries it.
    pub object: String,
    /// Its name.
    pub name: String,
}
