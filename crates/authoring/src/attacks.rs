//! Attack files: what a rehearsal tries against the sealed control plane, one file a family.
//!
//! Not for: trying it (`rehearsal`). The one fact to know: an attack is a statement that people review
//! like any other, so it is written out in full, with its shield, how to lower it, and the gain.

use manifest_model::{Attack, AttackFamily, ControlPlane, Repelled};
use serde::Serialize;
use sql_render::routine::fill;

use crate::field_attacks;
use crate::files::Files;
use crate::index::toml_text;

/// Where they lie.
pub const FOLDER: &str = "rehearsal/attacks/";

#[derive(Serialize)]
struct AttackFile {
    format_version: u32,
    family: String,
    title: String,
    attack: Vec<Entry>,
}

/// An attempt as it is written.
#[derive(Serialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) what: String,
    pub(crate) stage: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) arrange: Vec<String>,
    pub(crate) lower: Vec<String>,
    pub(crate) gain: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detect: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<Refused>,
    pub(crate) shield: Shield,
    pub(crate) act: Vec<Act>,
}

#[derive(Serialize)]
pub(crate) struct Act {
    pub(crate) persona: String,
    pub(crate) sql: String,
}

#[derive(Serialize)]
pub(crate) struct Refused {
    pub(crate) sqlstate: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) constraint: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Shield {
    pub(crate) kind: String,
    pub(crate) object: String,
    pub(crate) name: String,
}

/// Adds a file for each family of the control plane.
pub fn add(files: &mut Files, plane: &ControlPlane) {
    for family in plane.attacks {
        let file = AttackFile {
            format_version: 1,
            family: family.id.to_owned(),
            title: family.title.to_owned(),
            attack: entries(plane, family),
        };
        files.add(format!("{FOLDER}{}.toml", family.id), toml_text(&file));
    }
}

fn entries(plane: &ControlPlane, family: &AttackFamily) -> Vec<Entry> {
    let written = family.attacks.iter().map(|attack| entry(plane, attack));
    let derived = family
        .fields
        .iter()
        .flat_map(|views| field_attacks::entries(plane, views));
    written.chain(derived).collect()
}

/// As it is written.
pub(crate) fn entry(plane: &ControlPlane, attack: &Attack) -> Entry {
    let filled = |statements: &[&str]| statements.iter().map(|sql| fill(plane, sql)).collect();
    Entry {
        id: attack.id.to_owned(),
        what: attack.what.to_owned(),
        stage: attack.stage.as_str().to_owned(),
        arrange: filled(attack.arrange),
        lower: filled(attack.lower),
        gain: fill(plane, attack.gain),
        detect: match attack.repelled {
            Repelled::Detected(query) => Some(fill(plane, query)),
            _ => None,
        },
        refused: refused(plane, attack.repelled),
        shield: Shield {
            kind: attack.shield.kind.to_owned(),
            object: fill(plane, attack.shield.object),
            name: fill(plane, attack.shield.name),
        },
        act: attack
            .acts
            .iter()
            .map(|(persona, sql)| Act {
                persona: (*persona).to_owned(),
                sql: fill(plane, sql),
            })
            .collect(),
    }
}

fn refused(plane: &ControlPlane, repelled: Repelled) -> Option<Refused> {
    let refused = |sqlstate: &str, reason: Option<&str>, constraint: Option<&str>| Refused {
        sqlstate: sqlstate.to_owned(),
        reason: reason.map(str::to_owned),
        constraint: constraint.map(str::to_owned),
    };
    match repelled {
        Repelled::Denied => Some(refused("42501", None, None)),
        Repelled::Refused(code) => {
            let sqlstate = plane.reason(code).map_or("", |reason| reason.sqlstate);
            Some(refused(sqlstate, Some(code), None))
        }
        Repelled::Sqlstate(sqlstate) => Some(refused(sqlstate, None, None)),
        Repelled::Constraint(sqlstate, name) => Some(refused(sqlstate, None, Some(name))),
        Repelled::Detected(_) | Repelled::GainsNothing => None,
    }
}
