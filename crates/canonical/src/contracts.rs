//! H01 to H05: rows, payloads, envelopes, signoff scopes, object sets.
//!
//! Not for: sources and privileges (H06, H07). The one fact to know: each contract has a `_preimage`
//! function that gives the exact text that is hashed, so that two sides that differ can be compared.

use uuid::Uuid;

use crate::digest::{EnvelopeDigest, ItemDigest, ObjectSetDigest, PayloadDigest, ScopeDigest};
use crate::error::EncodeError;
use crate::json::Json;
use crate::value::{Value, without_nul};

/// H01 of one item row: its typed columns in position order, with `item_key` and `refusal_code` where
/// they stand; without `item_sha256`, `manifest_id`, `surface_no`, `ordinal` and generated columns.
pub fn h01(surface_no: i32, columns: &[(&str, Value)]) -> Result<ItemDigest, EncodeError> {
    h01_preimage(surface_no, columns).map(|text| ItemDigest::of(&text))
}

/// The text that [`h01`] hashes.
pub fn h01_preimage(surface_no: i32, columns: &[(&str, Value)]) -> Result<String, EncodeError> {
    let mut json = Json::contract("H01");
    json.number(positive("surface_no", surface_no)?);
    if columns.is_empty() {
        return Err(EncodeError::NoColumns);
    }
    json.open();
    for (position, (name, value)) in columns.iter().enumerate() {
        if columns[..position].iter().any(|(earlier, _)| earlier == name) {
            return Err(EncodeError::DuplicateColumn {
                name: (*name).to_owned(),
            });
        }
        json.open();
        json.string(column_name(name)?);
        value.write(name, &mut json)?;
        json.close();
    }
    json.close();
    Ok(json.finish())
}

/// One line of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemLine<'a> {
    /// Position in the surface, from 1.
    pub ordinal: i32,
    /// Key, unique in the surface.
    pub item_key: &'a str,
    /// H01 of the row.
    pub digest: ItemDigest,
}

/// H02 of a payload. The lines may come in any order; two of one ordinal are refused. That ordinals
/// have no holes and keys are unique is the seal's check, not the digest's.
pub fn h02(lines: &[ItemLine<'_>]) -> Result<PayloadDigest, EncodeError> {
    h02_preimage(lines).map(|text| PayloadDigest::of(&text))
}

/// The text that [`h02`] hashes.
pub fn h02_preimage(lines: &[ItemLine<'_>]) -> Result<String, EncodeError> {
    let mut sorted = lines.to_vec();
    sorted.sort_by_key(|line| line.ordinal);
    let mut json = Json::contract("H02");
    json.open();
    let mut last = None;
    for line in sorted {
        if last == Some(line.ordinal) {
            return Err(EncodeError::DuplicateOrdinal {
                ordinal: line.ordinal,
            });
        }
        last = Some(line.ordinal);
        json.open();
        json.number(positive("ordinal", line.ordinal)?);
        json.string(without_nul("item_key", line.item_key)?);
        json.string(&line.digest.to_string());
        json.close();
    }
    json.close();
    Ok(json.finish())
}

/// H03 of an envelope; `expected` is H05 over the expected item keys [ruling B11, B12].
pub fn h03(
    surface_no: i32,
    version: i32,
    item_count: i32,
    payload: PayloadDigest,
    expected: ObjectSetDigest,
) -> Result<EnvelopeDigest, EncodeError> {
    h03_preimage(surface_no, version, item_count, payload, expected).map(|text| EnvelopeDigest::of(&text))
}

/// The text that [`h03`] hashes.
pub fn h03_preimage(
    surface_no: i32,
    version: i32,
    item_count: i32,
    payload: PayloadDigest,
    expected: ObjectSetDigest,
) -> Result<String, EncodeError> {
    let mut json = Json::contract("H03");
    json.number(positive("surface_no", surface_no)?);
    json.number(positive("version", version)?);
    json.number(positive("item_count", item_count)?);
    json.string(&payload.to_string());
    json.string(&expected.to_string());
    Ok(json.finish())
}

/// The 8 keys of `H04_SCOPE_V1`, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope<'a> {
    /// Manifest that is signed.
    pub manifest_id: Uuid,
    /// Its surface.
    pub surface_no: i32,
    /// Its `payload_sha256`.
    pub payload: [u8; 32],
    /// Slot that the signer fills.
    pub slot: &'a str,
    /// Who signs.
    pub principal_id: &'a str,
    /// `artifact_sha256` of the evidence that `evidence_id` names.
    pub evidence: [u8; 32],
    /// Control epoch.
    pub control_epoch: i64,
    /// `approve` or `reject`.
    pub decision: &'a str,
}

/// H04 of a signoff scope.
pub fn h04(scope: &Scope<'_>) -> Result<ScopeDigest, EncodeError> {
    h04_preimage(scope).map(|text| ScopeDigest::of(&text))
}

/// The text that [`h04`] hashes.
pub fn h04_preimage(scope: &Scope<'_>) -> Result<String, EncodeError> {
    let keys: [(&str, Value); 8] = [
        ("manifest_id", Value::Uuid(scope.manifest_id)),
        ("surface_no", Value::Integer(scope.surface_no.into())),
        ("payload_sha256", Value::Bytes(scope.payload.to_vec())),
        ("slot", scope.slot.into()),
        ("principal_id", scope.principal_id.into()),
        ("evidence_id", Value::Bytes(scope.evidence.to_vec())),
        ("control_epoch", Value::Integer(scope.control_epoch)),
        ("decision", scope.decision.into()),
    ];
    let mut json = Json::contract("H04");
    json.open();
    for (name, value) in keys {
        json.open();
        json.string(name);
        value.write(name, &mut json)?;
        json.close();
    }
    json.close();
    Ok(json.finish())
}

/// H05 of a set of identities, given in any order.
pub fn h05<S: AsRef<str>>(identities: &[S]) -> Result<ObjectSetDigest, EncodeError> {
    h05_preimage(identities).map(|text| ObjectSetDigest::of(&text))
}

/// The text that [`h05`] hashes.
pub fn h05_preimage<S: AsRef<str>>(identities: &[S]) -> Result<String, EncodeError> {
    let mut sorted: Vec<&str> = identities.iter().map(AsRef::as_ref).collect();
    // Rust orders text by its UTF-8 bytes, as COLLATE "C" does.
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(EncodeError::DuplicateIdentity {
            identity: pair[0].to_owned(),
        });
    }
    let mut json = Json::contract("H05");
    json.open();
    for identity in sorted {
        json.string(without_nul("identity", identity)?);
    }
    json.close();
    Ok(json.finish())
}

fn positive(what: &'static str, found: i32) -> Result<i32, EncodeError> {
    if found >= 1 {
        Ok(found)
    } else {
        Err(EncodeError::NotPositive {
            what,
            found: found.into(),
        })
    }
}

fn column_name(name: &str) -> Result<&str, EncodeError> {
    let head = name
        .bytes()
        .next()
        .is_some_and(|byte| byte == b'_' || byte.is_ascii_lowercase());
    let tail = name
        .bytes()
        .all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if head && tail && name.len() <= 63 {
        Ok(name)
    } else {
        Err(EncodeError::Name {
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{ItemLine, h01_preimage, h02_preimage, h05_preimage};
    use crate::{EncodeError, ItemDigest, Value};

    #[test]
    fn row_is_encoded_in_the_order_given() {
        let columns = [
            ("item_key", "a".into()),
            ("n", Value::Integer(-3)),
            ("flag", Value::Null),
        ];
        assert_eq!(
            h01_preimage(9, &columns).as_deref(),
            Ok(r#"["H01","v1",9,[["item_key","a"],["n","-3"],["flag",null]]]"#)
        );
    }

    #[test]
    fn wrong_names_are_rejected() {
        for name in ["", "Upper", "1st", "a b", "é", &"x".repeat(64)] {
            assert!(
                matches!(
                    h01_preimage(1, &[(name, Value::Null)]),
                    Err(EncodeError::Name { .. })
                ),
                "{name}"
            );
        }
        assert!(h01_preimage(1, &[(&"x".repeat(63), Value::Null)]).is_ok());
    }

    #[test]
    fn repeated_columns_and_empty_rows_are_rejected() {
        let twice = [("a", Value::Null), ("a", Value::Null)];
        assert_eq!(
            h01_preimage(1, &twice),
            Err(EncodeError::DuplicateColumn { name: "a".to_owned() })
        );
        assert_eq!(h01_preimage(1, &[]), Err(EncodeError::NoColumns));
    }

    #[test]
    fn nul_is_rejected_with_its_place() {
        let error = h01_preimage(1, &[("a", "x\0".into())]).expect_err("U+0000 is no text");
        assert_eq!(
            error,
            EncodeError::Nul {
                place: "`a`".to_owned(),
                offset: 1
            }
        );
    }

    #[test]
    fn surface_0_is_rejected_and_1_is_taken() {
        assert!(h01_preimage(0, &[("a", Value::Null)]).is_err());
        assert!(h01_preimage(1, &[("a", Value::Null)]).is_ok());
    }

    #[test]
    fn payload_lines_are_put_in_ordinal_order() {
        let digest = ItemDigest::of("x");
        let line = |ordinal| ItemLine {
            ordinal,
            item_key: "k",
            digest,
        };
        assert_eq!(
            h02_preimage(&[line(10), line(2)]),
            h02_preimage(&[line(2), line(10)])
        );
        assert_eq!(
            h02_preimage(&[line(2), line(2)]),
            Err(EncodeError::DuplicateOrdinal { ordinal: 2 })
        );
        assert!(h02_preimage(&[line(0)]).is_err());
    }

    #[test]
    fn set_is_sorted_by_bytes_and_has_no_duplicates() {
        assert_eq!(
            h05_preimage(&["é", "z", "Z"]).as_deref(),
            Ok(r#"["H05","v1",["Z","z","é"]]"#)
        );
        assert!(matches!(
            h05_preimage(&["a", "b", "a"]),
            Err(EncodeError::DuplicateIdentity { .. })
        ));
    }
}
