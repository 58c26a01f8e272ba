//! SARIF 2.1.0: findings where a reviewer sees them, at the file that they are about.
//!
//! The one fact to know: a place is given only where the packet names it, a path of a planned file in the
//! message; a finding without one stands at the plan.

use crate::Failed;
use crate::compare::{Comparison, Kind};
use crate::summary::findings;
use evidence::{Contents, escaped};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The log.
pub fn sarif(contents: &Contents, comparison: Option<&Comparison>) -> Result<String, Failed> {
    let mut results: Vec<Value> = findings(contents)
        .iter()
        .map(|finding| {
            let text = [&[finding.message.clone()][..], &finding.details]
                .concat()
                .join("\n");
            result(contents, &finding.code, "error", &text)
        })
        .collect();
    let exhibits = contents.exhibits.iter();
    let unmeasured = exhibits
        .flat_map(|exhibits| &exhibits.guards)
        .filter(|cell| cell.verdict == "not_measured");
    results.extend(unmeasured.map(|cell| {
        let text = format!(
            "{} at {} {}: {}",
            cell.guard,
            cell.step,
            cell.moment,
            cell.reasons.join("; ")
        );
        result(contents, "GUARD_NOT_MEASURED", "warning", &text)
    }));
    for change in comparison.iter().flat_map(|comparison| &comparison.changes) {
        let (rule, level) = match change.kind {
            Kind::NewlyAccepted => ("NEWLY_ACCEPTED", "error"),
            Kind::NoLongerTried => ("NO_LONGER_TRIED", "error"),
            Kind::NewlySurviving => ("NEWLY_SURVIVING", "error"),
            Kind::AnotherCause => ("ANOTHER_CAUSE", "warning"),
            Kind::AnotherVerdict => ("ANOTHER_VERDICT", "warning"),
            Kind::NewlyRejected => ("NEWLY_REJECTED", "note"),
        };
        let text = format!(
            "{} ({}): {} on the base, {} here",
            change.subject, change.what, change.base, change.here
        );
        results.push(result(contents, rule, level, &text));
    }
    let rules: BTreeSet<String> = results
        .iter()
        .filter_map(|result| result["ruleId"].as_str().map(str::to_owned))
        .collect();
    let rules: Vec<Value> = rules.iter().map(|id| json!({ "id": id })).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "migration-rehearsal",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "automationDetails": { "id": format!("migration-rehearsal/{}", escaped(&contents.packet.tree_sha256)) },
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log)
        .map(|text| text + "\n")
        .map_err(|error| Failed(error.to_string()))
}

fn result(contents: &Contents, rule: &str, level: &str, text: &str) -> Value {
    let files = contents.plan.files.iter().map(|file| file.path.as_str());
    // The longest path that the text names: `a/index.toml` stands in `b/a/index.toml`.
    let named = files
        .filter(|path| text.contains(path))
        .max_by_key(|path| path.len());
    let text: Vec<String> = text.lines().map(escaped).collect();
    json!({
        "ruleId": escaped(rule),
        "level": level,
        "message": { "text": text.join("\n") },
        "locations": [{ "physicalLocation": { "artifactLocation": {
            "uri": named.unwrap_or(&contents.plan.plan),
            "uriBaseId": "%SRCROOT%",
        } } }],
    })
}
