//! The guards' inputs: what no catalog holds, as committed JSON documents under `rehearsal/inputs/`.
//!
//! Not for: judging. The one fact to know: every document is derived from the manifests, the capture or
//! committed files, and names the digest of what it was derived from, so that a guard can tell whether it
//! speaks of the database that it is asked about.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::Sources;
use crate::error::AuthorError;
use crate::files::Files;
use crate::live::LiveFacts;

/// Where they lie.
pub const FOLDER: &str = "rehearsal/inputs";
/// The vectors of the hash contracts, committed beside the implementation that made them.
pub const VECTORS: (&str, &str) = ("hash_vectors", "crates/canonical/vectors/vectors.json");

/// Adds every document.
pub fn add(files: &mut Files, sources: &Sources<'_>, live: &LiveFacts) -> Result<(), AuthorError> {
    let documents: BTreeMap<&str, Value> = BTreeMap::from([
        ("code_catalog", code_catalog(sources)),
        ("select_set", select_set(live)),
    ]);
    for (key, document) in documents {
        files.add(path(key), text(&document));
    }
    Ok(())
}

/// Where the document of a key lies.
pub fn path(key: &str) -> String {
    format!("{FOLDER}/{key}.json")
}

/// One line an entry of a list, so that a difference can be reviewed.
fn text(document: &Value) -> String {
    let mut out = String::new();
    write(document, 0, &mut out);
    out.push('\n');
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    let nested = |child: &Value| matches!(child, Value::Array(items) if items.iter().any(|i| i.is_array() || i.is_object()));
    let indent = "  ".repeat(depth + 1);
    match value {
        Value::Object(entries) if depth == 0 || entries.values().any(nested) => {
            let lines: Vec<String> = entries
                .iter()
                .map(|(key, child)| {
                    let mut line = format!("{indent}{}: ", json!(key));
                    write(child, depth + 1, &mut line);
                    line
                })
                .collect();
            out.push_str(&format!("{{\n{}\n{}}}", lines.join(",\n"), "  ".repeat(depth)));
        }
        Value::Array(items) if nested(value) => {
            let lines: Vec<String> = items
                .iter()
                .map(|child| {
                    let mut line = indent.clone();
                    write(child, depth + 1, &mut line);
                    line
                })
                .collect();
            out.push_str(&format!("[\n{}\n{}]", lines.join(",\n"), "  ".repeat(depth)));
        }
        other => out.push_str(&other.to_string()),
    }
}

/// Families and codes as the manifests have them: what the catalog's rows are compared with.
fn code_catalog(sources: &Sources<'_>) -> Value {
    let plane = sources.plane;
    let families: Vec<Value> = plane
        .families
        .iter()
        .map(|family| {
            let codes: Vec<&str> = if family.items.is_empty() {
                plane.reason_codes.iter().map(|reason| reason.code).collect()
            } else {
                family.items.iter().map(|item| item.0).collect()
            };
            json!({ "family": family.code, "codes": codes })
        })
        .collect();
    json!({ "families": families })
}

/// The captured SELECT set, by the capture's own digest.
fn select_set(live: &LiveFacts) -> Value {
    let reads: Vec<Value> = live
        .reads
        .iter()
        .map(|read| json!([read.relation, read.column]))
        .collect();
    json!({
        "capture_sha256": live.capture_sha256,
        "reader": live.reader,
        "server_major": live.server_major,
        "reads": reads,
    })
}
