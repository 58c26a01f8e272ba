//! Who runs which file of the packet, for whoever rehearses it.
//!
//! Not for: what the files do. The one fact to know: the people are those of the first activation, so a rehearsal by acts
//! and one by parts are signed by the same.

use super::{SCOPE, Somebody, file, parts, people, quorum_slots, stage};
use crate::Sources;

/// Logins and files.
pub(crate) struct Cast {
    pub(crate) operator: String,
    pub(crate) verifier: String,
    /// Login and slot of each signer of a quorum.
    pub(crate) signers: Vec<(String, String)>,
    /// A login that may sign in no slot of it.
    pub(crate) stranger: String,
    /// Another login of the first signer's human, and a slot that it holds besides.
    pub(crate) same_human: Option<(String, String)>,
    pub(crate) create: String,
    pub(crate) evidence: String,
    pub(crate) signoff: String,
    pub(crate) activate: String,
    pub(crate) candidate: String,
    pub(crate) give_back: String,
    pub(crate) rollback: String,
}

/// The people of the first activation, by their logins.
pub(crate) fn cast(sources: &Sources<'_>) -> Cast {
    let plane = sources.plane;
    let login = |persona: &str| {
        let known = plane.personas.iter().find(|known| known.name == persona);
        known.map(|known| known.login.to_owned()).unwrap_or_default()
    };
    let first = plane.first_activation;
    let signers: Vec<(String, String)> = first
        .signers
        .iter()
        .map(|(persona, slot)| (login(persona), (*slot).to_owned()))
        .collect();
    let people = people(plane);
    let quorum = quorum_slots(plane);
    let held = |one: &Somebody| -> Option<String> {
        let slots = one.slots.iter().filter(|(_, scope)| scope == SCOPE);
        let mut slots = slots.filter(|(slot, _)| {
            quorum.contains(&slot.as_str()) && signers.first().is_none_or(|(_, own)| own != slot)
        });
        slots.next().map(|(slot, _)| slot.clone())
    };
    let human = |login: &str| people.iter().find(|one| one.login == login).map(|one| &one.human);
    let of_first = signers.first().and_then(|(login, _)| human(login));
    let same_human = people
        .iter()
        .filter(|one| Some(&one.human) == of_first && signers.iter().all(|(login, _)| *login != one.login))
        .find_map(|one| held(one).map(|slot| (one.login.clone(), slot)));
    Cast {
        operator: login(first.operator),
        verifier: login(first.verifier),
        stranger: login(first.operator),
        same_human,
        signers,
        create: file(stage::CREATE.name),
        evidence: file(stage::EVIDENCE.name),
        signoff: file(stage::SIGNOFF.name),
        activate: file(stage::ACTIVATE.name),
        candidate: file(stage::CANDIDATE.name),
        give_back: file(stage::RETURN.name),
        rollback: file(parts::ROLLBACK),
    }
}
