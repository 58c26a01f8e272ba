//! The same for a terminal: a screenful, without colour, and nothing in it that a terminal obeys.

use crate::compare::{Comparison, Kind};
use crate::summary::{chain, findings, numbers};
use crate::text::short;
use evidence::{Contents, escaped};
use std::fmt::Write as _;

/// Most lines of one kind.
const SHOWN: usize = 20;

/// The report.
pub fn terminal(contents: &Contents, comparison: Option<&Comparison>) -> String {
    let mut text = String::new();
    let packet = &contents.packet;
    let _ = writeln!(text, "packet {}", escaped(&packet.tree_sha256));
    if let Some(comparison) = comparison {
        changes(&mut text, comparison);
    }
    for link in chain(contents) {
        let waits = if link.standing == "hold" && !link.waits_for.is_empty() {
            format!("waits for {}", link.waits_for.join(", "))
        } else {
            link.title.clone()
        };
        let _ = writeln!(
            text,
            "  {:<8}  {:<14}  {}",
            escaped(&link.id),
            escaped(&link.standing),
            escaped(&waits)
        );
    }
    for blocker in contents.exhibits.iter().flat_map(|exhibits| &exhibits.blockers) {
        let _ = writeln!(
            text,
            "  blocker   {}: {}",
            escaped(&blocker.id),
            escaped(&blocker.title)
        );
    }
    for number in numbers(contents) {
        let note = if number.note.is_empty() {
            String::new()
        } else {
            format!(", {}", number.note)
        };
        let _ = writeln!(
            text,
            "  {:<30}  {} of {}{note}",
            number.what, number.good, number.of
        );
    }
    for proof in &contents.rollback.proofs {
        let _ = writeln!(
            text,
            "  way back ({})  before {}, applied {}, after {}",
            escaped(&proof.id),
            short(&proof.before),
            short(&proof.after_apply),
            short(&proof.after_rollback)
        );
    }
    for finding in findings(contents).iter().take(SHOWN) {
        let _ = writeln!(
            text,
            "  {}: {}",
            escaped(&finding.code),
            escaped(&finding.message)
        );
    }
    let _ = writeln!(text, "{}", escaped(&packet.verdict.value).to_uppercase());
    text
}

fn changes(text: &mut String, comparison: &Comparison) {
    let _ = writeln!(
        text,
        "base   {} ({}), {} statements compared",
        escaped(&comparison.base_tree_sha256),
        escaped(&comparison.base_verdict),
        comparison.compared
    );
    if comparison.changes.is_empty() {
        text.push_str("  nothing is newly accepted, newly rejected, or rejected by another cause\n");
    }
    for kind in Kind::ALL {
        let changes: Vec<_> = comparison
            .changes
            .iter()
            .filter(|change| change.kind == kind)
            .collect();
        if changes.is_empty() {
            continue;
        }
        let _ = writeln!(text, "  {} ({})", kind.title().to_lowercase(), changes.len());
        for change in changes.iter().take(SHOWN) {
            let _ = writeln!(
                text,
                "    {}: {} -> {}",
                escaped(&change.subject),
                escaped(&change.base),
                escaped(&change.here)
            );
        }
        if changes.len() > SHOWN {
            let _ = writeln!(text, "    and {} more", changes.len() - SHOWN);
        }
    }
}
