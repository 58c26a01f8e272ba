//! Constraints and indexes, each named.
//!
//! Not for: rendering. The one fact to know: a CHECK carries the values that it must reject, because
//! a constraint without a negative test can't be authored [issue: typed manifests; ruling A9].

/// A named constraint of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Constraint {
    /// Name, at most 63 bytes, never empty.
    pub name: &'static str,
    /// What it demands.
    pub rule: Rule,
}

/// What a constraint demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Primary key over these columns.
    PrimaryKey(&'static [&'static str]),
    /// Unique over these columns.
    Unique(&'static [&'static str]),
    /// Foreign key to a table of the same schema.
    ForeignKey {
        /// Referencing columns.
        columns: &'static [&'static str],
        /// Referenced table.
        table: &'static str,
        /// Referenced columns, a key of that table.
        references: &'static [&'static str],
        /// When it is checked, and what happens on delete and update.
        deferral: Deferral,
    },
    /// CHECK; `expression` in exactly the form in which the server prints it [ruling B2].
    Check {
        /// With its outer parentheses: `(n > 0)`.
        expression: &'static str,
        /// At least one.
        rejects: &'static [Reject],
    },
}

/// When a foreign key is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deferral {
    /// `ON UPDATE RESTRICT ON DELETE RESTRICT`, NOT DEFERRABLE [guard G-EVIDENCE-FK].
    Restrict,
    /// NO ACTION, `DEFERRABLE INITIALLY DEFERRED`; added in S08.
    Deferred,
}

/// One violation of a CHECK: a valid row in which one column is set to a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reject {
    /// What is wrong, for the reviewer's table: `gate_no is 0`.
    pub what: &'static str,
    /// The column.
    pub column: &'static str,
    /// SQL literal that breaks the CHECK, and no other.
    pub literal: &'static str,
    /// Columns and literals in which the valid row differs from the probe row.
    pub given: &'static [(&'static str, &'static str)],
}

/// A value that a CHECK rejects.
pub const fn reject(what: &'static str, column: &'static str, literal: &'static str) -> Reject {
    Reject {
        what,
        column,
        literal,
        given: &[],
    }
}

impl Reject {
    /// Sets what the valid row has otherwise than the probe row, so that no other CHECK refuses.
    #[must_use]
    pub const fn given(mut self, set: &'static [(&'static str, &'static str)]) -> Self {
        self.given = set;
        self
    }
}

/// A further index, beside those of the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// Name, at most 63 bytes.
    pub name: &'static str,
    /// Columns in order.
    pub columns: &'static [&'static str],
}

/// A primary key.
pub const fn primary_key(name: &'static str, columns: &'static [&'static str]) -> Constraint {
    Constraint {
        name,
        rule: Rule::PrimaryKey(columns),
    }
}

/// A unique key.
pub const fn unique(name: &'static str, columns: &'static [&'static str]) -> Constraint {
    Constraint {
        name,
        rule: Rule::Unique(columns),
    }
}

/// A RESTRICT/RESTRICT, not deferrable foreign key.
pub const fn foreign_key(
    name: &'static str,
    columns: &'static [&'static str],
    table: &'static str,
    references: &'static [&'static str],
) -> Constraint {
    Constraint {
        name,
        rule: Rule::ForeignKey {
            columns,
            table,
            references,
            deferral: Deferral::Restrict,
        },
    }
}

/// A CHECK with the values that it rejects.
pub const fn check(name: &'static str, expression: &'static str, rejects: &'static [Reject]) -> Constraint {
    Constraint {
        name,
        rule: Rule::Check { expression, rejects },
    }
}
