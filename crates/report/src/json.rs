//! The summary and the comparison as one object.
//!
//! Not for: what the packet holds already, which is JSON.

use crate::Failed;
use crate::compare::Comparison;
use crate::summary::{chain, findings, numbers, stop};
use evidence::Contents;
use serde_json::json;

/// One object, `format_version: 1`.
pub fn json(contents: &Contents, comparison: Option<&Comparison>) -> Result<String, Failed> {
    let links = chain(contents);
    let object = json!({
        "format_version": 1,
        "tree_sha256": contents.packet.tree_sha256,
        "verdict": contents.packet.verdict.value,
        "stops_at": stop(&links).map(|link| &link.id),
        "chain": links,
        "blockers": contents.exhibits.as_ref().map(|exhibits| &exhibits.blockers),
        "numbers": numbers(contents),
        "findings": findings(contents),
        "columns": contents.columns,
        "comparison": comparison,
    });
    serde_json::to_string_pretty(&object)
        .map(|text| text + "\n")
        .map_err(|error| Failed(error.to_string()))
}
