//! Items with their digests, and the version of a surface that they make up.

use std::collections::BTreeMap;

use canonical::{
    EnvelopeDigest, ItemDigest, ItemLine, ObjectSetDigest, PayloadDigest, Value, h01, h02, h03, h05,
};
use manifest_model::Surface;

use crate::error::AuthorError;

/// One row to author: key, refusal code, values of the typed columns that are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `item_key`.
    pub key: String,
    /// `refusal_code`.
    pub refusal: String,
    /// In the order of the surface's written typed columns.
    pub values: Vec<Value>,
}

/// Rows of one surface.
#[derive(Debug, Clone)]
pub struct SurfaceRows {
    /// The surface.
    pub surface: &'static Surface,
    /// In ordinal order.
    pub rows: Vec<Row>,
}

/// One version of a surface, with every digest.
#[derive(Debug, Clone)]
pub struct Version {
    /// The surface.
    pub surface: &'static Surface,
    /// From 1.
    pub version: i32,
    /// In ordinal order.
    pub rows: Vec<Row>,
    /// The ordinal of each, from 1 without a gap.
    pub ordinals: Vec<i64>,
    /// H01 of each.
    pub digests: Vec<ItemDigest>,
    /// The accepted keys, from the lock file.
    pub expected: Vec<String>,
    /// H02.
    pub payload: PayloadDigest,
    /// H03.
    pub envelope: EnvelopeDigest,
}

impl Version {
    /// Identity of the envelope, as text.
    pub fn manifest_id(&self) -> String {
        self.envelope.manifest_id().to_string()
    }

    /// H03 and identity of the same payload as another version.
    pub fn envelope_at(&self, version: i32) -> Result<EnvelopeDigest, AuthorError> {
        let count = i32::try_from(self.rows.len()).unwrap_or(i32::MAX);
        let expected = set_digest(self.surface, &self.expected)?;
        h03(
            i32::from(self.surface.number),
            version,
            count,
            self.payload,
            expected,
        )
        .map_err(|source| encode(self.surface, "envelope", source))
    }
}

fn encode(surface: &Surface, item: &str, source: canonical::EncodeError) -> AuthorError {
    AuthorError::Encode {
        surface: surface.table.to_owned(),
        item: item.to_owned(),
        source,
    }
}

fn set_digest(surface: &Surface, keys: &[String]) -> Result<ObjectSetDigest, AuthorError> {
    h05(keys).map_err(|source| encode(surface, "expected keys", source))
}

/// H01 of a row.
pub fn item_digest(surface: &Surface, row: &Row) -> Result<ItemDigest, AuthorError> {
    let mut columns: Vec<(&str, Value)> = vec![
        ("item_key", Value::Text(row.key.clone())),
        ("refusal_code", Value::Text(row.refusal.clone())),
    ];
    let typed = surface.columns.iter().filter(|column| column.generated.is_none());
    columns.extend(typed.map(|column| column.name).zip(row.values.iter().cloned()));
    h01(i32::from(surface.number), &columns).map_err(|source| encode(surface, &row.key, source))
}

/// The versions that the rows make up, with the accepted keys as the expected set.
pub fn versions(
    surfaces: &[SurfaceRows],
    accepted: &BTreeMap<String, Vec<String>>,
    version: i32,
) -> Result<Vec<Version>, AuthorError> {
    surfaces
        .iter()
        .map(|SurfaceRows { surface, rows }| {
            let digests = rows
                .iter()
                .map(|row| item_digest(surface, row))
                .collect::<Result<Vec<_>, _>>()?;
            let lines: Vec<ItemLine<'_>> = rows
                .iter()
                .zip(&digests)
                .zip(1..)
                .map(|((row, digest), ordinal)| ItemLine {
                    ordinal,
                    item_key: &row.key,
                    digest: *digest,
                })
                .collect();
            let payload = h02(&lines).map_err(|source| encode(surface, "payload", source))?;
            let expected = accepted.get(surface.table).cloned().unwrap_or_default();
            let count = i32::try_from(rows.len()).unwrap_or(i32::MAX);
            let envelope = h03(
                i32::from(surface.number),
                version,
                count,
                payload,
                set_digest(surface, &expected)?,
            )
            .map_err(|source| encode(surface, "envelope", source))?;
            Ok(Version {
                surface,
                version,
                rows: rows.clone(),
                ordinals: (1..).take(rows.len()).collect(),
                digests,
                expected,
                payload,
                envelope,
            })
        })
        .collect()
}
