//! A summary for a pull request or a job: first what a reviewer must look at, then the numbers.
//!
//! The one fact to know: what is newly accepted comes before everything else, and names are code, so that no
//! name of an object can be a link, a mention or a tag.

use crate::compare::{Change, Comparison, Kind};
use crate::summary::{chain, findings, numbers, stop};
use crate::text::{code, count, short};
use crate::ways::pairs;
use evidence::Contents;
use std::fmt::Write as _;

/// Most lines that one list shows; GitHub cuts a comment at 65,536 characters.
const SHOWN: usize = 40;

/// The summary; with a comparison it says first what is different.
pub fn markdown(contents: &Contents, comparison: Option<&Comparison>) -> String {
    let mut text = String::new();
    let verdict = &contents.packet.verdict.value;
    let sign = match verdict.as_str() {
        "pass" => "✅",
        "fail" => "❌",
        _ => "⚠️",
    };
    let _ = writeln!(
        text,
        "## {sign} Migration rehearsal: {}\n",
        verdict.replace('_', " ")
    );
    match comparison {
        Some(comparison) => changes(&mut text, comparison),
        None => text.push_str("No base to compare with: nothing is said about what is new.\n"),
    }
    let findings = findings(contents);
    if !findings.is_empty() {
        let _ = writeln!(text, "\n### {}\n", count(findings.len(), "finding"));
        for finding in findings.iter().take(SHOWN) {
            let _ = writeln!(text, "- {}: {}", code(&finding.code), code(&finding.message));
        }
        more(&mut text, findings.len());
    }
    let links = chain(contents);
    text.push('\n');
    match stop(&links) {
        Some(stop) if stop.standing == "hold" => {
            let waits = stop
                .waits_for
                .iter()
                .map(|what| code(what))
                .collect::<Vec<_>>()
                .join(", ");
            let _ = writeln!(
                text,
                "The chain stops before {}, which waits for {waits}.",
                code(&stop.id)
            );
        }
        Some(stop) => {
            let _ = writeln!(
                text,
                "The chain stops at {}: {}.",
                code(&stop.id),
                code(&stop.standing)
            );
        }
        None => text.push_str("Every package passed.\n"),
    }
    let exhibits = contents.exhibits.as_ref();
    let blockers = exhibits.map_or(&[][..], |exhibits| &exhibits.blockers);
    if !blockers.is_empty() {
        let ids: Vec<String> = blockers.iter().map(|blocker| code(&blocker.id)).collect();
        let _ = writeln!(
            text,
            "Before production {} {}: {}.",
            if ids.len() == 1 { "stands" } else { "stand" },
            count(ids.len(), "blocker"),
            ids.join(", ")
        );
    }
    if let Some(pairs) = pairs(contents) {
        let unmet: Vec<String> = pairs.unmet.iter().map(|gate| code(gate)).collect();
        let _ = writeln!(
            text,
            "Readiness is {}: {} of {} gates are met{}{}.",
            code(&pairs.readiness),
            pairs.gates.saturating_sub(unmet.len() as u64),
            pairs.gates,
            if unmet.is_empty() { "" } else { ", not " },
            unmet.join(", ")
        );
    }
    text.push_str("\n| | good | of | |\n| --- | ---: | ---: | --- |\n");
    for number in numbers(contents) {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            number.what, number.good, number.of, number.note
        );
    }
    text.push_str(
        "\n| rollback | before | applied | after | transaction |\n| --- | --- | --- | --- | --- |\n",
    );
    for proof in &contents.rollback.proofs {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            code(&proof.id),
            code(&short(&proof.before)),
            code(&short(&proof.after_apply)),
            code(&short(&proof.after_rollback)),
            code(&proof.xid_status)
        );
    }
    let postgres = &contents.environment.postgres;
    let _ = writeln!(
        text,
        "\nPacket {}, on PostgreSQL {} ({}, believed).",
        code(&contents.packet.tree_sha256),
        code(&postgres.version),
        code(&postgres.provider)
    );
    text
}

fn changes(text: &mut String, comparison: &Comparison) {
    let of = |kind: Kind| -> Vec<&Change> {
        let changes = comparison.changes.iter();
        changes.filter(|change| change.kind == kind).collect()
    };
    let counted: Vec<String> = Kind::ALL
        .into_iter()
        .map(|kind| (kind, of(kind).len()))
        .filter(|(_, number)| *number > 0)
        .map(|(kind, number)| format!("**{number}** {}", kind.title().to_lowercase()))
        .collect();
    if counted.is_empty() {
        let _ = writeln!(
            text,
            "Nothing is newly accepted, newly rejected, or rejected by another cause than on the base: {} compared.",
            count(comparison.compared, "statement")
        );
    } else {
        let _ = writeln!(
            text,
            "Against the base ({}): {}; {} compared.",
            code(&comparison.base_verdict),
            counted.join(", "),
            count(comparison.compared, "statement")
        );
    }
    for kind in Kind::ALL {
        let changes = of(kind);
        if changes.is_empty() {
            continue;
        }
        let sign = if kind.is_loosening() { "🔴 " } else { "" };
        let _ = writeln!(
            text,
            "\n### {sign}{} ({})\n\n| what | change | base | here |\n| --- | --- | --- | --- |",
            kind.title(),
            changes.len()
        );
        for change in changes.iter().take(SHOWN) {
            let what = if change.what.is_empty() {
                String::new()
            } else {
                code(&change.what)
            };
            let _ = writeln!(
                text,
                "| {} | {what} | {} | {} |",
                code(&change.subject),
                code(&change.base),
                code(&change.here)
            );
        }
        more(text, changes.len());
    }
    if !comparison.files.is_empty() {
        let _ = writeln!(
            text,
            "\n<details><summary>{} with other bytes than on the base</summary>\n",
            count(comparison.files.len(), "rehearsed file")
        );
        for path in comparison.files.iter().take(SHOWN) {
            let _ = writeln!(text, "- {}", code(path));
        }
        more(text, comparison.files.len());
        text.push_str("\n</details>\n");
    }
}

fn more(text: &mut String, all: usize) {
    if all > SHOWN {
        let _ = writeln!(text, "\nand {} more", all - SHOWN);
    }
}
