//! Edges between the legacy path and what lives on that no privilege shows: PKG-D is no-go while one stands [ruling A12].
//!
//! Not for: the other ways in, which G-NOLEGACY-POST and G-LEGACY-FROZEN look for where the cutover is rehearsed. The one
//! fact to know: nobody mends them but a DBA on the live database, since a rehearsal that did would pass for it.

use std::collections::BTreeSet;

use capture::{Capture, Constraint};
use rehearsal::Finding;

use crate::repoint::finding;

/// What writes to a table that refers when the one that it refers to changes.
const ACTIONS: [&str; 3] = ["cascade", "set null", "set default"];

/// A finding for each kind of edge that is there; `members` are identities of the sealed set.
pub(crate) fn find(here: &Capture, members: &BTreeSet<String>) -> Vec<Finding> {
    let facts = here.facts();
    let triggers = facts.triggers.trigger.iter();
    let triggers = triggers
        .filter(|trigger| members.contains(&trigger.function) && !members.contains(&trigger.on))
        .map(|trigger| {
            format!(
                "trigger {} on {} runs {}",
                trigger.name, trigger.on, trigger.function
            )
        });
    let of_events = facts.database.event_trigger.iter();
    let of_events = of_events
        .filter(|trigger| members.contains(&trigger.function))
        .map(|trigger| format!("event trigger {} runs {}", trigger.name, trigger.function));
    let keys = facts.constraints.constraint.iter();
    let keys = keys.filter_map(|key| action_into_live(key, members));
    let mut findings = Vec::new();
    for (code, message, details) in [
        (
            "FIRES_WITHOUT_EXECUTE",
            "legacy routines are run by triggers outside the sealed set, which ask nobody for EXECUTE: revoked they would go on writing; a DBA drops or rewrites the triggers first",
            triggers.chain(of_events).collect::<Vec<_>>(),
        ),
        (
            "FK_ACTION_INTO_LIVE",
            "keys of legacy tables act when a live table's row goes or changes, which a frozen table would refuse; a DBA takes the keys or their actions away first",
            keys.collect(),
        ),
    ] {
        if !details.is_empty() {
            findings.push(finding(code, message.to_owned(), details));
        }
    }
    findings
}

fn action_into_live(key: &Constraint, members: &BTreeSet<String>) -> Option<String> {
    let live = key.references.as_ref().filter(|live| !members.contains(*live))?;
    let acts = |action: &Option<String>| action.as_deref().is_some_and(|word| ACTIONS.contains(&word));
    let is_edge = members.contains(&key.on) && (acts(&key.on_delete) || acts(&key.on_update));
    is_edge.then(|| format!("{} on {}, to {live}: {}", key.name, key.on, key.definition))
}
