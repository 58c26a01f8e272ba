//! Each entry point with the verifier that recomputes it, and each way around the cutover.
//!
//! The one fact to know: a way is three answers, shut, a way once opened, and seen while open; a row has one
//! column each, so that none of them hides behind the others.

use super::{absent, say, tone, word};
use crate::text::count;
use crate::ways::{Pairs, Way, pairs, span, ways};
use evidence::Contents;
use maud::{Markup, html};

pub(super) fn section(contents: &Contents) -> Markup {
    html! {
        h2 id="pairs" { "Pairs" }
        @match pairs(contents) {
            Some(pairs) if !pairs.of.is_empty() => (paired(&pairs)),
            _ => (absent()),
        }
        h2 id="ways" { "Ways around" }
        @match ways(contents) {
            Some(ways) if !ways.is_empty() => (around(&ways)),
            _ => (absent()),
        }
    }
}

fn paired(pairs: &Pairs) -> Markup {
    let met = pairs.gates.saturating_sub(pairs.unmet.len() as u64);
    html! {
        p {
            "What mutates authority goes through an entry point (Level-B), and a verifier (Level-A) recomputes its effect by other SQL. "
            span.soft { "Asked at " (say(&pairs.at)) ". An answer counts while it is younger than its limit; a rehearsal takes seconds, so what is stale here was never run." }
        }
        div.scroll { table.stack.paired {
            thead { tr { th { "entry point" } th { "its verifier" } th.n { "executed" } th.n { "fresh" } th.n { "verified" } th { "stale after" } } }
            tbody { @for pair in &pairs.of { tr {
                td { code { (say(&pair.entrypoint)) } }
                td { code { (say(&pair.verifier)) } }
                td.n { @if pair.executed == 0 { span.soft { "not called here" } } @else { (pair.executed) } }
                @if pair.executed == 0 { td.n { span.soft { "–" } } td.n { span.soft { "–" } } }
                @else {
                    td.n { (pair.fresh) }
                    td.n { span class=(tone(pair.verdict())) { (pair.verified) " " (mark(pair.verdict())) } }
                }
                td { @match pair.staleness_seconds_max {
                    Some(seconds) => (span(seconds)),
                    None => span.fail { "not scheduled" },
                } }
            } } }
        } }
        h3 { "Verifiers on schedule" }
        div.scroll { table.stack.scheduled {
            thead { tr { th { "verifier" } th { "newest run" } th { "stale after" } } }
            tbody { @for one in &pairs.schedule { tr {
                td { code { (say(&one.verifier)) } }
                td class=(tone(one.verdict())) { @match (&one.verdict, one.fresh) {
                    (None, _) => "none: nobody called its entry point",
                    (Some(verdict), true) => { (word(verdict)) ", fresh " (mark(one.verdict())) }
                    (Some(verdict), false) => { (word(verdict)) ", stale ✗" }
                } }
                td { (span(one.staleness_seconds_max)) }
            } } }
        } }
        p {
            "Readiness is " b { (say(&pairs.readiness)) } ": " (met) " of " (pairs.gates) " gates are met"
            @for (at, gate) in pairs.unmet.iter().enumerate() { (if at == 0 { ", not " } else { ", " }) code { (say(gate)) } }
            "; " (pairs.findings) " findings of the static analysis are on record."
        }
    }
}

fn around(ways: &[Way]) -> Markup {
    let mut kinds: Vec<(&str, Vec<&Way>)> = Vec::new();
    for way in ways {
        match kinds.iter_mut().find(|(vector, _)| *vector == way.vector) {
            Some((_, of)) => of.push(way),
            None => kinds.push((&way.vector, vec![way])),
        }
    }
    let open = ways.iter().filter(|way| !way.is_shut() || !way.seen).count();
    html! {
        p {
            (count(kinds.len(), "kind")) " of way around the cutover, " (ways.len()) " attempts in the state of its last step. "
            span.soft { "Each is refused; opened, the same statements reach their gain, so it is a way; and while it is open the named probe is red. What the server lets pass by its nature is noticed alone." }
        }
        @if open == 0 { p.pass { b { "✓ Each is shut or noticed, and each was seen." } } }
        @else { p.fail { b { "✗ " (open) " not as they should be." } } }
        div.scroll { table.stack.around {
            thead { tr { th { "way" } th { "attempt" } th { "shut" } th { "opened" } th { "seen by" } } }
            tbody { @for (vector, of) in &kinds { @for (at, way) in of.iter().enumerate() { tr {
                td { @if at == 0 { b { (say(&vector.replace('_', " "))) } } }
                td { (say(&way.id.replace('_', " "))) }
                td class=(if way.is_noticed() { "wait" } else { pass_or_fail(way.is_shut()) }) {
                    @if way.is_noticed() { "can't be" } @else { (say(&way.ended)) " " (mark(pass_or_fail(way.is_shut()))) }
                }
                td class=(pass_or_fail(way.is_shut())) {
                    @if way.is_noticed() { "has its effect " (mark("pass")) }
                    @else if way.is_shut() { "reaches its gain " (mark("pass")) }
                    @else { "not shown " (mark("fail")) }
                }
                td { span class=(pass_or_fail(way.seen)) { (mark(pass_or_fail(way.seen))) } " " code { (say(&way.guard)) } " " (say(&way.probe)) }
            } } } }
        } }
    }
}

fn pass_or_fail(holds: bool) -> &'static str {
    if holds { "pass" } else { "fail" }
}

fn mark(verdict: &str) -> &'static str {
    match verdict {
        "pass" => "✓",
        "fail" => "✗",
        _ => "·",
    }
}
