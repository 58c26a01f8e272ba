//! Attacks: what somebody could try against a sealed control plane, and what is to repel it.
//!
//! Not for: trying them (`rehearsal`), or the attacks of a control plane (its manifest). The one fact to
//! know: an attack names the one shield that repels it and how to lower that shield; with it lowered the
//! same statements must reach their gain, or the attempt proved nothing.

use std::collections::BTreeSet;

use crate::control_plane::ControlPlane;

/// Attempts of one kind.
#[derive(Debug, Clone, Copy)]
pub struct AttackFamily {
    /// `signoff`.
    pub id: &'static str,
    /// What the attempts are after, in one sentence.
    pub title: &'static str,
    /// The attempts that are written out.
    pub attacks: &'static [Attack],
    /// Those that follow from the columns of the surfaces; none in most families.
    pub fields: Option<FieldAttacks>,
    /// File that defines it.
    pub source: &'static str,
}

/// Where the digests of all items are seen, for attempts on each of their fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldAttacks {
    /// View over the items of all surfaces, a branch each in their order, with `recomputed_sha256`.
    pub items: &'static str,
    /// View over the sealed version of each surface.
    pub sealed: &'static str,
}

/// One attempt. Statements may hold the placeholders of routine bodies, such as `{cp}`.
#[derive(Debug, Clone, Copy)]
pub struct Attack {
    /// Unique in its family: a sentence in snake case.
    pub id: &'static str,
    /// What the attacker hopes for, in one sentence.
    pub what: &'static str,
    /// The state in which it is tried.
    pub stage: AttackStage,
    /// Statements of the harness before it: what the attacker finds or was given.
    pub arrange: &'static [&'static str],
    /// Persona and statement, in order; what is refused is the last.
    pub acts: &'static [(&'static str, &'static str)],
    /// How it ends with the shield in place.
    pub repelled: Repelled,
    /// What repels it.
    pub shield: Shield,
    /// Statements of the harness that lower exactly that.
    pub lower: &'static [&'static str],
    /// A query that has a row if, and only if, the attacker got what they hoped for.
    pub gain: &'static str,
}

/// The state in which an attack is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttackStage {
    /// All versions are sealed, none is active.
    Sealed,
    /// The first set is active.
    Activated,
    /// Everything is cut over and frozen: S19.
    Cutover,
}

impl AttackStage {
    /// As the committed file writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Activated => "activated",
            Self::Cutover => "cutover",
        }
    }
}

/// How an attack ends with the shield in place.
#[derive(Debug, Clone, Copy)]
pub enum Repelled {
    /// The last act is refused for want of a privilege.
    Denied,
    /// The last act is refused with this reason code.
    Refused(&'static str),
    /// The last act is refused by the server with this SQLSTATE.
    Sqlstate(&'static str),
    /// The last act is refused by a constraint: SQLSTATE and name.
    Constraint(&'static str, &'static str),
    /// Every act is accepted, and this query, empty before, then names what is wrong, a text a row.
    Detected(&'static str),
    /// Every act is accepted and gains nothing.
    GainsNothing,
}

/// What repels an attack.
#[derive(Debug, Clone, Copy)]
pub struct Shield {
    /// `privilege`, `trigger`, `constraint`, `check`, `view`, `routine`, `encoding`.
    pub kind: &'static str,
    /// The object that carries it.
    pub object: &'static str,
    /// Its name there.
    pub name: &'static str,
}

/// A shield.
pub const fn shield(kind: &'static str, object: &'static str, name: &'static str) -> Shield {
    Shield { kind, object, name }
}

/// What makes an attack unfit to be authored: file, item, what is wrong.
pub(crate) fn unfit(plane: &ControlPlane) -> impl Iterator<Item = (&'static str, String, String)> {
    let known = |persona: &str| {
        ["harness", "owner", plane.application_role].contains(&persona)
            || plane.personas.iter().any(|known| known.name == persona)
            || plane.roles.iter().any(|role| role.name == persona)
    };
    let mut found = Vec::new();
    let mut ids = BTreeSet::new();
    let attempts = plane.attacks.iter().flat_map(|family| {
        let attacks = family.attacks.iter();
        attacks.map(move |attack| (family.id, family.source, attack, false))
    });
    let vectors = plane
        .bypasses
        .iter()
        .map(|bypass| (bypass.vector, bypass.source, &bypass.attempt, bypass.noticed));
    for (of, source, attack, noticed) in attempts.chain(vectors) {
        {
            let item = format!("{of}/{}", attack.id);
            let mut add = |what: String| found.push((source, item.clone(), what));
            if !ids.insert(item.clone()) {
                add("expected an id of its own, found it twice".to_owned());
            }
            for (persona, _) in attack.acts.iter().filter(|(persona, _)| !known(persona)) {
                add(format!(
                    "expected a persona or role of the control plane, found `{persona}`"
                ));
            }
            for (what, empty) in [
                ("an act", attack.acts.is_empty()),
                (
                    "a statement that lowers the shield",
                    attack.lower.is_empty() && !noticed,
                ),
                ("a query for the gain", attack.gain.is_empty()),
            ] {
                if empty {
                    add(format!("expected {what}, found none"));
                }
            }
            if let Repelled::Refused(code) = attack.repelled
                && plane.reason(code).is_none()
            {
                add(format!(
                    "expected a reason code of the control plane, found `{code}`"
                ));
            }
        }
    }
    found.into_iter()
}
