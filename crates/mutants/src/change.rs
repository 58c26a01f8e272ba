//! What a mutant is: the changed definition, in the words of the manifests, and what must turn red.

use manifest_model::{AccessGrant, Domain, Routine, TableDef};

/// One changed definition.
#[derive(Debug, Clone)]
pub enum Change {
    /// A table, expanded: before and after.
    Table(Box<TableDef>, Box<TableDef>),
    /// A domain.
    Domain(Domain),
    /// A routine.
    Routine(Routine),
    /// A grant more.
    GrantAdded(AccessGrant),
    /// A grant less.
    GrantLeftOut(AccessGrant),
    /// Another role owns every object.
    Owner(&'static str),
}

/// What must notice it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Red {
    /// The exact set of #20 names this object of this relation, domain or routine.
    ExactSet {
        /// Table, domain or routine.
        relation: String,
        /// Column, constraint, index, trigger, or a routine's identity.
        name: String,
    },
    /// The source digest that #20 has of this routine is not that of the routine itself.
    Source {
        /// Its identity.
        routine: String,
    },
    /// The declared access of this object is not what the server answers.
    Access {
        /// `schema`, `relation`, `routine`.
        kind: &'static str,
        /// Qualified.
        object: String,
        /// `EXECUTE to public`.
        answer: String,
    },
}

/// A mutant of the manifests.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// The file that lists it: a table's name, `domains`, `routines`, `roles`.
    pub file: &'static str,
    /// What is changed, as the manifests call it: `surface #07 policy_rule_manifest`.
    pub subject: String,
    /// `FILE/OPERATOR/WHAT`, stable.
    pub id: String,
    /// The change, as a reviewer would say it: `column rule nullable flipped`.
    pub words: String,
    /// The definition.
    pub change: Change,
    /// What must notice it.
    pub red: Red,
    /// SQLSTATEs with which the server may refuse the mutated definition itself, which notices it too.
    pub or_refused: &'static [&'static str],
}
