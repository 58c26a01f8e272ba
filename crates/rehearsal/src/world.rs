//! Worlds: what the estate could be instead, and what each is expected to end in.
//!
//! In a world every attempt is made, under a savepoint. The codes of those that show a trap are
//! the world's outcome, and a rehearsal passes when each world ends as expected [ruling A1].

use serde::Deserialize;

/// `rehearsal/estate/worlds/worlds.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldsFile {
    /// 1.
    #[serde(default)]
    pub format_version: u32,
    /// The worlds.
    #[serde(default)]
    pub world: Vec<World>,
}

/// One world.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// Its name.
    pub id: String,
    /// What it stands for.
    #[serde(default)]
    pub title: String,
    /// SQL that turns the estate into it.
    #[serde(default)]
    pub delta_path: Option<String>,
    /// SHA-256 of that file; a delta without one is refused.
    #[serde(default)]
    pub delta_sha256: Option<String>,
    /// The file's text, once loaded.
    #[serde(skip)]
    pub delta: String,
    /// The codes that it must end in, in order.
    pub expected: Vec<String>,
    /// What is tried.
    #[serde(default)]
    pub attempt: Vec<Attempt>,
}

/// One try.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// Its name within the world.
    #[serde(default)]
    pub id: String,
    /// The code that it shows.
    pub code: String,
    /// Statements before it, as the harness.
    #[serde(default)]
    pub setup: String,
    /// Who tries.
    pub persona: String,
    /// What is tried.
    pub sql: String,
    /// Whether success shows the trap; otherwise refusal does.
    pub succeeds_means_trap: bool,
    /// The SQLSTATE of an honest refusal; any other means that nothing was tried.
    #[serde(default = "insufficient_privilege")]
    pub refused_with: String,
}

fn insufficient_privilege() -> String {
    "42501".to_owned()
}
