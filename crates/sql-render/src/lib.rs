//! Manifest to SQL text, pure: the same manifests give the same bytes.
//!
//! Not for: touching a disk or a database. The one fact to know: a [`Unit`] is one object with its way
//! up and its way down; a [`Script`] is the file that holds one or more of them.

pub mod encoding;
pub mod estate;
pub mod expected;
pub mod literal;
pub mod migrations;
pub mod refusals;
pub mod routine;
pub mod rows;
pub mod table;

pub use expected::{ExpectedFact, expected_facts};
pub use migrations::{Script, Unit, migrations};

use canonical::ValueKind;
use manifest_model::ColumnType;

/// Settings of every routine [ruling B20].
pub const ROUTINE_SEARCH_PATH: &str = "pg_catalog, pg_temp";

/// How the values of a column are encoded; none for columns that no digest covers.
pub const fn value_kind(ty: ColumnType) -> Option<ValueKind> {
    match ty {
        ColumnType::Text | ColumnType::NonemptyText | ColumnType::ItemKey => Some(ValueKind::Text),
        ColumnType::Ordinal | ColumnType::Integer | ColumnType::Bigint => Some(ValueKind::Integer),
        ColumnType::Boolean => Some(ValueKind::Bool),
        ColumnType::Numeric => Some(ValueKind::Numeric),
        ColumnType::Sha256 => Some(ValueKind::Bytes),
        ColumnType::Timestamp => Some(ValueKind::Timestamp),
        ColumnType::Uuid => Some(ValueKind::Uuid),
        ColumnType::Jsonb => None,
    }
}
