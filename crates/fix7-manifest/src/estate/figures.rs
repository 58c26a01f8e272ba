//! The figures of the reference estate at 1×: which are exact because others count on them, and which
//! only give the estate the character of the databases that it stands for.
//!
//! For: the set test, which reads each from the built database. Not for: the scaled estates. The fact to
//! know: a real database of this kind has 101 user triggers, fewer than the 166 births that the packages
//! count, so that its figures cannot all be this estate's; a characteristic is present at the number
//! written here, an exact figure at the number that the plan names.

/// How a figure came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The number is one that the plan states about the rehearsed estate itself.
    Exact,
    /// The number is one measured on another database, and is met here too.
    Met {
        /// Where it was met it says nothing more than that.
        measured: i64,
    },
    /// The number was measured on another database; here only the characteristic is present.
    Characteristic {
        /// What was measured there.
        measured: i64,
        /// Why it cannot or need not be the same here.
        because: &'static str,
    },
}

/// One figure, with the query that reads it: a single bigint.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// What is counted.
    pub name: &'static str,
    /// The number in this estate.
    pub count: i64,
    /// Where the number comes from.
    pub standing: Standing,
    /// The query.
    pub query: &'static str,
}
