//! Who there is: principals, the humans behind them, the slots they hold, and what they may be asked to sign.
//!
//! Not for: keys (`signers`). The one fact to know: people are kept apart by human, never by principal, since
//! one human may have several.

use crate::code::{Code, Refusal};
use crate::parts::Person;
use std::collections::{BTreeMap, BTreeSet};

/// The sealed list of people.
#[derive(Debug, Clone, Default)]
pub struct People {
    principals: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    human: String,
    slots: BTreeSet<String>,
}

impl People {
    /// With one principal more; a second human for the same principal replaces the first, which the
    /// sealed list can't hold.
    #[must_use]
    pub fn with<'a>(
        mut self,
        principal: &str,
        human: &str,
        slots: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let entry = Entry {
            human: human.to_owned(),
            slots: slots.into_iter().map(str::to_owned).collect(),
        };
        self.principals.insert(principal.to_owned(), entry);
        self
    }

    /// The person behind a principal.
    pub fn person(&self, principal: &str) -> Option<Person> {
        self.principals.get(principal).map(|entry| Person {
            principal: principal.to_owned(),
            human: entry.human.clone(),
        })
    }

    /// Every principal's id.
    pub fn principals(&self) -> impl Iterator<Item = &str> {
        self.principals.keys().map(String::as_str)
    }

    /// Why somebody can't act in a slot; nothing if they can.
    pub(crate) fn judge(&self, role: &str, person: &Person, slot: &str) -> Option<Refusal> {
        let Person { principal, human } = person;
        let Some(entry) = self.principals.get(principal) else {
            let message =
                format!("{role} `{principal}` is no principal of the sealed list: expected one that it has");
            return Some(Code::PrincipalUnknown.because(message));
        };
        if entry.human != *human {
            let message = format!(
                "{role} `{principal}` is said to be `{human}`: expected `{}`, as sealed",
                entry.human
            );
            return Some(Code::HumanMismatch.because(message));
        }
        if !entry.slots.contains(slot) {
            let message = format!("{role} `{principal}` does not hold the slot `{slot}`: name one who does");
            return Some(Code::SlotNotHeld.because(message));
        }
        None
    }
}
