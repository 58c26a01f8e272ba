//! What can't be encoded, and why.
//!
//! Not for: failed comparisons of digests, which are the caller's verdicts. The one fact to know: the
//! server's twins have no errors, they answer NULL for the same inputs.

/// An input that has no canonical encoding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A column name that is not `[a-z_][a-z0-9_]*` of at most 63 bytes.
    #[error(
        "column name `{name}` can't be encoded: expected 1 to 63 bytes of [a-z0-9_], not starting with a digit"
    )]
    Name {
        /// The name as given.
        name: String,
    },
    /// A column named twice in one row.
    #[error("column `{name}` stands twice in one row")]
    DuplicateColumn {
        /// The name.
        name: String,
    },
    /// A row without columns.
    #[error("a row without columns can't be encoded: expected one column at least")]
    NoColumns,
    /// U+0000, which no PostgreSQL text can hold.
    #[error("{place} holds U+0000 at byte {offset}, which no PostgreSQL text can hold")]
    Nul {
        /// Which input.
        place: String,
        /// Byte offset of the character.
        offset: usize,
    },
    /// A number that must be 1 or more.
    #[error("{what} is {found}: expected 1 or more")]
    NotPositive {
        /// Which number.
        what: &'static str,
        /// Its value.
        found: i64,
    },
    /// An ordinal that two items share.
    #[error("ordinal {ordinal} stands twice in one payload")]
    DuplicateOrdinal {
        /// The ordinal.
        ordinal: i32,
    },
    /// An identity that stands twice in a set.
    #[error("`{identity}` stands twice in one object set")]
    DuplicateIdentity {
        /// The identity.
        identity: String,
    },
    /// Text that is no PostgreSQL numeric.
    #[error(
        "`{text}` is no numeric: expected decimal digits with at most one point, `NaN`, `Infinity` or `-Infinity`"
    )]
    Numeric {
        /// The text.
        text: String,
    },
    /// A numeric outside the server's range.
    #[error(
        "a numeric of {integer} integer and {fraction} fractional digits is out of range: expected at most 131072 and 16383"
    )]
    NumericRange {
        /// Digits before the point.
        integer: usize,
        /// Digits after the point.
        fraction: usize,
    },
    /// A time outside the server's range.
    #[error("{micros} µs since 2000 is no timestamptz: expected 4714-11-24 BC up to the end of 294276")]
    TimestampRange {
        /// Microseconds since 2000-01-01T00:00:00Z.
        micros: i64,
    },
}

/// Text that is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is no {digest}: expected 64 lower-case hex digits")]
pub struct ParseDigestError {
    /// Name of the digest's type.
    pub digest: &'static str,
    /// The text, as given.
    pub found: String,
}
