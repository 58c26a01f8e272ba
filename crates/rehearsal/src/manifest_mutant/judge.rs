//! The checks that mutants name, and the count of how they ended.
//!
//! The one fact to know: declared access is compared for one object with the same functions that the
//! access matrix asks, so a grant is noticed by what was declared and not by a second list.

use super::{ManifestCounts, MutantEnd, MutantOutcome};
use crate::engine::Run;
use crate::plan::{Committed, ManifestMutant, OWN_KINDS};
use crate::session::quote_literal;
use std::collections::BTreeSet;

/// Kinds of objects, the function that predicts, and the privileges.
const ACCESS: [(&str, &str, &[&str]); 3] = [
    ("schema", "has_schema_privilege", &["USAGE", "CREATE"]),
    (
        "relation",
        "has_table_privilege",
        &[
            "SELECT",
            "INSERT",
            "UPDATE",
            "DELETE",
            "TRUNCATE",
            "REFERENCES",
            "TRIGGER",
        ],
    ),
    ("routine", "has_function_privilege", &["EXECUTE"]),
];

/// The plan's checks and its declared access.
pub(super) struct Checks<'a> {
    committed: &'a Committed,
    allowed: BTreeSet<(&'a str, &'a str, &'a str, &'a str)>,
}

impl<'a> Checks<'a> {
    pub(super) fn new(committed: &'a Committed) -> Self {
        let allowed = committed.access.as_ref().map(|spec| spec.allowed());
        Self {
            committed,
            allowed: allowed.unwrap_or_default(),
        }
    }

    /// The query that must name the mutant.
    pub(super) fn sql(&self, mutant: &ManifestMutant) -> String {
        if OWN_KINDS.contains(&mutant.check.as_str()) {
            return self.access(&mutant.check, &mutant.object);
        }
        let checks = &self.committed.plan.mutant_check;
        checks
            .iter()
            .find(|check| check.name == mutant.check)
            .map(|check| check.sql.replace("{object}", &mutant.object))
            .unwrap_or_default()
    }

    /// Privileges on an object that are declared and not held, or the reverse.
    fn access(&self, kind: &str, object: &str) -> String {
        let Some((_, function, privileges)) = ACCESS.iter().find(|(of, _, _)| *of == kind) else {
            return String::new();
        };
        let roles = self.committed.access.iter().flat_map(|spec| &spec.roles);
        let cells: Vec<String> = roles
            .flat_map(|role| privileges.iter().map(move |privilege| (role, privilege)))
            .map(|(role, privilege)| {
                let declared = self.allowed.contains(&(kind, object, *privilege, role.as_str()));
                format!("({}, '{privilege}', {declared})", quote_literal(role))
            })
            .collect();
        format!(
            "select v.privilege || ' to ' || v.role from (values {}) v (role, privilege, declared) where pg_catalog.{function}(v.role, {}, v.privilege) is distinct from v.declared",
            cells.join(", "),
            quote_literal(object)
        )
    }
}

impl Run<'_> {
    /// Counts the mutants; those that survived are one finding.
    pub(super) fn judge_manifest(&mut self, ends: Vec<MutantOutcome>) {
        let mut counts = ManifestCounts {
            total: ends.len(),
            ..ManifestCounts::default()
        };
        let mut survivors = Vec::new();
        for MutantOutcome { words, end, .. } in &ends {
            match end {
                MutantEnd::Killed => counts.killed += 1,
                MutantEnd::Refused(_) => {
                    counts.killed += 1;
                    counts.refused += 1;
                }
                MutantEnd::Equivalent => counts.equivalent += 1,
                MutantEnd::Survived(why) => survivors.push(format!("{words}: {why}")),
            }
        }
        counts.survivors = survivors.len();
        if let Some(first) = survivors.first() {
            let message = format!(
                "{} of {} manifest mutants: {first}",
                survivors.len(),
                counts.total
            );
            let package = self.proving_package();
            self.finding("MANIFEST_MUTANT_SURVIVED", package, message, survivors);
        }
        self.outcome.mutants.manifest = Some(counts);
        self.outcome.manifest_mutants = ends;
    }
}
