//! Faults that a seal or activation check must refuse, where they do not follow from a definition.
//!
//! Not for: the faults of rows, counts, ordinals and digests, which every surface has. The one fact to
//! know: a check without a fault is never a sole cause, and the rehearsal says so.

/// One fault, and the check that alone refuses it.
#[derive(Debug, Clone, Copy)]
pub struct CheckFault {
    /// Routine name of the check.
    pub check: &'static str,
    /// Reason code that it gives.
    pub reason: &'static str,
    /// Table that it names.
    pub object: &'static str,
    /// What is wrong, for the reviewer's table.
    pub what: &'static str,
    /// Checks that would refuse it too: they find nothing in all three runs [ruling A9].
    pub without: &'static [&'static str],
    /// SQL before all three runs; `{cp}` is the schema, `{draft}` the literal of the draft's id.
    pub arrange: &'static [&'static str],
    /// Where the fault lies.
    pub fault: Fault,
}

/// Where a fault lies.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// In a draft of this surface.
    Draft {
        /// Table of the surface.
        surface: &'static str,
        /// The statement, with `{cp}` and `{draft}`.
        change: &'static str,
        /// Whether digests and envelope are recomputed after it, as an honest author would.
        recompute: bool,
    },
    /// In what the activation finds: one change, with `{cp}`.
    State(&'static str),
    /// In what the activation names.
    Value {
        /// Column of the activation.
        column: &'static str,
        /// SQL literal, with `{cp}`.
        literal: &'static str,
        /// Columns in which the accepted activation differs from [`ActivationProbe::row`].
        given: &'static [(&'static str, &'static str)],
    },
}

/// An activation that every check accepts, typed as an insert.
#[derive(Debug, Clone, Copy)]
pub struct ActivationProbe {
    /// The table whose insert trigger runs the checks.
    pub table: &'static str,
    /// SQL that makes everything ready, with `{cp}`.
    pub base: &'static [&'static str],
    /// Columns and literals, with `{cp}`.
    pub row: &'static [(&'static str, &'static str)],
}
