//! H06 and H07 of everything captured.
//!
//! Not for: the capture's own digest. The one fact to know: digests are taken before anything is
//! redacted, so they are of what the database really holds.

use canonical::{AclItem, ObjectClass};
use serde_json::{Map, Value, json};

use super::shape;
use crate::error::CaptureError;
use crate::model::Grant;

/// Adds H06 and H07 to the files that are there, and takes out what only the reader needs.
pub(super) fn add_digests(facts: &mut Map<String, Value>, server_major: u32) -> Result<(), CaptureError> {
    let major = i32::try_from(server_major).unwrap_or(i32::MAX);
    let classes = [
        ("database", "schema", ObjectClass::Schema),
        ("relations", "relation", ObjectClass::Relation),
        ("types", "type", ObjectClass::Type),
        ("routines", "routine", ObjectClass::Routine),
    ];
    if let Some(database) = facts.get_mut("database") {
        add_privilege_digest(&mut database["database"], ObjectClass::Database)?;
    }
    for (file, key, class) in classes {
        for record in records(facts, file, key) {
            add_privilege_digest(record, class)?;
        }
    }
    for record in records(facts, "routines", "routine") {
        let digest = source_of(record)?;
        record["source_sha256"] = json!(digest);
        forget(record, &["oid"]);
    }
    for record in records(facts, "views", "view") {
        let digest = canonical::h06_view(major, text(record, "definition"))
            .map_err(|source| encode(record, source))?;
        record["source_sha256"] = json!(digest.to_string());
        forget(record, &["oid", "tree_sha256"]);
    }
    for record in records(facts, "views", "rule") {
        forget(record, &["oid", "tree_sha256"]);
    }
    for record in records(facts, "triggers", "trigger") {
        record["arguments"] = json!(trigger_arguments(text(record, "arguments_hex")));
        forget(record, &["arguments_hex"]);
    }
    Ok(())
}

fn records<'a>(
    facts: &'a mut Map<String, Value>,
    file: &str,
    key: &str,
) -> impl Iterator<Item = &'a mut Value> {
    facts
        .get_mut(file)
        .and_then(|file| file.get_mut(key))
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

fn forget(record: &mut Value, keys: &[&str]) {
    if let Some(fields) = record.as_object_mut() {
        for key in keys {
            fields.shift_remove(*key);
        }
    }
}

fn text<'a>(record: &'a Value, key: &str) -> &'a str {
    record[key].as_str().unwrap_or_default()
}

fn encode(record: &Value, source: canonical::EncodeError) -> CaptureError {
    let identity = record
        .get("identity")
        .or_else(|| record.get("name"))
        .and_then(Value::as_str);
    CaptureError::Encode {
        identity: identity.unwrap_or_default().to_owned(),
        source,
    }
}

fn add_privilege_digest(record: &mut Value, class: ObjectClass) -> Result<(), CaptureError> {
    let mut items: Vec<AclItem> = Vec::new();
    let grants: Vec<Grant> = shape("an ACL", record["acl"].clone())?;
    items.extend(grants.iter().flat_map(|grant| grant.items(None)));
    if let Some(Value::Array(columns)) = record.get("columns") {
        for column in columns {
            let grants: Vec<Grant> = shape("an ACL", column["acl"].clone())?;
            items.extend(
                grants
                    .iter()
                    .flat_map(|grant| grant.items(column["name"].as_str())),
            );
        }
    }
    let digest =
        canonical::h07(class, text(record, "owner"), &items).map_err(|source| encode(record, source))?;
    record["privilege_sha256"] = json!(digest.to_string());
    Ok(())
}

fn source_of(record: &Value) -> Result<String, CaptureError> {
    let letter = |key: &str| text(record, key).chars().next().unwrap_or(' ');
    let owned = |key: &str| record.get(key).and_then(Value::as_str).map(str::to_owned);
    let routine = canonical::Routine {
        language: text(record, "language").to_owned(),
        // The words begin with the server's own letters.
        kind: letter("kind"),
        arguments: text(record, "arguments").to_owned(),
        result: owned("result"),
        security_definer: record["security_definer"] == json!(true),
        volatility: letter("volatility"),
        strict: record["strict"] == json!(true),
        leakproof: record["leakproof"] == json!(true),
        parallel: letter("parallel"),
        config: record
            .get("config")
            .map(|config| shape("a routine", config.clone()))
            .transpose()?,
        binary: owned("binary"),
        body: text(record, "body").to_owned(),
    };
    Ok(canonical::h06_routine(&routine)
        .map_err(|source| encode(record, source))?
        .to_string())
}

/// `tgargs`: texts, each ended by a zero byte.
fn trigger_arguments(hex: &str) -> Vec<String> {
    let bytes: Vec<u8> = (0..hex.len() / 2)
        .filter_map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).ok())
        .collect();
    let mut arguments: Vec<String> = bytes
        .split(|byte| *byte == 0)
        .map(|argument| String::from_utf8_lossy(argument).into_owned())
        .collect();
    arguments.pop();
    arguments
}
