//! A plan cut off after a package: what no package of those named has is not run, and not measured.
//!
//! Not for: parts of a package (`narrow`). The one fact to know: what is left of the packages is whole, so they can
//! pass; the packages behind them say that they were not measured.

use super::{Committed, Ground, LoadedPackage};
use std::collections::BTreeSet;

impl Committed {
    /// Leaves of it the packages up to the last of `wanted`, and the guards, faults and states that are due in their
    /// steps; all of it if none is wanted. Packets, reads and ways around are of packages that come later.
    #[must_use]
    pub fn up_to(mut self, wanted: &[String]) -> Self {
        let Some(last) = self.last_of(wanted) else {
            return self;
        };
        let kept = || self.packages[..=last].iter().map(|one| &one.package);
        let steps: BTreeSet<String> = kept().flat_map(|package| package.steps.clone()).collect();
        let ids: BTreeSet<String> = kept().map(|package| package.id.clone()).collect();
        let behind = self.packages[last + 1..].iter().map(|one| &one.package.id);
        let later = self.plan.later.iter().map(|one| &one.id);
        self.unasked = behind.chain(later).cloned().collect();
        self.plan.guard.retain(|cell| ids.contains(&cell.package));
        self.states
            .retain(|state| state.state.stands_on == Ground::Sealed && steps.contains(&state.state.step));
        self.plan.state = self.states.iter().map(|state| state.state.clone()).collect();
        for cases in self.guard_cases.values_mut() {
            cases.fault.retain(|fault| steps.contains(&fault.step));
            cases.near_miss.retain(|near| steps.contains(&near.step));
        }
        self.creation = None;
        self.packets.clear();
        self.bypass = None;
        self.scan = None;
        self
    }

    /// Whether an operator's packet is run.
    pub(crate) fn has_packets(&self) -> bool {
        self.creation.is_some() || !self.packets.is_empty()
    }

    /// Where the last of these packages stands; nowhere if none is named.
    pub(crate) fn last_of(&self, wanted: &[String]) -> Option<usize> {
        let is_wanted = |one: &LoadedPackage| wanted.contains(&one.package.id);
        self.packages.iter().rposition(is_wanted)
    }

    /// Whether each package that is applied to a database is one of `wanted`, or stands before one.
    pub fn reaches_all_by(&self, wanted: &[String]) -> bool {
        self.last_of(wanted)
            .is_none_or(|last| last + 1 == self.packages.len())
    }
}
