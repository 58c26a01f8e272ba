//! The rows of each surface: listed ones as they stand, derived ones from the manifests and the capture.
//!
//! Not for: digests of items (`item`). The one fact to know: every source of rows is one function here,
//! and each gives its values in the order of its surface's typed columns.

mod cutover;
mod declared;
mod denominators;
mod dependencies;
mod routines;
mod scope;

use std::str::FromStr as _;

use canonical::{Numeric, Value};
use manifest_model::{Column, ColumnType, Item, RowSource, Surface, V};

use crate::Sources;
use crate::error::AuthorError;
use crate::item::{Row, SurfaceRows};
use crate::live::LiveFacts;

pub use routines::routine_source;
pub(crate) use routines::{generated_digest, routine_digest};
pub use scope::constraint_sets;

/// Rows of every surface, in the order of their numbers.
pub fn all(sources: &Sources<'_>, live: &LiveFacts) -> Result<Vec<SurfaceRows>, AuthorError> {
    sources
        .plane
        .surfaces
        .iter()
        .map(|surface| {
            Ok(SurfaceRows {
                surface,
                rows: rows_of(surface, sources, live)?,
            })
        })
        .collect()
}

fn rows_of(surface: &Surface, sources: &Sources<'_>, live: &LiveFacts) -> Result<Vec<Row>, AuthorError> {
    let plane = sources.plane;
    match surface.rows {
        RowSource::Listed(items) => items.iter().map(|item| listed(surface, item)).collect(),
        RowSource::Surfaces => Ok(declared::surfaces(plane)),
        RowSource::Gates => Ok(declared::gates(plane)),
        RowSource::HashComponents => Ok(declared::hash_components(plane)),
        RowSource::Dependencies => dependencies::dependencies(plane),
        RowSource::VerifierPairs => routines::verifier_pairs(plane),
        RowSource::Denominators => denominators::denominators(sources),
        RowSource::AuthorityScope => scope::authority_scope(sources, live),
        RowSource::ReadContract => Ok(cutover::read_contract(live)),
        RowSource::ReasonCodes => Ok(declared::reason_codes(plane)),
        RowSource::AdapterInputs => Ok(declared::adapter_inputs(plane)),
        RowSource::Adapters => routines::adapters(plane),
        RowSource::Gateway => routines::gateway(plane),
        RowSource::Repoint => cutover::repoint(sources, live),
    }
}

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

fn number(value: impl TryInto<i64>) -> Value {
    Value::Integer(value.try_into().unwrap_or(i64::MAX))
}

fn digest(bytes: &[u8; 32]) -> Value {
    Value::Bytes(bytes.to_vec())
}

fn row(key: impl Into<String>, refusal: &str, values: Vec<Value>) -> Row {
    Row {
        key: key.into(),
        refusal: refusal.to_owned(),
        values,
    }
}

fn encode(surface: &str, item: &str) -> impl Fn(canonical::EncodeError) -> AuthorError {
    let (surface, item) = (surface.to_owned(), item.to_owned());
    move |source| AuthorError::Encode {
        surface: surface.clone(),
        item: item.clone(),
        source,
    }
}

fn listed(surface: &Surface, item: &Item) -> Result<Row, AuthorError> {
    let typed = surface.columns.iter().filter(|column| column.generated.is_none());
    let values = typed
        .zip(item.values)
        .map(|(column, value)| canonical_value(column, *value))
        .collect::<Result<Vec<_>, _>>()
        .map_err(encode(surface.table, item.key))?;
    Ok(row(item.key, item.refusal, values))
}

/// A manifest value as the canonical one; the manifest has been validated, so it fits its column.
pub fn canonical_value(column: &Column, value: V) -> Result<Value, canonical::EncodeError> {
    Ok(match value {
        V::Null | V::UnknownRequiresReview(_) => Value::Null,
        V::T(words) if column.ty == ColumnType::Uuid => {
            words.parse().map_or_else(|_| text(words), Value::Uuid)
        }
        V::T(words) => text(words),
        V::I(whole) => Value::Integer(whole),
        V::N(decimal) => Value::Numeric(Numeric::from_str(decimal)?),
        V::B(flag) => Value::Bool(flag),
        V::X(hex) => Value::Bytes(hex_bytes(hex)),
    })
}

fn hex_bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2)
        .filter_map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).ok())
        .collect()
}
