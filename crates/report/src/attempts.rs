//! Attempts of two packets: attacks on the sealed plane, and ways around the cutover.
//!
//! The one fact to know: how an attempt ended is prose where it was repelled and a code where it was not, so a
//! code that says SUCCEEDED is what is newly accepted, and any other is another verdict.

use crate::compare::{Change, Kind};
use crate::ways::ways;
use evidence::{Contents, is_code};
use std::collections::BTreeMap;

/// How an attempt ended, and what saw to it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Attempt {
    what: String,
    ended: String,
    by: String,
    /// Whether the guard saw a way opened; none for an attack, which a shield repels and no guard watches.
    seen: Option<bool>,
}

impl Attempt {
    fn told(&self) -> String {
        match self.seen {
            None => format!("{} by {}", self.ended, self.by),
            Some(true) => format!("{}, seen by {}", self.ended, self.by),
            Some(false) => format!("{}, not seen by {}", self.ended, self.by),
        }
    }
}

/// Adds what differs.
pub(crate) fn attempts(here: &Contents, base: &Contents, changes: &mut Vec<Change>) {
    let (mine, theirs) = (of(here), of(base));
    for (subject, now) in &mine {
        let before = theirs.get(subject);
        if before == Some(now) {
            continue;
        }
        changes.push(Change {
            kind: kind(before, now),
            subject: subject.clone(),
            what: now.what.clone(),
            base: before.map_or_else(|| "not tried".to_owned(), Attempt::told),
            here: now.told(),
        });
    }
    for (subject, before) in theirs.iter().filter(|(subject, _)| !mine.contains_key(*subject)) {
        changes.push(Change {
            kind: Kind::NoLongerTried,
            subject: subject.clone(),
            what: before.what.clone(),
            base: before.told(),
            here: "not tried".to_owned(),
        });
    }
}

fn kind(before: Option<&Attempt>, now: &Attempt) -> Kind {
    let is_unseen = now.seen == Some(false) && before.is_none_or(|before| before.seen != Some(false));
    match (before.map(|before| is_code(&before.ended)), is_code(&now.ended)) {
        (_, true) if now.ended.ends_with("_SUCCEEDED") => Kind::NewlyAccepted,
        (_, true) => Kind::AnotherVerdict,
        (_, false) if is_unseen => Kind::NewlySurviving,
        // What can only be noticed is let pass, here as on the base.
        (None | Some(true), false) if now.ended.starts_with("accepted") => Kind::AnotherVerdict,
        (None | Some(true), false) => Kind::NewlyRejected,
        (Some(false), false) => Kind::AnotherCause,
    }
}

fn of(contents: &Contents) -> BTreeMap<String, Attempt> {
    let attacks = contents.exhibits.iter().flat_map(|exhibits| &exhibits.attacks);
    let mut found: BTreeMap<String, Attempt> = attacks
        .map(|line| {
            let attempt = Attempt {
                what: line.personas.clone(),
                ended: line.ended.clone(),
                by: line.shield.clone(),
                seen: None,
            };
            (format!("attack {}/{}", line.family, line.id), attempt)
        })
        .collect();
    found.extend(ways(contents).unwrap_or_default().into_iter().map(|way| {
        let attempt = Attempt {
            what: String::new(),
            ended: way.ended,
            by: format!("{} {}", way.guard, way.probe),
            seen: Some(way.seen),
        };
        (format!("way around {}/{}", way.vector, way.id), attempt)
    }));
    found
}
