//! Rejections, a table of the control plane at a time: what was changed, and what alone refused it.

use super::{absent, say};
use crate::compare::fingerprint;
use evidence::{AcceptedLine, Contents, RejectionLine};
use maud::{Markup, html};
use std::collections::BTreeMap;

pub(super) fn section(contents: &Contents) -> Markup {
    html! {
        h2 id="rejections" { "Rejections by surface" }
        @match &contents.exhibits {
            None => (absent()),
            Some(exhibits) => {
                (tables(&exhibits.rejections))
                (accepted(&exhibits.accepted))
            }
        }
    }
}

fn tables(lines: &[RejectionLine]) -> Markup {
    let mut by_table: BTreeMap<(u64, &str), Vec<&RejectionLine>> = BTreeMap::new();
    for line in lines {
        let number = line.surface_no.unwrap_or(u64::MAX);
        by_table.entry((number, &line.table)).or_default().push(line);
    }
    let mut phases: BTreeMap<&str, usize> = BTreeMap::new();
    for found in lines.iter().filter_map(|line| line.fingerprint.as_ref()) {
        *phases.entry(&found.phase).or_default() += 1;
    }
    let most = phases.values().copied().max().unwrap_or(1).max(1);
    let red: Vec<&RejectionLine> = lines.iter().filter(|line| !is_proven(line)).collect();
    html! {
        p {
            (lines.len()) " statements, each run three times: its twin is accepted, it is refused, and it is accepted "
            "once exactly the named cause is gone. Then nothing else refused it."
        }
        @if red.is_empty() {
            p.pass { b { "✓ Each was refused by its sole cause." } }
        } @else {
            p.fail { b { (red.len()) " are not proven:" } }
            (rows(&red))
        }
        h3 { "Where the server refuses" }
        div.meter {
            @for (phase, count) in &phases {
                div { (say(&phase.replace('_', " "))) }
                i { b style={ "width:" (count * 100 / most) "%" } {} }
                span.mono { (count) }
            }
        }
        h3 { "Table by table" }
        div.list { @for ((number, table), lines) in &by_table {
            @let proven = lines.iter().filter(|line| is_proven(line)).count();
            details {
                summary {
                    @if *number != u64::MAX { b { (format!("#{number:02} ")) } }
                    (say(table)) " "
                    span.soft { (proven) " of " (lines.len()) }
                }
                div.in { (rows(lines)) }
            }
        } }
    }
}

/// A suite of rejections alone would praise a constraint that refuses everything.
fn accepted(lines: &[AcceptedLine]) -> Markup {
    let refused: Vec<&AcceptedLine> = lines.iter().filter(|line| !line.accepted).collect();
    html! {
        h3 { "What must be accepted" }
        p { (lines.len()) " rows, one for each member, bound and disjunct of a CHECK, for NULL, and for each column of a key." }
        @if lines.is_empty() {
            p.soft { "None was tried." }
        } @else if refused.is_empty() {
            p.pass { b { "✓ Each was accepted." } }
        } @else {
            p.fail { b { (refused.len()) " were refused:" } }
            (rows_accepted(&refused))
        }
        @if !lines.is_empty() {
            details {
                summary { "Every row " span.soft { (lines.len()) } }
                div.in { (rows_accepted(&lines.iter().collect::<Vec<_>>())) }
            }
        }
    }
}

fn rows_accepted(lines: &[&AcceptedLine]) -> Markup {
    html! {
        div.scroll.tall { table.stack.accepted {
            thead { tr { th { "row" } th { "of" } th { "what rests on it" } th { "ended" } } }
            tbody { @for line in lines { tr {
                td { code { (say(&line.row)) } }
                td { (say(&line.table)) }
                td { @for (at, part) in line.shows.iter().enumerate() { @if at > 0 { br; } code { (say(part)) } } }
                td {
                    @if line.accepted { "accepted" } @else { b.fail { "REFUSED" } }
                    @if let Some(why) = &line.why { br; span.fail { (say(why)) } }
                }
            } } }
        } }
    }
}

fn is_proven(line: &RejectionLine) -> bool {
    line.twin_accepted && line.rejected && line.sole_cause && line.fingerprint.is_some()
}

fn rows(lines: &[&RejectionLine]) -> Markup {
    html! {
        div.scroll.tall { table.stack.rejected {
            thead { tr { th { "test" } th { "one change" } th { "refused with" } th { "sole cause" } } }
            tbody { @for line in lines { tr {
                td { code { (say(line.id.split_once('/').map_or(line.id.as_str(), |(_, rest)| rest))) } }
                td { (say(&line.mutation)) }
                td {
                    @match &line.fingerprint {
                        Some(found) => code { (say(&fingerprint(found))) },
                        None => b.fail { "ACCEPTED" },
                    }
                    @for reason in &line.reasons { br; span.fail { (say(reason)) } }
                }
                td { code { (say(&line.cause)) } @if !line.sole_cause { " " b.fail { "not alone" } } }
            } } }
        } }
    }
}
