//! Columns and their types.
//!
//! Not for: constraints other than NOT NULL. The one fact to know: every column carries a *probe*,
//! the SQL literal of a fresh valid value, from which the accepted twin of a negative test is made.

/// The closed set of column types. Domains live in the control plane's schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// `text`, may be empty.
    Text,
    /// Domain `nonempty_text`.
    NonemptyText,
    /// Domain `item_key`: printable ASCII, COLLATE "C".
    ItemKey,
    /// Domain `ordinal`: integer from 1.
    Ordinal,
    /// `integer`.
    Integer,
    /// `bigint`.
    Bigint,
    /// `boolean`.
    Boolean,
    /// `numeric`, no fixed scale.
    Numeric,
    /// Domain `sha256_digest`: 32 bytes.
    Sha256,
    /// Domain `utc_timestamp`: finite `timestamp with time zone`.
    Timestamp,
    /// `uuid`.
    Uuid,
    /// `jsonb`; descriptive only, never read operationally.
    Jsonb,
}

impl ColumnType {
    /// The name of the domain, for the types that are one.
    pub const fn domain(self) -> Option<&'static str> {
        match self {
            Self::NonemptyText => Some("nonempty_text"),
            Self::ItemKey => Some("item_key"),
            Self::Ordinal => Some("ordinal"),
            Self::Sha256 => Some("sha256_digest"),
            Self::Timestamp => Some("utc_timestamp"),
            _ => None,
        }
    }

    /// The built-in type, or the one below the domain.
    pub const fn base(self) -> &'static str {
        match self {
            Self::Text | Self::NonemptyText | Self::ItemKey => "text",
            Self::Ordinal | Self::Integer => "integer",
            Self::Bigint => "bigint",
            Self::Boolean => "boolean",
            Self::Numeric => "numeric",
            Self::Sha256 => "bytea",
            Self::Timestamp => "timestamp with time zone",
            Self::Uuid => "uuid",
            Self::Jsonb => "jsonb",
        }
    }
}

/// One column. NOT NULL unless [`Column::nullable`] says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Name, at most 63 bytes.
    pub name: &'static str,
    /// Type.
    pub ty: ColumnType,
    /// Whether NULL is allowed.
    pub nullable: bool,
    /// Default, in the form in which the server prints it.
    pub default: Option<&'static str>,
    /// `generated always as (…) stored`, in the form in which the server prints the expression.
    /// Generated columns are derived, so no digest covers them.
    pub generated: Option<&'static str>,
    /// SQL literal of a fresh, valid value for the accepted twin of a negative test.
    pub probe: &'static str,
    /// SQL literal of a second valid value, where the one derived from the type would not do.
    pub other: Option<&'static str>,
    /// Why the column exists; becomes a SQL comment.
    pub doc: &'static str,
}

/// A NOT NULL column.
pub const fn column(name: &'static str, ty: ColumnType, probe: &'static str, doc: &'static str) -> Column {
    Column {
        name,
        ty,
        nullable: false,
        default: None,
        generated: None,
        probe,
        other: None,
        doc,
    }
}

impl Column {
    /// Allows NULL.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// Sets the default, as the server prints it.
    #[must_use]
    pub const fn default(mut self, printed: &'static str) -> Self {
        self.default = Some(printed);
        self
    }

    /// Sets a second valid value.
    #[must_use]
    pub const fn other(mut self, literal: &'static str) -> Self {
        self.other = Some(literal);
        self
    }

    /// Makes it a stored generated column; nullable by nature, never written.
    #[must_use]
    pub const fn generated(mut self, printed: &'static str) -> Self {
        self.generated = Some(printed);
        self.nullable = true;
        self
    }
}
