//! The guards' inputs: what no catalog holds, as committed JSON documents under `rehearsal/inputs/`.
//!
//! Not for: judging. The one fact to know: every document is derived from the manifests, the capture or
//! committed files, and names the digest of what it was derived from, so that a guard can tell whether it
//! speaks of the database that it is asked about.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::Sources;
use crate::error::AuthorError;
use crate::files::Files;
use crate::guard_files::{GuardFiles, Selects};
use crate::header::sha256_hex;
use crate::leads::Lead;
use crate::live::{LiveFacts, LiveRead};
use crate::static_analysis::Found;
use crate::{cutover_inputs, forms, leads};

/// Where they lie.
pub const FOLDER: &str = "rehearsal/inputs";
/// The vectors of the hash contracts, committed beside the implementation that made them.
pub const VECTORS: (&str, &str) = ("hash_vectors", "crates/canonical/vectors/vectors.json");

/// The document of what was parsed in the guards, to which a rehearsal adds what its server makes of them.
pub const TREES: &str = "guard_forms";
/// The document of what was parsed in the bodies, the same.
pub const BODIES: &str = "bodies";

/// Adds every document.
pub fn add(
    files: &mut Files,
    sources: &Sources<'_>,
    live: &LiveFacts,
    guards: (&GuardFiles, &Selects),
    findings: &BTreeMap<String, Found>,
) -> Result<(), AuthorError> {
    let documents: BTreeMap<&str, Value> = BTreeMap::from([
        (BODIES, bodies(files, sources)?),
        ("classification", cutover_inputs::classification(sources, live)),
        ("code_catalog", code_catalog(sources)),
        ("dot", cutover_inputs::dot(sources)),
        (TREES, guard_forms(sources, guards)),
        ("legacy_set", cutover_inputs::legacy_set(sources, live)?),
        (
            "package_authority",
            cutover_inputs::package_authority(sources.plane),
        ),
        ("select_set", select_set(live)),
        (
            "writer_path",
            cutover_inputs::writer_path(sources, live, findings)?,
        ),
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

/// The captured SELECT set, by the capture's own digest, and what of it a decision drops.
#[must_use]
pub fn select_set(live: &LiveFacts) -> Value {
    let entry = |read: &LiveRead| json!([read.relation, read.column, read.kind]);
    let mut reads: Vec<&LiveRead> = live.reads.iter().chain(&live.dropped_reads).collect();
    reads.sort();
    let reads: Vec<Value> = reads.into_iter().map(entry).collect();
    let dropped: Vec<Value> = live.dropped_reads.iter().map(entry).collect();
    json!({
        "capture_sha256": live.capture_sha256,
        "reader": live.reader,
        "server_major": live.server_major,
        "reads": reads,
        "dropped": dropped,
    })
}

/// What stands in every body that the migrations create: literals by use, forms, and the digest of its text.
fn bodies(files: &Files, sources: &Sources<'_>) -> Result<Value, AuthorError> {
    let plane = sources.plane;
    let generated = sql_render::routine::generated(plane);
    let (mut routines, mut views) = (BTreeMap::new(), BTreeMap::new());
    for (path, script) in files
        .iter()
        .filter(|(path, _)| path.starts_with("migrations/") && path.ends_with(".up.sql"))
    {
        let found = leads::bodies(script).map_err(|errors| AuthorError::Unparsed {
            path: path.to_owned(),
            errors,
        })?;
        for (name, node, tree) in found {
            let leads = leads::leads(&tree);
            let forms: Vec<Value> = forms::forms_with(&tree, &leads)
                .into_iter()
                .map(|(form, what)| json!([form, what]))
                .collect();
            let leads: Vec<Value> = leads
                .iter()
                .filter(|lead| lead.used_in != "other")
                .map(lead_line)
                .collect();
            if node.kind() == SyntaxKind::CREATE_VIEW {
                let (numbers, texts) = constants(&tree);
                views.insert(
                    format!("{}.{name}", plane.schema),
                    json!({ "numbers": numbers, "texts": texts, "forms": forms, "leads": leads }),
                );
                continue;
            }
            let identity = plane
                .routines
                .iter()
                .find(|routine| routine.name == name)
                .map(|routine| sql_render::routine::identity(plane, routine))
                .or_else(|| {
                    generated
                        .iter()
                        .find(|routine| routine.name == name)
                        .map(|routine| routine.identity(plane))
                });
            let Some(identity) = identity else { continue };
            let text = body_text(&node);
            routines.insert(
                identity,
                json!({ "body_sha256": sha256_hex(text.as_bytes()), "forms": forms, "leads": leads }),
            );
        }
    }
    Ok(json!({ "routines": routines, "views": views }))
}

fn lead_line(lead: &Lead) -> Value {
    json!([lead.used_in, lead.kind, lead.literal, lead.against])
}

/// The body as the server stores it: what stands between the dollar quotes, or BEGIN ATOMIC to END.
fn body_text(node: &SyntaxNode) -> String {
    let text = node.text().to_string();
    match (text.split("$body$").nth(1), text.find("BEGIN ATOMIC")) {
        (Some(body), _) => body.to_owned(),
        (None, Some(at)) => text[at..].trim_end().trim_end_matches(';').to_owned(),
        (None, None) => text,
    }
}

/// Numbers and texts of a view, sorted, with repetitions: what the server prints of it must hold the same.
fn constants(tree: &SyntaxNode) -> (Vec<String>, Vec<String>) {
    let (mut numbers, mut texts) = (Vec::new(), Vec::new());
    for token in tree
        .descendants_with_tokens()
        .filter_map(squawk_syntax::SyntaxElement::into_token)
    {
        match token.kind() {
            SyntaxKind::INT_NUMBER | SyntaxKind::NUMERIC_NUMBER => numbers.push(token.text().to_owned()),
            SyntaxKind::STRING => texts.push(token.text().trim_matches('\'').to_owned()),
            _ => {}
        }
    }
    numbers.sort();
    texts.sort();
    (numbers, texts)
}

/// The registry, and the forms in the file of every guard that a rehearsal measures.
fn guard_forms(sources: &Sources<'_>, (guards, selects): (&GuardFiles, &Selects)) -> Value {
    let plane = sources.plane;
    let registry: Vec<&str> = plane.guards.iter().map(|guard| guard.id).collect();
    let mut read = BTreeMap::new();
    for id in &registry {
        let Some(written) = guards.file(id) else { continue };
        let forms: Vec<Value> = selects
            .of(id)
            .iter()
            .flat_map(|(_, select)| &select.forms)
            .map(|(form, what)| json!([form, what]))
            .collect();
        read.insert(*id, json!({ "sha256": written.sha256, "forms": forms }));
    }
    json!({ "registry": registry, "guards": read })
}
