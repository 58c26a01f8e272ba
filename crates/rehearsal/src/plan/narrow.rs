//! A plan narrowed to what an author is working on: tables, guards, single tests.
//!
//! Not for: evidence. The one fact to know: what was left out is not measured, so a narrowed rehearsal never
//! passes, however green.

use super::{Committed, Ground, NegativeSpec};
use thiserror::Error;

/// A name that the plan lacks.
#[derive(Debug, Error)]
#[error(
    "the plan has no `{name}`: expected a table (`{table}`), a guard (`{guard}`), or a negative test or the beginning of its id (`{test}`)"
)]
pub struct UnknownSubject {
    name: String,
    table: String,
    guard: String,
    test: String,
}

impl Committed {
    /// Whether nothing was left out.
    pub fn is_whole(&self) -> bool {
        self.only.is_empty()
    }

    /// Leaves of it what `wanted` name, and what that stands on: the packages, the acts, and the states that
    /// their guards run in.
    pub fn narrowed(mut self, wanted: &[String]) -> Result<Self, UnknownSubject> {
        self.demand_known_subjects(wanted)?;
        let is_wanted = |id: &str| wanted.iter().any(|name| names(name, id));
        self.negatives.retain_mut(|spec| {
            let whole = is_wanted(spec.table()) || is_wanted(&spec.object);
            for group in &mut spec.group {
                group.test.retain(|test| whole || is_wanted(&test.id));
            }
            spec.group.retain(|group| !group.test.is_empty());
            !spec.group.is_empty()
        });
        self.plan.guard.retain(|cell| is_wanted(&cell.id));
        for state in &mut self.states {
            state.state.guard.retain(|cell| is_wanted(&cell.id));
        }
        // What a state remembers is told to guards of later ones.
        let last = self
            .states
            .iter()
            .rposition(|state| !state.state.guard.is_empty());
        self.states.truncate(last.map_or(0, |at| at + 1));
        self.plan.state = self.states.iter().map(|state| state.state.clone()).collect();
        self.guard_cases.retain(|guard, _| is_wanted(guard));
        let activates = self
            .states
            .iter()
            .any(|state| state.state.stands_on == Ground::Activated);
        let packages = &self.plan.package;
        self.acts
            .retain(|(step, _)| activates || packages.iter().any(|package| package.steps.contains(step)));
        self.attacks.clear();
        self.mutants.clear();
        if let Some(file) = &mut self.bypass {
            file.bypass.retain(|one| is_wanted(&one.guard));
        }
        self.bypass = self.bypass.take().filter(|file| !file.bypass.is_empty());
        self.access = None;
        self.worlds.world.clear();
        self.only = wanted.to_vec();
        Ok(self)
    }

    /// Each of `wanted` is in the plan.
    pub fn demand_known_subjects(&self, wanted: &[String]) -> Result<(), UnknownSubject> {
        match wanted.iter().find(|name| !self.has(name)) {
            None => Ok(()),
            Some(name) => Err(self.unknown(name)),
        }
    }

    fn has(&self, name: &str) -> bool {
        let tables = self
            .negatives
            .iter()
            .any(|spec| names(name, spec.table()) || names(name, &spec.object));
        let tests = || self.negatives.iter().flat_map(NegativeSpec::tests);
        let states = self.plan.state.iter().flat_map(|state| &state.guard);
        tables
            || tests().any(|test| names(name, &test.id))
            || self.plan.guard.iter().any(|cell| names(name, &cell.id))
            || states.into_iter().any(|cell| names(name, &cell.id))
    }

    fn unknown(&self, name: &str) -> UnknownSubject {
        let spec = self.negatives.first();
        let test = spec.and_then(|spec| spec.tests().next());
        UnknownSubject {
            name: name.to_owned(),
            table: spec.map(|spec| spec.table().to_owned()).unwrap_or_default(),
            guard: self
                .plan
                .guard
                .first()
                .map(|cell| cell.id.clone())
                .unwrap_or_default(),
            test: test.map(|test| test.id.clone()).unwrap_or_default(),
        }
    }
}

/// Whether `name` is `id`, or whole parts of it from its beginning.
fn names(name: &str, id: &str) -> bool {
    match id.get(..name.len()) {
        Some(head) if head.eq_ignore_ascii_case(name) => {
            matches!(id.as_bytes().get(name.len()), None | Some(b'/'))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_name_is_whole_parts_of_an_id() {
        assert!(names("page/check", "page/check/no"));
        assert!(names("g-files", "G-FILES"));
        assert!(!names("page/ch", "page/check/no"));
        assert!(!names("G-FILE", "G-FILES"));
        assert!(!names("page/check/no/more", "page/check/no"));
    }
}
