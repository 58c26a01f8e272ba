//! Static analysis of the sealed legacy bodies: literals that decide, constants that answer, and bodies that rest
//! on such bodies. A document that a verifier imports as findings, with this tool and each source's digest.
//!
//! Not for: deciding anything; a finding says where to look, and which members the writer path must not reach. The
//! one fact to know: what a literal is for is read from the parsed tree, never from a list of words, and a
//! body that the parser knows in part is read as far as it does and reported as such.

use std::collections::{BTreeMap, BTreeSet};

use canonical::h06_routine;
use serde_json::{Value, json};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::Sources;
use crate::error::AuthorError;
use crate::leads::{self, name_of};
use crate::live::{LiveFacts, LiveRoutine, identity};

/// Name and version of the analysis: a change of what it finds is a new version.
pub(crate) const TOOL: &str = "fix7 static-analysis 1";

/// A literal that decides.
const LITERAL: &str = "LEGACY_LITERAL";
/// A constant that answers.
const CONSTANT: &str = "LEGACY_READINESS_CONSTANT";
/// A body that rests on another that decides so.
const SELF_AUDIT: &str = "LEGACY_SELF_AUDIT";
/// Functions whose constant argument is an answer where there is none.
const FALLBACKS: [&str; 1] = ["coalesce()"];

/// What is found in one member: reason and detail, each once.
pub(crate) type Found = BTreeSet<(&'static str, String)>;

/// Findings by member, for every sealed routine that has one.
pub(crate) fn findings(sources: &Sources<'_>, live: &LiveFacts) -> BTreeMap<String, Found> {
    let mut calls: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for member in sources.estate.legacy {
        let name = identity(member.identity);
        let Some(routine) = live.routines.get(&name) else {
            continue;
        };
        let tree = parsed(routine);
        let own: Found = tree.descendants().filter_map(|node| decides(&node)).collect();
        if !own.is_empty() {
            found.insert(name.clone(), own);
        }
        calls.insert(name, called(&tree));
    }
    // By name, so that an overload counts for each of its siblings: too much is a place to look, too little a hole.
    let deciding: BTreeMap<String, String> = found
        .keys()
        .map(|name| (bare(name).to_owned(), name.clone()))
        .collect();
    for (caller, called) in calls {
        for name in called.iter().filter_map(|name| deciding.get(name)) {
            if *name != caller {
                let entry = found.entry(caller.clone()).or_default();
                entry.insert((SELF_AUDIT, format!("rests on {name}")));
            }
        }
    }
    found
}

/// The document as it is recorded: one line, keys in order.
pub(crate) fn document(findings: &BTreeMap<String, Found>, live: &LiveFacts) -> Result<String, AuthorError> {
    let mut lines: Vec<Value> = Vec::new();
    for (object, reasons) in findings {
        let Some(routine) = live.routines.get(object) else {
            continue;
        };
        let source = h06_routine(&routine.source).map_err(|source| AuthorError::Encode {
            surface: "static_analysis".to_owned(),
            item: object.clone(),
            source,
        })?;
        for (reason, detail) in reasons {
            lines.push(json!({
                "object": object, "reason": reason, "detail": detail, "source_sha256": source.to_string(),
            }));
        }
    }
    Ok(json!({ "tool": TOOL, "findings": lines }).to_string())
}

/// The tree of a body; of one that the parser can't read whole, what it could.
pub(crate) fn parsed(routine: &LiveRoutine) -> SyntaxNode {
    let source = &routine.source;
    leads::tree_of_body(&source.language, routine.atomic, &source.body)
}

/// Every known name that stands in a body, of whatever kind: more than it reaches, never less; and whether it builds
/// statements at run time.
pub(crate) fn mentioned<'a>(
    routine: &LiveRoutine,
    known: impl Iterator<Item = &'a str>,
) -> (Vec<String>, bool) {
    let tree = parsed(routine);
    let mut words = BTreeSet::new();
    let mut builds = false;
    for token in tree
        .descendants_with_tokens()
        .filter_map(squawk_syntax::SyntaxElement::into_token)
    {
        builds |= token.kind() == SyntaxKind::EXECUTE_KW;
        words.insert(token.text().trim_matches('"').to_lowercase());
    }
    let mut found: Vec<String> = known
        .filter(|name| words.contains(&bare(name).trim_matches('"').to_lowercase()))
        .map(str::to_owned)
        .collect();
    found.sort();
    found.dedup();
    (found, builds)
}

/// The last names of all that a body calls.
fn called(tree: &SyntaxNode) -> BTreeSet<String> {
    tree.descendants()
        .filter(|node| node.kind() == SyntaxKind::CALL_EXPR)
        .filter_map(|node| node.children().next().map(|callee| name_of(&callee)))
        .filter(|name| !name.is_empty())
        .collect()
}

/// What a literal is found to be, if it decides or answers.
fn decides(node: &SyntaxNode) -> Option<(&'static str, String)> {
    if node.kind() != SyntaxKind::LITERAL {
        return None;
    }
    let token = node.first_token()?;
    let (kind, is_text) = match token.kind() {
        SyntaxKind::INT_NUMBER | SyntaxKind::NUMERIC_NUMBER => ("number", false),
        SyntaxKind::TRUE_KW | SyntaxKind::FALSE_KW => ("boolean", false),
        SyntaxKind::STRING | SyntaxKind::ESC_STRING => ("text", true),
        _ => return None,
    };
    let literal = token.text();
    let (used_in, against) = leads::place(node);
    let answers = used_in == "case"
        || FALLBACKS.contains(&against.as_str())
        || used_in == "other" && !is_text && answers_alone(node);
    if answers {
        return Some((CONSTANT, format!("answers with the {kind} {literal}")));
    }
    let decides = used_in == "compare" || !is_text && used_in != "limit" && kind == "number";
    decides.then(|| {
        let met = match (used_in, against.is_empty()) {
            (_, true) => String::new(),
            ("argument", _) => format!(" to {against}"),
            (_, false) => format!(" with {against}"),
        };
        let does = match used_in {
            "compare" => "compares",
            "argument" => "hands",
            "assign" => "assigns",
            "values" => "writes",
            _ => "computes with",
        };
        (LITERAL, format!("{does} the {kind} {literal}{met}"))
    })
}

/// Whether the literal is the whole of what a statement returns or selects.
fn answers_alone(node: &SyntaxNode) -> bool {
    node.parent().is_some_and(|parent| {
        matches!(
            parent.kind(),
            SyntaxKind::TARGET | SyntaxKind::RETURN_STMT | SyntaxKind::PLPGSQL_RETURN_STMT
        )
    })
}

fn bare(identity: &str) -> &str {
    let path = identity.split('(').next().unwrap_or(identity);
    path.rsplit('.').next().unwrap_or(path)
}
