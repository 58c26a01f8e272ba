//! The delegation: the one input that lets a lane run, and that can ask for nothing more.
//!
//! Not for: who gave it, which a file can't show. The one fact to know: whatever stands in it is looked at, keys
//! as well as values, so a request that the format has no field for is found by its words.

use crate::code::{
    DELEGATION_ASKS_FORBIDDEN, DELEGATION_HOLDS_CREDENTIAL, DELEGATION_MALFORMED, DELEGATION_MISSING,
    DELEGATION_OTHER, DELEGATION_TARGET, Refusal,
};
use manifest_model::{ForbiddenSurface, LaneDesign};
use serde::Deserialize;

/// The only target that a lane has.
pub(crate) const TARGET: &str = "throwaway";
const NAME: &str = "delegation";

/// A delegation that was judged good.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delegation {
    /// 1.
    pub format_version: u32,
    /// The lane that it is for.
    pub lane: String,
    /// The gate that it opens.
    pub gate: String,
    /// What was delegated.
    pub delegation: String,
    /// The authority that comes with it.
    pub authority: String,
    /// Who delegated.
    pub delegated_by: String,
    /// `throwaway`.
    pub target: String,
    /// Surfaces that it asks for: none.
    pub asks: Vec<String>,
}

/// The surface that a word asks for: whole, whatever the case and the separators.
pub fn asked_for(design: &LaneDesign, word: &str) -> Option<&'static ForbiddenSurface> {
    let spelt = |text: &str| {
        text.trim_start_matches('-')
            .trim()
            .to_lowercase()
            .replace(['_', ' ', '.', '/'], "-")
    };
    let words: Vec<String> = word
        .split('=')
        .map(spelt)
        .filter(|word| !word.is_empty())
        .collect();
    design.forbidden.iter().find(|surface| {
        let id = spelt(surface.id);
        words
            .iter()
            .any(|word| *word == id || surface.asked_by.contains(&word.as_str()))
    })
}

/// Reads a delegation; `credential` says whether a text holds one.
pub fn judge(
    design: &LaneDesign,
    text: Option<&str>,
    credential: &dyn Fn(&str) -> bool,
) -> Result<Delegation, Vec<Refusal>> {
    let gate = design.gate;
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        let message = format!(
            "expected `{}`, found none; without it {} stays shut",
            gate.satisfied_by, gate.id
        );
        return Err(vec![Refusal::new(DELEGATION_MISSING, NAME, &message)]);
    };
    // First, so that nothing below repeats it.
    if credential(text) {
        let message =
            "it holds what looks like a credential, which no delegation needs; it is not repeated here";
        return Err(vec![Refusal::new(DELEGATION_HOLDS_CREDENTIAL, NAME, message)]);
    }
    let malformed = |why: &str| vec![Refusal::new(DELEGATION_MALFORMED, NAME, why)];
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| malformed(error.message()))?;
    let asks = asks(design, &toml::Value::Table(table.clone()));
    if !asks.is_empty() {
        return Err(asks);
    }
    let found: Delegation = table
        .try_into()
        .map_err(|error: toml::de::Error| malformed(error.message()))?;
    let mut refusals = Vec::new();
    for (what, expected, found) in [
        ("lane", design.id, &found.lane),
        ("gate", gate.id, &found.gate),
        ("delegation", gate.satisfied_by, &found.delegation),
        ("authority", gate.authority, &found.authority),
    ] {
        if found != expected {
            let message = format!("expected `{expected}`, found `{found}`");
            refusals.push(Refusal::new(DELEGATION_OTHER, what, &message));
        }
    }
    if found.target != TARGET {
        let message = format!("expected `{TARGET}`, found `{}`", found.target);
        refusals.push(Refusal::new(DELEGATION_TARGET, "target", &message));
    }
    if let Some(ask) = found.asks.first() {
        let message = format!("expected that it asks for nothing, found `{ask}`");
        refusals.push(Refusal::new(DELEGATION_ASKS_FORBIDDEN, "asks", &message));
    }
    if found.format_version != 1 {
        let message = format!("expected format_version 1, found {}", found.format_version);
        refusals.push(Refusal::new(DELEGATION_MALFORMED, NAME, &message));
    }
    if refusals.is_empty() {
        Ok(found)
    } else {
        Err(refusals)
    }
}

/// Every forbidden surface that a key or a value asks for, once.
fn asks(design: &LaneDesign, value: &toml::Value) -> Vec<Refusal> {
    let mut words = Vec::new();
    collect(value, &mut words);
    let mut refusals: Vec<Refusal> = Vec::new();
    for word in words {
        if let Some(surface) = asked_for(design, &word)
            && !refusals.iter().any(|refusal| refusal.subject == surface.id)
        {
            let message = format!("`{word}` asks for it: {}", surface.title);
            refusals.push(Refusal::new(DELEGATION_ASKS_FORBIDDEN, surface.id, &message));
        }
    }
    refusals
}

fn collect(value: &toml::Value, words: &mut Vec<String>) {
    match value {
        toml::Value::String(text) => words.push(text.clone()),
        toml::Value::Array(values) => values.iter().for_each(|value| collect(value, words)),
        toml::Value::Table(keys) => {
            for (key, value) in keys {
                words.push(key.clone());
                collect(value, words);
            }
        }
        _ => {}
    }
}
