//! Rows as data: the items of a surface.
//!
//! Not for: digests (`canonical`) or SQL (`sql-render`). The one fact to know: an item's values are
//! positional, in the order of its surface's typed columns, and checked against them before anything
//! is authored.

/// One typed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum V {
    /// NULL.
    Null,
    /// Text, an item key or an uuid in text form.
    T(&'static str),
    /// Integer.
    I(i64),
    /// Numeric, as decimal text.
    N(&'static str),
    /// Boolean.
    B(bool),
    /// Bytes, as lower hex.
    X(&'static str),
    /// A decision that a person still owes. Blocks `author` [doc 07, PKG-A].
    UnknownRequiresReview(&'static str),
}

/// One item of a surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// `item_key`, unique in the surface.
    pub key: &'static str,
    /// `refusal_code`: the reason code raised when this item's rule is not met.
    pub refusal: &'static str,
    /// Values of the typed columns, in order.
    pub values: &'static [V],
}

/// Where the rows of a surface come from.
#[derive(Debug, Clone, Copy)]
pub enum RowSource {
    /// Written down in the manifest.
    Listed(&'static [Item]),
    /// #01: one row a surface of this control plane.
    Surfaces,
    /// #09: one row a gate.
    Gates,
    /// #10: one row a component of a hash contract.
    HashComponents,
    /// #11: edges from the entry points, found by the parser, reviewed.
    Dependencies,
    /// #17: Level-B entry point and the Level-A verifier that re-derives it.
    VerifierPairs,
    /// #19: inventories with their exact counts and set digests.
    Denominators,
    /// #20: every object's class, from the manifests and the capture.
    AuthorityScope,
    /// #21: the SELECT set, from the capture alone.
    ReadContract,
    /// #22: one row a reason code.
    ReasonCodes,
    /// #24: columns that each adapter may read.
    AdapterInputs,
    /// #25: adapters with their source digests.
    Adapters,
    /// #26: the writer gateway's identity.
    Gateway,
    /// #27: old and new sources of what is repointed, from the capture and the estate's definitions.
    Repoint,
}
