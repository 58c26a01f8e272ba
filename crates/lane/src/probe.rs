//! What an answer to a request that must be refused may be, and what it may not.
//!
//! Not for: sending one. The one fact to know: the judge is shown an answer that accepts, from the same door, in
//! every run; if it has nothing against that, its silence about the others means nothing.

use crate::code::{
    PROBE_ACCEPTED, PROBE_CONTROL_REFUSED, PROBE_LEAKED, PROBE_SEALED, PROBE_TWIN_UNNOTICED,
    PROBE_WITHOUT_CODE, Refusal,
};
use serde::{Deserialize, Serialize};

/// Words by which commands say that something passed, verified or was sealed.
pub const SEAL_TOKENS: &[&str] = &[
    "PASS",
    "VERIFIED",
    "START",
    "APPLIED",
    "\"pass\"",
    "evidence: tree",
    "lane: tree",
];

/// A request that must be refused, and how it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Through which door.
    pub door: String,
    /// What, with places instead of paths.
    pub request: String,
    /// The code that must be answered.
    pub expects: String,
    /// Whether it was refused, by that code, without a token and without a leak.
    pub refused: bool,
}

/// A request that is permitted, through the same door.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// Through which door.
    pub door: String,
    /// What.
    pub request: String,
    /// Whether it was accepted.
    pub accepted: bool,
    /// Codes that the judge has against its answer, were it the answer to a probe.
    pub noticed: Vec<String>,
}

/// How a command ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its exit code; none if a signal ended it.
    pub exit_code: Option<i32>,
    /// Both outputs.
    pub said: String,
}

/// What speaks against an answer to a probe that must be refused by `expects`.
pub fn judge(expects: &str, secrets: &[&str], answer: &Answer) -> Vec<Refusal> {
    let against = |code: &str, message: &str| Refusal::new(code, expects, message);
    let mut refusals = Vec::new();
    match answer.exit_code {
        Some(1..=3) => {}
        Some(0) => refusals.push(against(PROBE_ACCEPTED, "expected a refusal, found exit code 0")),
        other => refusals.push(against(
            PROBE_WITHOUT_CODE,
            &format!("expected exit code 1 to 3, found {other:?}"),
        )),
    }
    if !has_token(&answer.said, expects) {
        let said: String = answer.said.chars().take(200).collect();
        let said = if secrets.iter().any(|secret| said.contains(secret)) {
            "(not shown)"
        } else {
            &said
        };
        refusals.push(against(
            PROBE_WITHOUT_CODE,
            &format!("expected the code `{expects}`, found `{said}`"),
        ));
    }
    if let Some(token) = SEAL_TOKENS.iter().find(|token| has_token(&answer.said, token)) {
        refusals.push(against(PROBE_SEALED, &format!("its answer holds `{token}`")));
    }
    if secrets.iter().any(|secret| answer.said.contains(secret)) {
        refusals.push(against(PROBE_LEAKED, "its answer repeats a secret"));
    }
    refusals
}

/// Whether an answer accepts: by its exit code, or by saying so.
pub fn is_acceptance(answer: &Answer) -> bool {
    answer.exit_code == Some(0) || SEAL_TOKENS.iter().any(|token| has_token(&answer.said, token))
}

/// The answer to a permitted request, and what the judge has against it, were it the answer to a probe.
pub fn judge_control(door: &str, request: &str, answer: &Answer) -> (Control, Vec<Refusal>) {
    let control = Control {
        door: door.to_owned(),
        request: request.to_owned(),
        accepted: is_acceptance(answer),
        noticed: judge("A_CODE_THAT_NOBODY_GIVES", &[], answer)
            .into_iter()
            .map(|refusal| refusal.code)
            .filter(|code| [PROBE_ACCEPTED, PROBE_SEALED].contains(&code.as_str()))
            .collect(),
    };
    let mut refusals = Vec::new();
    if !control.accepted {
        let said: String = answer.said.chars().take(400).collect();
        let message = format!(
            "expected that `{request}` is accepted, found exit code {:?}: {said}",
            answer.exit_code
        );
        refusals.push(Refusal::new(PROBE_CONTROL_REFUSED, door, &message));
    }
    if control.noticed.is_empty() {
        let message = "an answer that accepts would not be noticed there";
        refusals.push(Refusal::new(PROBE_TWIN_UNNOTICED, door, message));
    }
    (control, refusals)
}

/// Whether `token` stands in `text` as a word of its own.
pub fn has_token(text: &str, token: &str) -> bool {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.match_indices(token).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + token.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}
