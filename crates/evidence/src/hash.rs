//! Digests of a packet once more, from what they were made of.
//!
//! Not for: the encoding (`canonical`). The one fact to know: what can't be encoded is no digest, so an input of
//! another shape is refused as one that differs.

use crate::exhibit::HashLine;
use canonical::{
    AclItem, ItemDigest, ItemLine, ObjectClass, Routine, Scope, Timestamp, Uuid, Value, h01, h02, h03, h04,
    h05, h06_routine, h06_view, h07,
};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// The digest that a line's input has; none if it has none.
pub(crate) fn recomputed(line: &HashLine) -> Option<String> {
    let input = line.input.as_array()?.as_slice();
    match (line.contract.as_str(), input) {
        ("H01", [number, columns]) => of_item(number, columns),
        ("H02", [lines]) => of_payload(lines),
        ("H03", [number, version, count, payload, expected]) => {
            let digest = h03(
                of(number)?,
                of(version)?,
                of(count)?,
                payload.as_str()?.parse().ok()?,
                expected.as_str()?.parse().ok()?,
            );
            Some(digest.ok()?.to_string())
        }
        ("H04", [scope]) => of_scope(scope),
        ("H05", [identities]) => {
            let identities: Vec<String> = of(identities)?;
            let digest = h05(&identities.iter().map(String::as_str).collect::<Vec<_>>());
            Some(digest.ok()?.to_string())
        }
        ("H06", [kind, fields]) if kind == "routine" => of_routine(fields),
        ("H06", [kind, major, definition]) if kind == "view" => {
            Some(h06_view(of(major)?, definition.as_str()?).ok()?.to_string())
        }
        ("H07", [class, owner, items]) => of_privileges(class.as_str()?, owner.as_str()?, items),
        _ => None,
    }
}

/// The lines of a payload, by item key: the digest that each item must have.
pub(crate) fn payload_items(line: &HashLine) -> Vec<(String, String)> {
    let items: Option<Vec<(i32, String, String)>> = line.input.get(0).and_then(of);
    items
        .unwrap_or_default()
        .into_iter()
        .map(|(_, key, digest)| (key, digest))
        .collect()
}

fn of<T: DeserializeOwned>(value: &Json) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}

fn of_item(number: &Json, columns: &Json) -> Option<String> {
    let columns: Vec<(String, String, Json)> = of(columns)?;
    let values: Option<Vec<(&str, Value)>> = columns
        .iter()
        .map(|(name, kind, value)| Some((name.as_str(), typed(kind, value)?)))
        .collect();
    Some(h01(of(number)?, &values?).ok()?.to_string())
}

/// A value as the vectors of `canonical` write it.
fn typed(kind: &str, value: &Json) -> Option<Value> {
    if value.is_null() {
        return Some(Value::Null);
    }
    Some(match kind {
        "boolean" => Value::Bool(value.as_bool()?),
        "integer" => Value::Integer(value.as_i64()?),
        "numeric" => Value::Numeric(value.as_str()?.parse().ok()?),
        "text" => Value::Text(value.as_str()?.to_owned()),
        "bytea" => Value::Bytes(bytes(value.as_str()?)?),
        "uuid" => Value::Uuid(Uuid::parse_str(value.as_str()?).ok()?),
        "timestamptz" => Value::Timestamp(match value.as_str() {
            Some("infinity") => Timestamp::Infinity,
            Some("-infinity") => Timestamp::NegativeInfinity,
            _ => Timestamp::from_postgres_micros(value.as_i64()?).ok()?,
        }),
        "text[]" => Value::TextArray(of(value)?),
        _ => return None,
    })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| {
            let text = std::str::from_utf8(pair).ok().filter(|text| text.len() == 2)?;
            u8::from_str_radix(text, 16).ok()
        })
        .collect()
}

fn of_payload(lines: &Json) -> Option<String> {
    let lines: Vec<(i32, String, String)> = of(lines)?;
    let lines: Option<Vec<ItemLine<'_>>> = lines
        .iter()
        .map(|(ordinal, key, digest)| {
            Some(ItemLine {
                ordinal: *ordinal,
                item_key: key,
                digest: digest.parse::<ItemDigest>().ok()?,
            })
        })
        .collect();
    Some(h02(&lines?).ok()?.to_string())
}

fn of_scope(scope: &Json) -> Option<String> {
    let keys: Vec<(String, String, Json)> = of(scope)?;
    let named = |name: &str| {
        keys.iter()
            .find(|(key, _, _)| key == name)
            .map(|(_, _, value)| value)
    };
    let text = |name| named(name)?.as_str();
    let digest = |name| <[u8; 32]>::try_from(bytes(text(name)?)?).ok();
    let scope = Scope {
        manifest_id: Uuid::parse_str(text("manifest_id")?).ok()?,
        surface_no: of(named("surface_no")?)?,
        payload: digest("payload_sha256")?,
        slot: text("slot")?,
        principal_id: text("principal_id")?,
        evidence: digest("evidence_id")?,
        control_epoch: of(named("control_epoch")?)?,
        decision: text("decision")?,
    };
    Some(h04(&scope).ok()?.to_string())
}

fn of_routine(fields: &Json) -> Option<String> {
    let fields: Vec<(String, Json)> = of(fields)?;
    let named = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let letter = |name| named(name)?.as_str()?.chars().next();
    let routine = Routine {
        language: of(named("language")?)?,
        kind: letter("kind")?,
        arguments: of(named("arguments")?)?,
        result: of(named("result")?)?,
        security_definer: of(named("security_definer")?)?,
        volatility: letter("volatility")?,
        strict: of(named("strict")?)?,
        leakproof: of(named("leakproof")?)?,
        parallel: letter("parallel")?,
        config: of(named("config")?)?,
        binary: of(named("binary")?)?,
        body: of(named("body")?)?,
    };
    Some(h06_routine(&routine).ok()?.to_string())
}

fn of_privileges(class: &str, owner: &str, items: &Json) -> Option<String> {
    let classes = [
        ObjectClass::Relation,
        ObjectClass::Routine,
        ObjectClass::Schema,
        ObjectClass::Type,
        ObjectClass::Database,
    ];
    let class = classes.into_iter().find(|one| one.as_str() == class)?;
    let items: Vec<(String, String, String, bool, Option<String>)> = of(items)?;
    let items: Vec<AclItem> = items
        .into_iter()
        .map(|(grantee, grantor, privilege, grantable, column)| AclItem {
            grantee,
            grantor,
            privilege,
            column,
            grantable,
        })
        .collect();
    Some(h07(class, owner, &items).ok()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::recomputed;
    use crate::exhibit::HashLine;
    use serde_json::{Value, json};

    #[test]
    fn every_committed_vector_is_recomputed_from_its_input() {
        let vectors: Value =
            serde_json::from_str(include_str!("../../canonical/vectors/vectors.json")).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for vector in vectors["contracts"].as_array().unwrap() {
            let contract = vector["contract"].as_str().unwrap();
            let mut input = vector["input"].clone();
            if let Some(kind) = contract.strip_prefix("H06 ") {
                input.as_array_mut().unwrap().insert(0, json!(kind));
            }
            let line = HashLine {
                contract: contract[..3].to_owned(),
                subject: String::new(),
                input,
                sha256: String::new(),
            };
            assert_eq!(
                recomputed(&line).as_deref(),
                vector["sha256"].as_str(),
                "{contract}"
            );
            seen.insert(line.contract);
        }
        assert_eq!(seen.len(), 7);
    }

    #[test]
    fn an_input_of_another_shape_has_no_digest() {
        for input in [
            json!(null),
            json!([]),
            json!([9]),
            json!([9, [["a", "bytea", "0"]]]),
        ] {
            let line = HashLine {
                contract: "H01".to_owned(),
                input,
                ..HashLine::default()
            };
            assert_eq!(recomputed(&line), None);
        }
    }
}
